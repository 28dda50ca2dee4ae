//! Values and pauses drawn for a visit: pure functions of seed, stream and arrival.
//!
//! The key is made once, a draw costs a few nanoseconds and allocates nothing, and no draw needs the ones before it.

use std::time::Duration;

use super::{DataSource, ThinkTime};
use crate::schedule::Random;

/// A slot that every test has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltInSlot {
    /// As it stands in `${name}`.
    pub name: &'static str,
    /// What its values are.
    pub about: &'static str,
}

/// The slots that every test has without declaring them; `data` and `extract` may not reuse the names.
pub const BUILT_IN_SLOTS: [BuiltInSlot; 6] = [
    BuiltInSlot { name: "user_id", about: "user-0000 to user-9999, drawn for the visit" },
    BuiltInSlot { name: "product_id", about: "prod-1 to prod-500000, drawn for the visit" },
    BuiltInSlot { name: "session_id", about: "unique for each visit of all runs; letters, digits and dashes" },
    BuiltInSlot { name: "cart_id", about: "cart-SESSION" },
    BuiltInSlot {
        name: "idempotency_key",
        about: "unique for each visit of all runs and seeds, the same for each try",
    },
    BuiltInSlot { name: "arrival_index", about: "the visit's position in its stream, from 0" },
];

/// Draws the values of one `data` slot in one stream.
#[derive(Debug, Clone)]
pub struct DataDraw {
    random: Random,
    source: Source,
}

/// A [`DataSource`] with what a draw needs.
#[derive(Debug, Clone)]
enum Source {
    Numbers { from: u64, count: u128, prefix: Box<str>, digits: usize },
    OneOf(Box<[Box<str>]>),
}

impl DataDraw {
    /// Values of `slot` in `stream` under `seed`; each slot and each stream has its own.
    ///
    /// A source with nothing in it (no texts, or `to` below `from`) writes nothing, or `from`: parsing refuses both.
    pub fn new(source: &DataSource, seed: u64, stream: &str, slot: &str) -> Self {
        let source = match source {
            DataSource::Numbers { from, to, prefix, digits } => Source::Numbers {
                from: *from,
                count: u128::from(to.saturating_sub(*from)) + 1,
                prefix: prefix.as_str().into(),
                digits: *digits,
            },
            DataSource::OneOf { one_of } => Source::OneOf(one_of.iter().map(|text| text.as_str().into()).collect()),
        };
        // No stream or slot has a zero byte in its name, so no two of them share numbers.
        Self { random: Random::new(seed, &format!("{stream}\0data\0{slot}")), source }
    }

    /// Appends the value of arrival `index` to `out`.
    pub fn write(&self, index: u64, out: &mut String) {
        let drawn = self.random.at(index);
        match &self.source {
            Source::Numbers { from, count, prefix, digits } => {
                out.push_str(prefix);
                // The greatest number times `count` fits: (2^64 - 1) * 2^64 is below 2^128.
                push_number(from + ((u128::from(drawn) * count) >> 64) as u64, *digits, out);
            }
            Source::OneOf(texts) => {
                let position = (u128::from(drawn) * texts.len() as u128) >> 64;
                out.push_str(texts.get(position as usize).map_or("", |text| text));
            }
        }
    }
}

/// Appends `number` in decimal with leading zeros up to `digits`: `format!` would take three times as long.
fn push_number(mut number: u64, digits: usize, out: &mut String) {
    let mut written = [b'0'; 20];
    let mut begin = written.len();
    while number > 0 || begin == written.len() {
        begin -= 1;
        written[begin] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    for _ in written.len() - begin..digits {
        out.push('0');
    }
    out.push_str(std::str::from_utf8(&written[begin..]).unwrap_or_default());
}

/// Draws the think times of one stream's visits.
#[derive(Debug, Clone, Copy)]
pub struct ThinkDraw {
    random: Random,
}

/// Steps of a journey that can have think times of their own; a power of two, and the most that a journey may have.
pub(crate) const MOST_STEPS: usize = 64;

impl ThinkDraw {
    /// Think times in `stream` under `seed`.
    pub fn new(seed: u64, stream: &str) -> Self {
        Self { random: Random::new(seed, &format!("{stream}\0think")) }
    }

    /// How long arrival `index` thinks before the step at `position` (from 0) of its journey, evenly from the least to the
    /// most of `think`.
    pub fn pause(&self, think: ThinkTime, index: u64, position: usize) -> Duration {
        let ThinkTime { least_ms, most_ms } = think;
        let spread = most_ms - least_ms;
        let ms = if spread > 0.0 {
            let counter = index.wrapping_mul(MOST_STEPS as u64).wrapping_add(position as u64);
            least_ms + spread * self.random.unit(counter)
        } else {
            least_ms
        };
        Duration::from_nanos((ms * 1e6) as u64)
    }
}

/// Draws which requests of one stream are changed on their way out, and how.
#[derive(Debug, Clone, Copy)]
pub struct TamperingDraw {
    random: Random,
}

/// One request of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestPlace {
    /// The arrival's position in its stream.
    pub index: u64,
    /// The step's position in its journey, below 64.
    pub step: usize,
    /// How often it was sent before, below 16.
    pub retries: u32,
}

/// Sends of one step that have draws of their own; a power of two, over the most retries and the first.
const MOST_SENDS: u64 = 16;
/// Numbers that one request draws; a power of two: whether it is changed, by which way, by how much.
const TAMPERING_DRAWS: u64 = 4;

impl TamperingDraw {
    /// Changes in `stream` under `seed`.
    pub fn new(seed: u64, stream: &str) -> Self {
        Self { random: Random::new(seed, &format!("{stream}\0tampering")) }
    }

    /// What `request` draws: whether it is one of a share, which way it is changed, and by how much, each uniform in (0, 1].
    pub fn draw(&self, request: RequestPlace) -> [f64; 3] {
        let send = request.index.wrapping_mul(MOST_STEPS as u64).wrapping_add(request.step as u64);
        let send = send.wrapping_mul(MOST_SENDS).wrapping_add(u64::from(request.retries));
        [0, 1, 2].map(|n| self.random.unit(send.wrapping_mul(TAMPERING_DRAWS).wrapping_add(n)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn numbers(from: u64, to: u64, digits: usize) -> DataSource {
        DataSource::Numbers { from, to, prefix: "c-".to_owned(), digits }
    }

    fn drawn(draw: &DataDraw, count: u64) -> Vec<String> {
        let write = |index| {
            let mut out = String::new();
            draw.write(index, &mut out);
            out
        };
        (0..count).map(write).collect()
    }

    #[test]
    fn numbers_have_their_prefix_and_leading_zeros() {
        let table = [
            (numbers(7, 7, 0), "c-7"),
            (numbers(7, 7, 4), "c-0007"),
            (numbers(0, 0, 0), "c-0"),
            (numbers(0, 0, 3), "c-000"),
            (numbers(12345, 12345, 2), "c-12345"),
            (numbers(u64::MAX, u64::MAX, 22), "c-0018446744073709551615"),
        ];
        for (source, expected) in table {
            assert_eq!(drawn(&DataDraw::new(&source, 1, "s", "x"), 1), [expected]);
        }
    }

    #[test]
    fn every_value_is_as_likely_as_the_others() {
        let texts = DataSource::OneOf { one_of: ["a", "b", "c"].map(str::to_owned).to_vec() };
        for source in [texts, numbers(1, 3, 0)] {
            let mut counts = BTreeMap::<String, f64>::new();
            for value in drawn(&DataDraw::new(&source, 1, "s", "x"), 30_000) {
                *counts.entry(value).or_default() += 1.0;
            }
            assert_eq!(counts.len(), 3);
            assert!(counts.values().all(|count| (count - 10_000.0).abs() < 400.0), "{counts:?}");
        }
    }

    #[test]
    fn the_whole_range_of_numbers_can_be_drawn_from() {
        let values = drawn(&DataDraw::new(&numbers(0, u64::MAX, 20), 1, "s", "x"), 100);
        assert!(values.iter().any(|v| v.starts_with("c-1")) && values.iter().any(|v| v.starts_with("c-0")));
    }

    #[test]
    fn seed_stream_and_slot_each_change_the_values_and_nothing_else_does() {
        let source = numbers(0, 1_000_000_000, 0);
        let of = |seed, stream, slot| drawn(&DataDraw::new(&source, seed, stream, slot), 10);
        assert_eq!(of(1, "s", "x"), of(1, "s", "x"));
        for other in [of(2, "s", "x"), of(1, "t", "x"), of(1, "s", "y")] {
            assert!(of(1, "s", "x").iter().zip(&other).all(|(a, b)| a != b));
        }
        let mut late = String::new();
        DataDraw::new(&source, 1, "s", "x").write(9, &mut late);
        assert_eq!(late, of(1, "s", "x")[9], "no draw needs the ones before it");
    }

    #[test]
    fn think_times_lie_evenly_between_their_bounds() {
        let draw = ThinkDraw::new(1, "s");
        let think = ThinkTime { least_ms: 500.0, most_ms: 1500.0 };
        let pauses: Vec<f64> = (0..20_000).map(|index| draw.pause(think, index, 2).as_secs_f64() * 1000.0).collect();
        assert!(pauses.iter().all(|ms| (500.0..=1500.0).contains(ms)));
        let mean = pauses.iter().sum::<f64>() / pauses.len() as f64;
        assert!((mean - 1000.0).abs() < 10.0, "{mean}");
        assert_ne!(draw.pause(think, 0, 0), draw.pause(think, 0, 1));
        let exactly = ThinkTime { least_ms: 250.0, most_ms: 250.0 };
        assert_eq!(draw.pause(exactly, 5, 5), Duration::from_millis(250));
        assert_eq!(draw.pause(ThinkTime::default(), 5, 5), Duration::ZERO);
    }

    #[test]
    fn every_request_draws_numbers_of_its_own_and_the_same_ones_again() {
        let draw = TamperingDraw::new(1, "s");
        let place = RequestPlace { index: 7, step: 1, retries: 2 };
        assert_eq!(draw.draw(place), TamperingDraw::new(1, "s").draw(place));
        let others = [
            TamperingDraw::new(2, "s").draw(place),
            TamperingDraw::new(1, "t").draw(place),
            draw.draw(RequestPlace { index: 8, ..place }),
            draw.draw(RequestPlace { step: 2, ..place }),
            draw.draw(RequestPlace { retries: 3, ..place }),
        ];
        for other in others {
            assert!(other.iter().all(|number| !draw.draw(place).contains(number)), "{other:?}");
        }
        let first = |index| draw.draw(RequestPlace { index, step: 0, retries: 0 })[0];
        let chosen = (0..20_000).filter(|index| first(*index) <= 0.3).count();
        assert!((5_700..=6_300).contains(&chosen), "three in ten: {chosen}");
    }
}
