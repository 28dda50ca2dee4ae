//! Where the values of a journey's slots come from.

use std::fmt::Write as _;

use indexmap::IndexMap;
use scenario::{Arrival, DataDraw, DataSource};

use super::values::{Kind, Values};

/// Fills one slot.
#[derive(Debug, Clone)]
enum Source {
    User,
    Product,
    Index,
    /// The visit's own name, with this before it.
    Session(Box<str>),
    /// Whole numbers as they are: values of that kind in JSON too.
    Number(DataDraw),
    /// Anything else that the test has values for, also texts of digits only.
    Text(DataDraw),
    /// An earlier step's answer: empty until then.
    Extracted,
}

/// The slots of one journey of one stream, by number. The first three are always there.
#[derive(Debug, Clone)]
pub(crate) struct Sources<'a> {
    seed: u64,
    /// What all visits of the stream have before their index: unique for the run.
    session: String,
    stream: &'a str,
    data: &'a IndexMap<String, DataSource>,
    names: Vec<String>,
    sources: Vec<Source>,
}

/// Value number of `session_id`.
pub(crate) const SESSION: usize = 0;
/// Value number of `user_id`.
pub(crate) const USER: usize = 1;
/// Value number of `arrival_index`.
pub(crate) const INDEX: usize = 2;

/// A slot that nothing fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnknownSlot(pub(crate) String);

impl<'a> Sources<'a> {
    /// Of stream number `position`, named `stream`, in a run that began at `start_ms` (Unix milliseconds).
    ///
    /// Names are derived from the run's start, the seed and the arrival: every worker and every machine gives the same visitor
    /// the same names, and a second run with the same seed does not meet the carts and orders of the first.
    pub(crate) fn new(
        seed: u64,
        start_ms: u64,
        position: usize,
        stream: &'a str,
        data: &'a IndexMap<String, DataSource>,
    ) -> Self {
        let session = format!("{start_ms:x}-{position}-");
        let first = [
            ("session_id", Source::Session(session.as_str().into())),
            ("user_id", Source::User),
            ("arrival_index", Source::Index),
        ];
        let (names, sources) = first.into_iter().map(|(name, source)| (name.to_owned(), source)).unzip();
        Self { seed, session, stream, data, names, sources }
    }

    /// The number of the slot called `name`.
    pub(crate) fn number(&mut self, name: &str) -> Result<usize, UnknownSlot> {
        if let Some(number) = self.names.iter().position(|known| known == name) {
            return Ok(number);
        }
        let named = |before: String| Source::Session(before.into());
        let source = match name {
            "product_id" => Source::Product,
            "cart_id" => named(format!("cart-{}", self.session)),
            "idempotency_key" => named(format!("{:x}-{}", self.seed, self.session)),
            _ => match self.data.get(name) {
                Some(data) => {
                    let draw = DataDraw::new(data, self.seed, self.stream, name);
                    let is_number = matches!(data, DataSource::Numbers { prefix, digits: 0, .. } if prefix.is_empty());
                    if is_number { Source::Number(draw) } else { Source::Text(draw) }
                }
                None => return Err(UnknownSlot(name.to_owned())),
            },
        };
        Ok(self.add(name, source))
    }

    /// The number of the slot called `name`, which a step fills from its answer; made if it is not there.
    pub(crate) fn extracted(&mut self, name: &str) -> usize {
        let known = self.names.iter().position(|known| known == name);
        known.unwrap_or_else(|| self.add(name, Source::Extracted))
    }

    fn add(&mut self, name: &str, source: Source) -> usize {
        self.names.push(name.to_owned());
        self.sources.push(source);
        self.sources.len() - 1
    }

    pub(crate) fn finish(self) -> Filler {
        Filler(self.sources)
    }
}

/// Fills all slots of a journey that are known when its visit begins.
#[derive(Debug, Clone)]
pub(crate) struct Filler(Vec<Source>);

impl Filler {
    /// The values of `arrival`'s visit.
    pub(crate) fn fill(&self, arrival: &Arrival, values: &mut Values) {
        values.clear(self.0.len());
        let mut digits = itoa::Buffer::new();
        for (number, source) in self.0.iter().enumerate() {
            match source {
                Source::User => values.set(number, Kind::Plain, |out| {
                    // Writing to a string can't fail.
                    let _ = write!(out, "user-{:04}", arrival.user);
                }),
                Source::Product => values.set(number, Kind::Plain, |out| {
                    out.push_str("prod-");
                    out.push_str(digits.format(arrival.product));
                }),
                Source::Index => values.set(number, Kind::Bare, |out| out.push_str(digits.format(arrival.index))),
                Source::Session(before) => values.set(number, Kind::Plain, |out| {
                    out.push_str(before);
                    out.push_str(digits.format(arrival.index));
                }),
                Source::Number(draw) => values.set(number, Kind::Bare, |out| draw.write(arrival.index, out)),
                Source::Text(draw) => values.set_text(number, |out| draw.write(arrival.index, out)),
                Source::Extracted => {}
            }
        }
    }
}

/// Who a visit is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visitor<'v> {
    pub(crate) session: &'v str,
    pub(crate) user: &'v str,
}

impl<'v> Visitor<'v> {
    /// Of a visit's values.
    pub(crate) fn of(values: &'v Values) -> Self {
        Self { session: values.get(SESSION).0, user: values.get(USER).0 }
    }
}
