//! Batches as SDKs send them: each of one service, with spans of many traces.
//!
//! Some thousand traces are made once; each *round* sends the same batches with other identifiers, other users and later
//! moments, so that millions of spans, all different, need neither gigabytes nor time to make them while one measures.

use super::journeys::SERVICES;
use super::random::{Random, scramble};
use super::trace::{Change, Patch, trace};
use super::wire::{Value, put_attribute, put_bytes, put_number, put_varint};

/// Spans of a round.
const SPANS_OF_A_ROUND: usize = 100_000;
/// What the root of one trace has, and nothing else, is this and eight zeros: looked for by `questions`. Rounds differ in the
/// digits.
pub(crate) const RARE_VALUE: &str = "leave-it-at-the-blue-door-";

/// Batches of one round, ready to be changed for another.
#[derive(Debug)]
pub(crate) struct Batches {
    batches: Vec<Batch>,
    traces: Vec<[u64; 2]>,
    spans: usize,
    attributes: usize,
    /// The length of a round in time.
    round_ns: u64,
}

#[derive(Debug)]
struct Batch {
    bytes: Vec<u8>,
    patches: Vec<Patch>,
    spans: usize,
}

impl Batches {
    /// Rounds of `total` spans spread from `from_ns` over `length_ns`, in batches of at most `batch` spans.
    pub(crate) fn new(total: u64, batch: usize, from_ns: u64, length_ns: u64, seed: u64) -> Self {
        let wanted = usize::try_from(total).unwrap_or(usize::MAX).min(SPANS_OF_A_ROUND);
        let round_ns = (length_ns as f64 * wanted as f64 / total as f64) as u64;
        let mut made = Self { batches: Vec::new(), traces: Vec::new(), spans: 0, attributes: 0, round_ns };
        let mut random = Random::new(seed);
        let mut open: Vec<Vec<super::trace::Span>> = SERVICES.iter().map(|_| Vec::new()).collect();
        let mut at_ns = 0.0;
        while made.spans < wanted {
            let ids = [random.next(), random.next()];
            let note = made.traces.is_empty().then_some(RARE_VALUE);
            let spans = trace(ids, from_ns + at_ns as u64, note, &mut random);
            // Nineteen spans a trace, more or less.
            at_ns = (at_ns + random.exponential(round_ns as f64 * 19.0 / wanted as f64)).min(round_ns as f64 * 0.99);
            made.traces.push(ids);
            for span in spans {
                made.spans += 1;
                made.attributes += span.attributes;
                let of_service = &mut open[span.service];
                of_service.push(span);
                if of_service.len() == batch {
                    let full = std::mem::take(of_service);
                    made.batches.push(Batch::new(&full));
                }
            }
        }
        made.batches.extend(open.iter().filter(|rest| !rest.is_empty()).map(|rest| Batch::new(rest)));
        made
    }

    /// Batches of a round.
    pub(crate) fn len(&self) -> usize {
        self.batches.len()
    }

    /// Spans of the batch of this number, counted through all rounds.
    pub(crate) fn spans(&self, number: usize) -> usize {
        self.batches[number % self.batches.len()].spans
    }

    /// Batches that have `spans` spans, or a few more.
    pub(crate) fn numbers_of(&self, spans: u64) -> usize {
        let rounds = usize::try_from(spans / self.spans as u64).unwrap_or(0);
        let mut left = (spans % self.spans as u64) as usize;
        let rest = self.batches.iter().take_while(|batch| {
            let is_wanted = left > 0;
            left = left.saturating_sub(batch.spans);
            is_wanted
        });
        rounds * self.batches.len() + rest.count()
    }

    /// Spans of the batches from `first` up to `end`.
    pub(crate) fn spans_of(&self, numbers: std::ops::Range<usize>) -> u64 {
        numbers.map(|number| self.spans(number) as u64).sum()
    }

    /// Mean bytes and attributes of a span.
    pub(crate) fn means(&self) -> (f64, f64) {
        let bytes: usize = self.batches.iter().map(|batch| batch.bytes.len()).sum();
        (bytes as f64 / self.spans as f64, self.attributes as f64 / self.spans as f64)
    }

    /// Identifiers of some traces of a round, all different.
    pub(crate) fn trace_ids(&self, round: u64, count: usize) -> Vec<String> {
        let step = (self.traces.len() / count.max(1)).max(1);
        let key = scramble(round);
        self.traces
            .iter()
            .step_by(step)
            .take(count)
            .map(|[high, low]| format!("{:016x}{low:016x}", high ^ key))
            .collect()
    }

    /// The batch of this number, counted through all rounds, at the end of `out`.
    pub(crate) fn write(&self, number: usize, out: &mut Vec<u8>) {
        let batch = &self.batches[number % self.batches.len()];
        let round = (number / self.batches.len()) as u64;
        let key = scramble(round);
        let start = out.len();
        out.extend_from_slice(&batch.bytes);
        let bytes = &mut out[start..];
        for patch in &batch.patches {
            let place: &mut [u8; 8] =
                bytes[patch.at as usize..].first_chunk_mut().expect("a patch is inside of its batch");
            match patch.change {
                Change::Identifier => *place = (u64::from_be_bytes(*place) ^ key).to_be_bytes(),
                Change::Moment => *place = (u64::from_le_bytes(*place) + round * self.round_ns).to_le_bytes(),
                Change::Hex(number) => *place = hex(number ^ key as u32),
            }
        }
    }
}

fn hex(number: u32) -> [u8; 8] {
    std::array::from_fn(|place| b"0123456789abcdef"[(number >> (28 - 4 * place) & 15) as usize])
}

impl Batch {
    fn new(spans: &[super::trace::Span]) -> Self {
        let service = SERVICES[spans[0].service];
        let mut resource = Vec::new();
        for (key, value) in [
            ("service.name", service),
            ("service.version", "2.14.1"),
            ("service.instance.id", "8f1c2d4e-77aa-4b0e-9c31-5d2f6a7b8c9d"),
            ("deployment.environment.name", "production"),
            ("telemetry.sdk.language", "rust"),
        ] {
            put_attribute(&mut resource, 1, key, &Value::Text(value.to_owned()));
        }
        let mut scope = Vec::new();
        put_bytes(&mut scope, 1, b"shop");
        put_bytes(&mut scope, 2, b"2.14.1");

        let mut scope_spans = Vec::new();
        put_bytes(&mut scope_spans, 1, &scope);
        let mut patches = Vec::new();
        for span in spans {
            put_bytes(&mut scope_spans, 2, &span.bytes);
            let at = scope_spans.len() - span.bytes.len();
            patches.extend(span.patches.iter().map(|patch| Patch { at: patch.at + at as u32, ..*patch }));
        }
        let mut resource_spans = Vec::new();
        put_bytes(&mut resource_spans, 1, &resource);
        put_bytes(&mut resource_spans, 2, &scope_spans);
        let mut bytes = Vec::new();
        put_bytes(&mut bytes, 1, &resource_spans);
        let shift = (bytes.len() - scope_spans.len()) as u32;
        patches.iter_mut().for_each(|patch| patch.at += shift);
        Self { bytes, patches, spans: spans.len() }
    }
}

/// A message of one span that ended just now.
pub(crate) fn single(trace: u128, end_ns: u64) -> Vec<u8> {
    let mut span = Vec::new();
    put_bytes(&mut span, 1, &trace.to_be_bytes());
    put_bytes(&mut span, 2, &1u64.to_be_bytes());
    put_bytes(&mut span, 5, b"marked");
    put_number(&mut span, 6, 2);
    for (field, at_ns) in [(7u64, end_ns - 1_000_000), (8, end_ns)] {
        put_varint(&mut span, field << 3 | 1);
        span.extend_from_slice(&at_ns.to_le_bytes());
    }
    let made = super::trace::Span { service: 0, bytes: span, patches: Vec::new(), attributes: 0 };
    Batch::new(&[made]).bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(batches: &Batches, number: usize) -> Vec<u8> {
        let mut out = Vec::new();
        batches.write(number, &mut out);
        out
    }

    #[test]
    fn spans_are_as_large_as_those_of_the_measurements_before() {
        let batches = Batches::new(100_000, 512, 1_000_000_000, 3600 * 1_000_000_000, 7);
        let (bytes, attributes) = batches.means();
        assert!((470.0..500.0).contains(&bytes), "{bytes} bytes a span");
        assert!((11.8..12.6).contains(&attributes), "{attributes} attributes a span");
        let a_trace = batches.spans as f64 / batches.traces.len() as f64;
        assert!((19.0..21.0).contains(&a_trace), "{a_trace} spans a trace");
    }

    #[test]
    fn rounds_differ_in_what_they_should_and_in_nothing_else() {
        let batches = Batches::new(1_000_000, 512, 1_000_000_000, 3600 * 1_000_000_000, 7);
        let (first, again, later) = (message(&batches, 0), message(&batches, 0), message(&batches, batches.len()));
        assert_eq!(first, again);
        assert_eq!(first.len(), later.len());
        let changed = first.iter().zip(&later).filter(|(one, other)| one != other).count();
        let places = batches.batches[0].patches.len();
        assert!(changed > places && changed <= places * 8, "{changed} bytes, {places} places");
        let [high, low] = batches.traces[1];
        let ids = batches.trace_ids(0, batches.traces.len());
        assert_eq!(ids[1], format!("{high:016x}{low:016x}"));
        assert_ne!(batches.trace_ids(1, 5)[1], batches.trace_ids(0, 5)[1]);
    }

    #[test]
    fn as_many_batches_are_taken_as_spans_are_wanted() {
        let batches = Batches::new(1_000_000, 512, 1_000_000_000, 3600 * 1_000_000_000, 7);
        for wanted in [1, 5_000, 250_000] {
            let numbers = batches.numbers_of(wanted);
            let spans = batches.spans_of(0..numbers);
            assert!((wanted..wanted + 512).contains(&spans), "{wanted}: {spans}");
        }
    }
}
