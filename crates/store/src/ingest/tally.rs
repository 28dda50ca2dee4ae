//! What aggregates want of a span: noted while its attributes are packed, counted once its row is written.

use detect::{SpanKind, SpanStatus};

use crate::aggregates::{MOST_NUMBERS, Seconds, SeriesKey, SeriesTable, SpanSample};
use crate::ingest::{CountedKeys, Counts};
use crate::llm::{LlmCells, LlmSample, LlmSpan};
use crate::pack::{Attributes, Packed};
use crate::spans::SpanChunk;
use crate::symbols::{Symbol, Texts};
use crate::tables::{Admitted, Tables};
use crate::well_known as known;
use crate::wire::Malformed;

/// What aggregates want of a span's attributes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Measured {
    system: Symbol,
    statement: Symbol,
    index_used: Symbol,
    rows_scanned: Option<u64>,
    flags: u8,
    /// `http.response.status_code`, or its older name; 0 without.
    http_status: u16,
    /// Whether the attributes are worth another look for numbers to add up: few spans have any.
    has_numbers: bool,
    /// Whether it may be about a language model: see `llm`.
    is_llm: bool,
}

/// What aggregates are made of.
pub(crate) struct Tally<'a> {
    pub(crate) series: &'a mut SeriesTable,
    pub(crate) seconds: &'a mut Seconds,
    pub(crate) counts: &'a mut Counts,
    pub(crate) counted: &'a CountedKeys,
    pub(crate) llm: &'a mut LlmCells,
    pub(crate) texts: Texts,
}

impl Tally<'_> {
    /// Bytes that all of it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.seconds.bytes() + self.llm.bytes()
    }

    /// Counts a span.
    #[inline]
    pub(crate) fn span(&mut self, chunk: &SpanChunk, place: usize, measured: Measured, now_s: u64) {
        let key = SeriesKey {
            service: chunk.service[place],
            operation: chunk.name[place],
            traffic_type: chunk.traffic_type[place],
            system: measured.system,
            statement: measured.statement,
            index_used: measured.index_used,
            kind: chunk.kind(place),
            status: chunk.status(place),
        };
        let (series, is_overflow) = self.series.admit(key);
        self.counts.spans_in_overflow += u64::from(is_overflow);
        let sample = SpanSample {
            duration_ns: chunk.duration_ns[place],
            flags: measured.flags,
            rows_scanned: measured.rows_scanned,
            http_status: measured.http_status,
            numbers: None,
        };
        let is_in_time = if measured.has_numbers {
            let numbers = self.numbers(chunk.attributes(place));
            self.seconds.record(series, chunk.end_ns(place), SpanSample { numbers: Some(&numbers), ..sample }, now_s)
        } else {
            self.seconds.record(series, chunk.end_ns(place), sample, now_s)
        };
        self.counts.spans_out_of_time += u64::from(!is_in_time);
        if measured.is_llm {
            self.llm(chunk, place, measured.http_status, now_s);
        }
    }

    /// Counts a span that may be about a language model.
    #[cold]
    fn llm(&mut self, chunk: &SpanChunk, place: usize, http_status: u16, now_s: u64) {
        let span = LlmSpan {
            service: chunk.service[place],
            traffic_type: chunk.traffic_type[place],
            is_server: chunk.kind(place) == SpanKind::Server,
            is_error: chunk.status(place) == SpanStatus::Error,
            http_status,
            duration_ns: chunk.duration_ns[place],
        };
        if let Some(sample) = LlmSample::of(&span, chunk.attributes(place), &self.texts) {
            self.llm.record(&sample, chunk.end_ns(place), now_s);
        }
    }

    /// The values of the numbers that are added up.
    #[cold]
    fn numbers(&self, attributes: Attributes<'_>) -> [Option<f64>; MOST_NUMBERS] {
        let mut values = [None; MOST_NUMBERS];
        for (value, key) in values.iter_mut().zip(&self.counted.numbers) {
            *value = attributes.get(*key).and_then(Packed::number);
        }
        values
    }
}

impl Measured {
    /// What aggregates want of attributes that were packed before.
    pub(crate) fn of(
        attributes: Attributes<'_>,
        counted: &CountedKeys,
        tables: &mut Tables,
    ) -> Result<Self, Malformed> {
        let mut measured = Self::default();
        for (key, value) in attributes.iter() {
            measured.note(Admitted { key, value }, counted, tables)?;
        }
        Ok(measured)
    }

    /// Keeps what aggregates want of an attribute: of most, nothing.
    #[inline(always)]
    pub(super) fn note(
        &mut self,
        admitted: Admitted<'_>,
        counted: &CountedKeys,
        tables: &mut Tables,
    ) -> Result<(), Malformed> {
        let Admitted { key, value } = admitted;
        match value {
            Packed::Bool(true) => {
                let bit = counted.flags.iter().position(|flag| *flag == key);
                self.flags |= bit.map_or(0, |bit| 1 << bit);
            }
            Packed::Whole(_) | Packed::Number(_) if !counted.numbers.is_empty() => {
                self.has_numbers |= counted.numbers.contains(&key);
            }
            _ => {}
        }
        if key > known::LAST { Ok(()) } else { self.note_known(admitted, tables) }
    }

    /// The same of a key that means something to the store.
    fn note_known(&mut self, Admitted { key, value }: Admitted<'_>, tables: &mut Tables) -> Result<(), Malformed> {
        match key {
            known::DB_SYSTEM_NAME => self.system = tables.name_of(value)?,
            known::DB_SYSTEM if self.system == Symbol::NONE => self.system = tables.name_of(value)?,
            known::DB_QUERY_TEXT => self.statement = shared(value),
            known::DB_STATEMENT if self.statement == Symbol::NONE => self.statement = shared(value),
            known::DB_INDEX_USED => self.index_used = shared(value),
            known::DB_ROWS_SCANNED => {
                self.rows_scanned = match value {
                    Packed::Whole(rows) => u64::try_from(rows).ok(),
                    Packed::Number(rows) => Some(rows as u64),
                    _ => None,
                };
            }
            known::HTTP_RESPONSE_STATUS_CODE => self.http_status = http_status(value),
            known::LLM_ENDPOINT | known::GEN_AI_OPERATION_NAME => self.is_llm = true,
            known::HTTP_STATUS_CODE if self.http_status == 0 => self.http_status = http_status(value),
            _ => {}
        }
        Ok(())
    }
}

/// A status of HTTP; 0 if it is none.
fn http_status(value: Packed<'_>) -> u16 {
    match value {
        Packed::Whole(status @ 100..1000) => status as u16,
        Packed::Number(status) if (100.0..1000.0).contains(&status) => status as u16,
        _ => 0,
    }
}

/// Statements and indexes that have no number are too many to be told apart.
fn shared(value: Packed<'_>) -> Symbol {
    if let Packed::Shared(symbol) = value { symbol } else { Symbol::NONE }
}
