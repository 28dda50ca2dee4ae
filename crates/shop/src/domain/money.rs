//! Money: whole cents inside, decimal dollars in JSON. No binary fraction is ever added up.

use std::fmt;

use chassis::input::{Field, Raw};
use serde::{Serialize, Serializer};

/// Most digits before the point that an amount may have: a billion dollars is a mistake in this shop.
const WHOLE_DIGITS: usize = 9;

/// An amount in cents; never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Money(i64);

/// A sum that is larger than any order can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amount is too large")]
pub(crate) struct OverflowError;

impl Money {
    pub(crate) const ZERO: Self = Self(0);

    /// `cents` from 0; a negative number counts as 0.
    pub(crate) const fn from_cents(cents: i64) -> Self {
        Self(if cents < 0 { 0 } else { cents })
    }

    pub(crate) const fn cents(self) -> i64 {
        self.0
    }

    /// Dollars, for telemetry and JSON only.
    pub(crate) fn dollars(self) -> f64 {
        self.0 as f64 / 100.0
    }

    pub(crate) fn times(self, quantity: u32) -> Result<Self, OverflowError> {
        self.0.checked_mul(i64::from(quantity)).map(Self).ok_or(OverflowError)
    }

    pub(crate) fn plus(self, other: Self) -> Result<Self, OverflowError> {
        self.0.checked_add(other.0).map(Self).ok_or(OverflowError)
    }

    /// Decimal text with up to two digits after the point, such as `12`, `12.5` or `12.50`; at most 999,999,999.99.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !are_digits(whole) || !are_digits(fraction) || whole.len() > WHOLE_DIGITS || fraction.len() > 2 {
            return None;
        }
        let cents: i64 = fraction.parse::<i64>().ok()? * if fraction.len() == 1 { 10 } else { 1 };
        Some(Self(whole.parse::<i64>().ok()? * 100 + cents))
    }
}

impl Field for Money {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        // The shortest text of a JSON number is what its sender wrote, so nothing is rounded here.
        Self::parse(&raw.number()?)
            .ok_or_else(|| "must be an amount from 0 to 999999999.99 with at most two decimals".to_owned())
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.dollars())
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

#[cfg(test)]
mod tests {
    use chassis::input::Fields;
    use serde_json::{Value, json};

    use super::*;

    fn body(amount: Value) -> Fields {
        Fields::of_body([("amount".to_owned(), amount)].into_iter().collect())
    }

    #[test]
    fn amounts_are_exact_to_the_cent() {
        for (text, cents) in [("0", 0), ("12", 1200), ("12.5", 1250), ("0.07", 7), ("999999999.99", 99_999_999_999)] {
            assert_eq!(Money::parse(text), Some(Money(cents)), "{text}");
        }
        for wrong in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1.005", "1000000000", "NaN", "1,5", " 1"] {
            assert_eq!(Money::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_amount_in_json_reads_back_as_itself() {
        for cents in [0, 1, 7, 99, 100, 9999, 1_234_567, 99_999_999_999] {
            let json = serde_json::to_value(Money(cents)).unwrap();
            assert_eq!(Money::read(Raw::Json(&json)), Ok(Money(cents)), "{json}");
        }
    }

    #[test]
    fn sums_that_do_not_fit_are_refused() {
        assert_eq!(Money(i64::MAX).times(2), Err(OverflowError));
        assert_eq!(Money(i64::MAX).plus(Money(1)), Err(OverflowError));
    }

    #[test]
    fn numbers_are_read_the_way_they_were_written() {
        for (value, cents) in [(json!(12), 1200), (json!(12.0), 1200), (json!(0.1), 10), (json!(99.99), 9999)] {
            let mut fields = body(value);
            let read = (fields.required::<Money>("amount"),);
            assert_eq!(fields.finish(read).unwrap().0.cents(), cents);
        }
        for wrong in [
            json!(1e300),
            json!(-0.01),
            json!(0.001),
            json!(true),
            json!(null),
            json!([1]),
            json!(18446744073709551615u64),
        ] {
            let mut fields = body(wrong.clone());
            let read = (fields.required::<Money>("amount"),);
            assert!(fields.finish(read).is_err(), "{wrong}");
        }
    }
}
