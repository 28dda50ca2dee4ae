//! What a model's call costs, by a table of list prices.
//!
//! It is an estimate for dashboards and alerts, not a bill. The table is `data/prices.json5`, or a file of its form.

use std::path::Path;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// The table that comes with the program.
const BUILT_IN: &str = include_str!("../data/prices.json5");
/// Largest file that is read, bytes: room for thousands of models.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// What may stand between a model's name and that of one of its versions.
const SEPARATORS: [char; 3] = ['-', ':', '@'];

/// Prices by model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Prices {
    models: IndexMap<String, Price>,
}

/// What a model costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Price {
    /// US dollars per million tokens that it reads.
    pub(crate) input: f64,
    /// US dollars per million tokens that it writes.
    pub(crate) output: f64,
    /// The day of which that is known, `2026-11-27`.
    pub(crate) as_of: String,
    /// Who says so.
    pub(crate) source: String,
}

/// A table of prices that can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PricesError {
    #[error("{path} can't be read: {why}")]
    Unreadable { path: String, why: String },
    #[error("{path} is not a table of prices ({why}); its form is that of crates/inbox/data/prices.json5")]
    Malformed { path: String, why: String },
}

impl Prices {
    /// The table that comes with the program.
    pub(crate) fn built_in() -> Self {
        Self::parse(BUILT_IN).expect("a test reads it")
    }

    /// The table in the file at `path`.
    ///
    /// # Errors
    /// [`PricesError`], if there is none.
    pub(crate) fn from_file(path: &Path) -> Result<Self, PricesError> {
        let name = path.display().to_string();
        let unreadable = |why: String| PricesError::Unreadable { path: name.clone(), why };
        let size = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
        if size > MAX_FILE_BYTES {
            return Err(unreadable(format!("it is larger than {MAX_FILE_BYTES} bytes")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        Self::parse(&text).map_err(|why| PricesError::Malformed { path: name, why })
    }

    fn parse(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            models: IndexMap<String, Price>,
        }
        let File { models } = json5::from_str(text).map_err(|error| error.to_string())?;
        for (model, price) in &models {
            for (field, value) in [("input", price.input), ("output", price.output)] {
                if !(value.is_finite() && value >= 0.0) {
                    return Err(format!("{field} of {model:?} is {value}; give US dollars per million tokens"));
                }
            }
        }
        Ok(Self { models })
    }

    /// The price of `model`: that of the longest name that it begins with.
    pub(crate) fn of(&self, model: &str) -> Option<&Price> {
        let fits = |name: &str| {
            model.strip_prefix(name).is_some_and(|version| version.is_empty() || version.starts_with(SEPARATORS))
        };
        self.models.iter().filter(|(name, _)| fits(name)).max_by_key(|(name, _)| name.len()).map(|(_, price)| price)
    }
}

impl Price {
    /// US dollars for a call.
    pub(crate) fn cost_usd(&self, input_tokens: u64, output_tokens: u64) -> f64 {
        (input_tokens as f64 * self.input + output_tokens as f64 * self.output) / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_that_a_model_begins_with_has_its_price() {
        let prices = Prices::built_in();
        for (model, input) in [
            ("gemini-2.5-flash", Some(0.30)),
            ("gemini-2.5-flash-001", Some(0.30)),
            ("gemini-2.5-flash-lite", Some(0.10)),
            ("gemini-2.5-flash-lite-preview-09-2025", Some(0.10)),
            ("gpt-4o-2024-08-06", Some(2.50)),
            ("gpt-4o-mini-2024-07-18", Some(0.15)),
            ("gpt-4o2", None),
            ("gpt-4.10", None),
            ("gemini-2.5", None),
            ("doorbuster-embedded-1", Some(0.10)),
            ("llama3.2:3b", None),
            ("", None),
        ] {
            assert_eq!(prices.of(model).map(|price| price.input), input, "{model}");
        }
    }

    #[test]
    fn a_call_costs_what_its_tokens_cost() {
        let prices = Prices::built_in();
        let cost = prices.of("gemini-2.5-flash").unwrap().cost_usd(1_000_000, 200_000);
        assert!((cost - 0.80).abs() < 1e-12, "{cost}");
        let cost = prices.of("gpt-4o-mini").unwrap().cost_usd(180, 45);
        assert!((cost - 0.000_054).abs() < 1e-12, "{cost}");
    }

    #[test]
    fn every_price_says_of_when_it_is_and_who_says_so() {
        for (model, price) in &Prices::built_in().models {
            let digits: Vec<&str> = price.as_of.split('-').collect();
            assert!(digits.iter().map(|part| part.len()).eq([4, 2, 2]), "{model}: {}", price.as_of);
            assert!(!price.source.is_empty(), "{model}");
        }
    }

    #[test]
    fn a_file_of_ones_own_takes_the_tables_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.json5");
        std::fs::write(&path, "{models: {'llama3.2': {input: 0, output: 0, as_of: '2026-01-01', source: 'own GPU'}}}")
            .unwrap();
        let prices = Prices::from_file(&path).unwrap();
        assert_eq!(prices.of("llama3.2:3b").map(|price| price.cost_usd(1000, 1000)), Some(0.0));
        assert_eq!(prices.of("gpt-4o"), None);
    }

    #[test]
    fn a_file_that_is_no_table_says_what_is_wrong_with_it() {
        let folder = tempfile::tempdir().unwrap();
        for (text, wrong) in [
            ("", "EOF"),
            ("{models: {m: {input: 1}}}", "missing field `output`"),
            (
                "{models: {m: {input: 1, output: 1, as_of: '', source: '', currency: 'EUR'}}}",
                "unknown field `currency`",
            ),
            ("{models: {m: {input: -1, output: 1, as_of: '', source: ''}}}", "input of \"m\" is -1"),
            ("{models: {m: {input: 1, output: Infinity, as_of: '', source: ''}}}", "output of \"m\" is inf"),
            ("{prices: {}}", "unknown field `prices`"),
        ] {
            let path = folder.path().join("prices.json5");
            std::fs::write(&path, text).unwrap();
            let error = Prices::from_file(&path).unwrap_err().to_string();
            assert!(error.contains(wrong) && error.contains("prices.json5 is not a table"), "{text}: {error}");
        }
        let error = Prices::from_file(&folder.path().join("absent")).unwrap_err().to_string();
        assert!(error.contains("absent can't be read: No such file"), "{error}");
    }
}
