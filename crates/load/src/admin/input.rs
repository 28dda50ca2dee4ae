//! Bodies, checked whole: every mistake names its field. Here is that of `POST /admin/start-demo`.

use std::ops::RangeInclusive;

use http::StatusCode;
use serde_json::{Map, Value};

use super::error::{ApiError, FieldMistake};

/// Longest run that may be asked for, in scenario minutes: a day.
const MAX_MINUTES: f64 = 1_440.0;
/// Highest peak that may be asked for, in arrivals per minute: well above what one engine thread sends, and a ceiling
/// that a typing error does not break through unnoticed.
const MAX_PEAK_RPM: f64 = 600_000.0;
/// Speeds that may be asked for. Scenarios are made for 1 to 10.
const SPEEDS: RangeInclusive<f64> = 0.1..=100.0;

/// What a caller wants started.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StartDemo {
    pub(crate) scenario: String,
    /// Scenario minutes, over 0.
    pub(crate) duration_minutes: Option<f64>,
    /// Arrivals per minute, at least 1.
    pub(crate) peak_rpm: Option<f64>,
    pub(crate) seed: Option<u64>,
    /// Scenario minutes per real minute.
    pub(crate) speed: f64,
}

impl StartDemo {
    /// Reads a JSON body.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let mut reader = Reader::new(body, r#"{"scenario": "black-friday"}"#)?;
        let start = Self {
            scenario: reader.scenario(),
            duration_minutes: reader.number("duration_minutes", f64::MIN_POSITIVE..=MAX_MINUTES, "over 0, to 1440"),
            peak_rpm: reader.number("peak_rpm", 1.0..=MAX_PEAK_RPM, "from 1 to 600000"),
            seed: reader.seed(),
            speed: reader.number("speed", SPEEDS, "from 0.1 to 100").unwrap_or(1.0),
        };
        reader.finish(start)
    }
}

/// Reads the fields of a JSON body one by one, and notes what is wrong with them.
pub(super) struct Reader {
    fields: Map<String, Value>,
    mistakes: Vec<FieldMistake>,
}

impl Reader {
    /// Of a body that is a JSON object; `example` shows one.
    pub(super) fn new(body: &[u8], example: &str) -> Result<Self, ApiError> {
        let invalid = |message| ApiError::new(StatusCode::BAD_REQUEST, "invalid_json", message);
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self { fields, mistakes: Vec::new() }),
            Ok(_) => Err(invalid(format!("the body must be a JSON object such as {example}"))),
            Err(error) => Err(invalid(format!("the body is not JSON: {error}"))),
        }
    }

    /// `read`, if nothing was wrong and no field is left that nobody asked for.
    pub(super) fn finish<T>(mut self, read: T) -> Result<T, ApiError> {
        self.refuse_the_rest();
        if self.mistakes.is_empty() { Ok(read) } else { Err(ApiError::fields(self.mistakes)) }
    }

    /// `null` counts as absent.
    fn take(&mut self, field: &str) -> Option<Value> {
        self.fields.shift_remove(field).filter(|value| !value.is_null())
    }

    pub(super) fn mistake(&mut self, field: &str, message: impl Into<String>) {
        self.mistakes.push(FieldMistake { field: field.to_owned(), message: message.into() });
    }

    fn scenario(&mut self) -> String {
        match self.take("scenario") {
            Some(Value::String(name)) if !name.trim().is_empty() => return name,
            Some(_) => self.mistake("scenario", "must be the name of a scenario"),
            None => self.mistake("scenario", "is missing"),
        }
        String::new()
    }

    pub(super) fn number(&mut self, field: &str, range: RangeInclusive<f64>, said: &str) -> Option<f64> {
        let value = self.take(field)?;
        let number = value.as_f64().filter(|number| range.contains(number));
        if number.is_none() {
            self.mistake(field, format!("must be a number {said}"));
        }
        number
    }

    fn seed(&mut self) -> Option<u64> {
        let value = self.take("seed")?;
        if value.as_u64().is_none() {
            self.mistake("seed", "must be a whole number from 0");
        }
        value.as_u64()
    }

    /// A whole number in `range`.
    pub(super) fn whole(&mut self, field: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let value = self.take(field)?;
        let number = value.as_u64().filter(|number| range.contains(number));
        if number.is_none() {
            self.mistake(field, format!("must be a whole number from {} to {}", range.start(), range.end()));
        }
        number
    }

    /// `[least, most]`, both whole numbers in `range`; the field must be there.
    pub(super) fn between(&mut self, field: &str, range: RangeInclusive<u64>) -> (u64, u64) {
        let Some(value) = self.take(field) else {
            self.mistake(field, "is missing");
            return Default::default();
        };
        let pair: Option<(u64, u64)> = serde_json::from_value(value).ok();
        let pair = pair.filter(|(least, most)| least <= most && range.contains(least) && range.contains(most));
        pair.unwrap_or_else(|| {
            let (from, to) = (range.start(), range.end());
            self.mistake(field, format!("must be [least, most], whole numbers from {from} to {to}"));
            Default::default()
        })
    }

    /// One of `words`.
    pub(super) fn word<'w>(&mut self, field: &str, words: &[&'w str]) -> Option<&'w str> {
        let value = self.take(field)?;
        let word = words.iter().copied().find(|word| value == *word);
        if word.is_none() {
            self.mistake(field, format!("must be one of {}", words.join(", ")));
        }
        word
    }

    /// A list of at least one of `words`, none twice.
    pub(super) fn words<'w>(&mut self, field: &str, words: &[&'w str]) -> Option<Vec<&'w str>> {
        let value = self.take(field)?;
        let listed = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let known = |item: &Value| words.iter().copied().find(|word| item == *word);
        let mut found: Vec<&str> = Vec::new();
        for word in listed.iter().filter_map(known) {
            if !found.contains(&word) {
                found.push(word);
            }
        }
        if found.is_empty() || found.len() != listed.len() {
            self.mistake(field, format!("must be a list of {}, each at most once", words.join(", ")));
        }
        Some(found)
    }

    /// Says nothing of these fields, whatever they are.
    pub(super) fn forget(&mut self, fields: &[&str]) {
        for field in fields {
            self.take(field);
        }
    }

    /// Whether the field is there and not `null`.
    pub(super) fn has(&self, field: &str) -> bool {
        self.fields.get(field).is_some_and(|value| !value.is_null())
    }

    fn refuse_the_rest(&mut self) {
        let unknown: Vec<String> = self.fields.keys().cloned().collect();
        for field in unknown {
            let field: String = field.chars().take(64).collect();
            self.mistake(&field, "is not a field of this request");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(body: &str) -> String {
        format!("{:?}", StartDemo::parse(body.as_bytes()).expect_err(body))
    }

    #[test]
    fn the_documented_body_is_understood() {
        let body = br#"{"scenario": "blackfriday", "duration_minutes": 30, "peak_rpm": 120}"#;
        let expected = StartDemo {
            scenario: "blackfriday".into(),
            duration_minutes: Some(30.0),
            peak_rpm: Some(120.0),
            seed: None,
            speed: 1.0,
        };
        assert_eq!(StartDemo::parse(body).expect("valid"), expected);
    }

    #[test]
    fn every_mistake_names_its_field() {
        let table = [
            ("", "not JSON"),
            ("{", "not JSON"),
            ("[]", "must be a JSON object"),
            ("{}", "scenario"),
            (r#"{"scenario": 1}"#, "scenario"),
            (r#"{"scenario": " "}"#, "scenario"),
            (r#"{"scenario": "x", "duration_minutes": 0}"#, "duration_minutes"),
            (r#"{"scenario": "x", "duration_minutes": "30"}"#, "duration_minutes"),
            (r#"{"scenario": "x", "peak_rpm": -1}"#, "peak_rpm"),
            (r#"{"scenario": "x", "peak_rpm": 1e300}"#, "peak_rpm"),
            (r#"{"scenario": "x", "seed": 1.5}"#, "seed"),
            (r#"{"scenario": "x", "seed": -1}"#, "seed"),
            (r#"{"scenario": "x", "speed": 0}"#, "speed"),
            (r#"{"scenario": "x", "sped": 1}"#, "sped"),
        ];
        for (body, named) in table {
            assert!(mistakes(body).contains(named), "{body}: {}", mistakes(body));
        }
        let all = mistakes(r#"{"duration_minutes": false, "peak_rpm": [], "seed": {}, "speed": "", "x": 1}"#);
        for field in ["scenario", "duration_minutes", "peak_rpm", "seed", "speed", "\"x\""] {
            assert!(all.contains(field), "{field}: {all}");
        }
    }
}
