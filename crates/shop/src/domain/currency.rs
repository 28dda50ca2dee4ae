//! Currencies, their smallest units, and what they are worth.

use chassis::input::{Field, Raw};

/// A currency of the rate table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Currency(&'static Rate);

#[derive(Debug, PartialEq, Eq)]
struct Rate {
    code: &'static str,
    /// Digits after the point, ISO 4217.
    decimals: u32,
    /// Millionths of it that one US dollar buys.
    micros_per_dollar: i128,
}

/// A fixed table: a demo that depends on today's exchange rate can't be repeated.
const RATES: [Rate; 8] = [
    Rate { code: "USD", decimals: 2, micros_per_dollar: 1_000_000 },
    Rate { code: "EUR", decimals: 2, micros_per_dollar: 920_000 },
    Rate { code: "GBP", decimals: 2, micros_per_dollar: 790_000 },
    Rate { code: "JPY", decimals: 0, micros_per_dollar: 151_500_000 },
    Rate { code: "CHF", decimals: 2, micros_per_dollar: 885_000 },
    Rate { code: "CAD", decimals: 2, micros_per_dollar: 1_360_000 },
    Rate { code: "AUD", decimals: 2, micros_per_dollar: 1_520_000 },
    Rate { code: "SEK", decimals: 2, micros_per_dollar: 10_450_000 },
];

impl Currency {
    pub(crate) const DOLLAR: Self = Self(&RATES[0]);

    pub(crate) fn all() -> impl Iterator<Item = Self> {
        RATES.iter().map(Self)
    }

    pub(crate) const fn code(self) -> &'static str {
        self.0.code
    }

    /// What one US dollar buys.
    pub(crate) fn per_dollar(self) -> f64 {
        self.0.micros_per_dollar as f64 / 1e6
    }

    /// Digits after the point that an amount of it has.
    pub(crate) const fn decimals(self) -> u32 {
        self.0.decimals
    }

    /// `hundredths` of this currency in smallest units of `other`; half a unit goes to the even neighbour.
    pub(crate) fn convert(self, hundredths: i64, other: Self) -> i64 {
        let numerator = i128::from(hundredths) * other.0.micros_per_dollar * 10_i128.pow(other.0.decimals);
        let denominator = self.0.micros_per_dollar * 100;
        let (quotient, rest) = (numerator / denominator, numerator % denominator);
        let up = match (rest * 2).cmp(&denominator) {
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Equal => quotient % 2,
            std::cmp::Ordering::Greater => 1,
        };
        // At most 1e11 hundredths times a factor under 200: far from the limit of 64 bits.
        i64::try_from(quotient + up).unwrap_or(i64::MAX)
    }
}

impl Field for Currency {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let code = raw.text()?;
        Self::all().find(|c| c.code() == code).ok_or_else(|| {
            let known: Vec<&str> = Self::all().map(Self::code).collect();
            format!("is no currency we trade; there are {}", known.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::read(Raw::Text(code)).unwrap()
    }

    #[test]
    fn conversion_is_exact_and_rounds_halves_to_even() {
        let table = [
            ("USD", "USD", 9999, 9999),
            ("USD", "EUR", 10_000, 9200),
            ("USD", "EUR", 25, 23),
            ("USD", "JPY", 100, 152),
            ("USD", "JPY", 300, 454),
            ("JPY", "USD", 15_150, 100),
            ("EUR", "GBP", 9200, 7900),
            ("USD", "EUR", 0, 0),
            ("USD", "JPY", 99_999_999_999, 151_499_999_998),
        ];
        for (from, to, hundredths, units) in table {
            assert_eq!(currency(from).convert(hundredths, currency(to)), units, "{hundredths} {from} -> {to}");
        }
    }
}
