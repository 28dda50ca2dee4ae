//! What may be done to a request.

use std::time::Duration;

/// One way of making a JSON body wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Malformation {
    /// The first field of its first object is gone.
    MissingField,
    /// Its first text is a number.
    WrongType,
    /// It ends in the middle.
    BrokenJson,
    /// There is none.
    Empty,
    /// A text is padded until the whole is some 80 KiB.
    Oversized,
}

impl Malformation {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::MissingField, Self::WrongType, Self::BrokenJson, Self::Empty, Self::Oversized];

    /// As it is counted and written in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MissingField => "missing_field",
            Self::WrongType => "wrong_type",
            Self::BrokenJson => "broken_json",
            Self::Empty => "empty",
            Self::Oversized => "oversized",
        }
    }

    /// The one called `name`.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|how| how.name() == name)
    }
}

/// How a request was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// Its body was made wrong.
    Malformed(Malformation),
    /// Its body was uploaded slowly.
    Slow,
    /// Its longest text was lengthened.
    Bloat,
}

impl Way {
    /// Every one, as they are counted.
    pub const ALL: [Self; 7] = [
        Self::Malformed(Malformation::MissingField),
        Self::Malformed(Malformation::WrongType),
        Self::Malformed(Malformation::BrokenJson),
        Self::Malformed(Malformation::Empty),
        Self::Malformed(Malformation::Oversized),
        Self::Slow,
        Self::Bloat,
    ];

    /// As it is counted.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed(how) => how.name(),
            Self::Slow => "slow",
            Self::Bloat => "bloat",
        }
    }

    /// Position in [`Way::ALL`].
    pub(crate) fn position(self) -> usize {
        Self::ALL.iter().position(|way| *way == self).unwrap_or_default()
    }
}

/// What is done to the requests that are taken.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Malformed, by one of these ways, each as likely as the others.
    Malformed {
        /// At least one.
        ways: Vec<Malformation>,
    },
    /// The body is uploaded in pieces, over a time drawn evenly.
    Slow {
        /// Shortest upload.
        least: Duration,
        /// Longest, not below `least`.
        most: Duration,
    },
    /// The longest text is lengthened to so many characters, drawn evenly, by quoting it again and again.
    Bloat {
        /// Fewest.
        least: usize,
        /// Most, not below `least`.
        most: usize,
    },
}

/// What is done to a share of a stream's requests, and until when.
#[derive(Debug, Clone, PartialEq)]
pub struct Tampering {
    /// The share of requests, over 0 and at most 1. Requests without a body, or with one that is no JSON, stay as they are.
    pub share: f64,
    /// What is done to them.
    pub change: Change,
    /// When it stops, in Unix seconds; may be infinite.
    pub until_unix: f64,
}
