//! The range in which a figure must lie.

use serde::{Deserialize, Serialize};

/// What a figure may be: `[low, high]` in the file, or `predicted +- x`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "BandText", into = "BandText")]
pub enum Band {
    /// From the first to the second, both included.
    Between(f64, f64),
    /// At most so far from what the prediction says for the same window.
    AroundPrediction(f64),
}

impl Band {
    /// Low and high, around `predicted` where the band follows it; `None` where it does and nothing is predicted.
    pub fn around(self, predicted: Option<f64>) -> Option<(f64, f64)> {
        match self {
            Self::Between(low, high) => Some((low, high)),
            Self::AroundPrediction(within) => predicted.map(|p| ((p - within).max(0.0), p + within)),
        }
    }
}

impl From<(f64, f64)> for Band {
    fn from((low, high): (f64, f64)) -> Self {
        Self::Between(low, high)
    }
}

/// A [`Band`] as it stands in a file.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum BandText {
    Between(f64, f64),
    Words(String),
}

impl From<Band> for BandText {
    fn from(band: Band) -> Self {
        match band {
            Band::Between(low, high) => Self::Between(low, high),
            Band::AroundPrediction(within) => Self::Words(format!("predicted +- {within}")),
        }
    }
}

impl TryFrom<BandText> for Band {
    type Error = String;

    fn try_from(text: BandText) -> Result<Self, String> {
        match text {
            BandText::Between(low, high) => Ok(Self::Between(low, high)),
            BandText::Words(words) => within_prediction(&words)
                .map(Self::AroundPrediction)
                .ok_or_else(|| format!("{words:?} is not of the form `predicted +- 0.04`")),
        }
    }
}

/// The `x` of `predicted +- x`, if `words` is that and `x` is finite and not negative.
pub(crate) fn within_prediction(words: &str) -> Option<f64> {
    let rest = words.trim().strip_prefix("predicted")?.trim_start();
    let within = rest.strip_prefix("+-").or_else(|| rest.strip_prefix('±'))?.trim().parse::<f64>().ok()?;
    (within.is_finite() && within >= 0.0).then_some(within)
}
