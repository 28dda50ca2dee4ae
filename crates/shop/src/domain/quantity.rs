//! Small numbers with a range.

use chassis::input::{Field, Raw};

/// How many of a product one line of a cart or order holds: 1 to 99.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Quantity(u32);

impl Quantity {
    pub(crate) const ONE: Self = Self(1);
    pub(crate) const MAX: u32 = 99;

    pub(crate) fn new(count: i64) -> Option<Self> {
        u32::try_from(count).ok().filter(|n| (1..=Self::MAX).contains(n)).map(Self)
    }

    pub(crate) const fn count(self) -> u32 {
        self.0
    }
}

impl Field for Quantity {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        Self::new(raw.integer()?).ok_or_else(|| format!("must be from 1 to {}", Self::MAX))
    }
}

/// How many products an answer holds: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageSize(i64);

impl PageSize {
    /// What a page of a shop shows.
    pub(crate) const DEFAULT: Self = Self(20);

    pub(crate) const fn rows(self) -> i64 {
        self.0
    }
}

impl Field for PageSize {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let rows = raw.integer()?;
        (1..=100).contains(&rows).then_some(Self(rows)).ok_or_else(|| "must be from 1 to 100".to_owned())
    }
}

/// The weight of a parcel's item in kilograms: over 0, at most 1000.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct WeightKg(f64);

impl WeightKg {
    /// Whole grams, at least 1.
    pub(crate) fn grams(self) -> u64 {
        (self.0 * 1000.0).ceil().max(1.0) as u64
    }
}

impl Field for WeightKg {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let kilograms: f64 = raw.number()?.parse().map_err(|_| "must be a number".to_owned())?;
        let is_possible = kilograms > 0.0 && kilograms <= 1000.0;
        is_possible.then_some(Self(kilograms)).ok_or_else(|| "must be over 0 and at most 1000 kilograms".to_owned())
    }
}
