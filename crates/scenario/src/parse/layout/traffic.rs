//! Streams, as every file has them.

use super::super::keys::{TOKENS, WORDS};
use super::super::shape::{Bounds, Field, LONGEST_LIST, Shape, bounds, one_of, optional, required};

/// Ten minutes, in milliseconds.
pub(super) const MILLISECONDS: Bounds = bounds(0.0, 600_000.0);
pub(super) const SHARE: Bounds = bounds(0.0, 1.0);
/// A prediction has a row for each stream in each minute: 23,040 of them in a day.
pub(super) const MOST_STREAMS: usize = 16;
/// Weights are relative: this is only to keep their sum finite.
const WEIGHT: Bounds = bounds(0.0, 1e6);
/// As many as a browser sends, and some.
const MOST_HEADERS: usize = 64;
/// W3C Baggage promises 64 entries and 8192 bytes; what the engine adds has to fit too.
const MOST_BAGGAGE: usize = 16;

pub(super) const STREAM_NAME: Field =
    required("name", Shape::Word, "Identifier of the stream, carried as traffic.type in W3C baggage.");

pub(super) const fn per_minute(rate: Bounds) -> Field {
    one_of(
        "arrivals_per_minute",
        Shape::Curve(rate),
        "Arrivals per real minute over minutes: speed never changes rates. 0 before the first point.",
    )
}

pub(super) const fn per_second(rate: Bounds) -> Field {
    one_of(
        "arrivals_per_second",
        Shape::Curve(rate),
        "The same as arrivals per second; the curve's axis stays minutes.",
    )
}

pub(super) const SPACING: Field =
    optional("spacing", Shape::OneOf(&["poisson", "uniform"]), "How arrivals are spread; poisson where absent.");

pub(super) const JOURNEYS: Field = required(
    "journeys",
    Shape::Table { keys: &WORDS, least: 1, most: LONGEST_LIST, of: &Shape::Curve(WEIGHT) },
    "Relative weight of each journey, over minutes if it changes.",
);

pub(super) const HEADERS: Field = optional(
    "headers",
    Shape::Table { keys: &TOKENS, least: 0, most: MOST_HEADERS, of: &Shape::Text },
    "Further headers of its requests; values may have slots such as ${user_id}.",
);

pub(super) const BAGGAGE: Field = optional(
    "baggage",
    Shape::Table { keys: &TOKENS, least: 0, most: MOST_BAGGAGE, of: &Shape::Line },
    "Further W3C baggage of its requests.",
);
