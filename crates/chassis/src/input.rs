//! Reading what callers send: every field is checked, and all mistakes are reported together, each with its name.
//!
//! A body or query becomes [`Fields`]; a field is read by its type ([`Field`]); [`Fields::finish`] gives the values
//! or the mistakes. Handlers never see a value that is not valid.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

/// Longest part of a field's name that is repeated in an answer, in characters.
const LONGEST_NAME: usize = 64;

/// A raw value: from a JSON body, or text from a query or path.
#[derive(Debug, Clone, Copy)]
pub enum Raw<'a> {
    /// Of a JSON body.
    Json(&'a Value),
    /// Of a query or path.
    Text(&'a str),
}

impl<'a> Raw<'a> {
    /// It as text.
    ///
    /// # Errors
    /// What it must be.
    pub fn text(self) -> Result<&'a str, String> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Json(Value::String(text)) => Ok(text),
            Self::Json(other) => Err(format!("must be a string, not {}", kind(other))),
        }
    }

    /// A number as text, the way it was written.
    ///
    /// # Errors
    /// What it must be.
    pub fn number(self) -> Result<String, String> {
        match self {
            Self::Text(text) => Ok(text.to_owned()),
            Self::Json(Value::Number(number)) => Ok(number.as_i64().map_or_else(|| plain(number), |n| n.to_string())),
            Self::Json(other) => Err(format!("must be a number, not {}", kind(other))),
        }
    }

    /// It as a whole number.
    ///
    /// # Errors
    /// What it must be.
    pub fn integer(self) -> Result<i64, String> {
        let text = self.number()?;
        text.parse().map_err(|_| "must be a whole number".to_owned())
    }

    /// A finite number with or without decimals.
    ///
    /// # Errors
    /// What it must be.
    pub fn decimal(self) -> Result<f64, String> {
        let number: Option<f64> = self.number()?.parse().ok();
        number.filter(|n| n.is_finite()).ok_or_else(|| "must be a number".to_owned())
    }

    /// It as a JSON object.
    ///
    /// # Errors
    /// What it must be.
    pub fn object(self) -> Result<&'a Map<String, Value>, String> {
        match self {
            Self::Json(Value::Object(fields)) => Ok(fields),
            Self::Json(other) => Err(format!("must be an object, not {}", kind(other))),
            Self::Text(_) => Err("must be an object".to_owned()),
        }
    }

    /// It as a JSON array.
    ///
    /// # Errors
    /// What it must be.
    pub fn array(self) -> Result<&'a [Value], String> {
        match self {
            Self::Json(Value::Array(items)) => Ok(items),
            Self::Json(other) => Err(format!("must be an array, not {}", kind(other))),
            Self::Text(_) => Err("must be an array".to_owned()),
        }
    }
}

/// Digits without an exponent: `serde_json` writes 1e2 as `100.0`.
fn plain(number: &serde_json::Number) -> String {
    let text = number.to_string();
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A type that a field can be read as.
pub trait Field: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// What it must be; the words follow the field's name: `must be from 1 to 99`.
    fn read(raw: Raw<'_>) -> Result<Self, String>;
}

/// A list of at most 100 values.
impl<T: Field> Field for Vec<T> {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let items = raw.array()?;
        if items.len() > 100 {
            return Err("must have at most 100 elements".to_owned());
        }
        let read = |(index, item)| T::read(Raw::Json(item)).map_err(|why| format!("[{index}] {why}"));
        items.iter().enumerate().map(read).collect()
    }
}

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldMistake {
    /// Its name.
    pub field: String,
    /// What is wrong; follows the name: `is missing`.
    pub message: String,
}

/// The fields of a body, query or path, and the mistakes found in them so far.
#[derive(Debug, Default)]
pub struct Fields {
    json: Map<String, Value>,
    text: Vec<(String, String)>,
    is_query: bool,
    mistakes: Vec<FieldMistake>,
}

/// The mistakes of one request.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistakes {
    /// Whether they were made in the query string, not in a body.
    pub in_query: bool,
    /// In the order in which they were found.
    pub list: Vec<FieldMistake>,
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said: Vec<String> = self.list.iter().map(|m| format!("{} {}", m.field, m.message)).collect();
        f.write_str(&said.join("; "))
    }
}

impl Fields {
    /// Of a JSON object.
    pub fn of_body(json: Map<String, Value>) -> Self {
        Self { json, ..Self::default() }
    }

    /// Of a query string's pairs.
    pub fn of_query(text: Vec<(String, String)>) -> Self {
        Self { text, is_query: true, ..Self::default() }
    }

    /// A field that must be there. `None` means that a mistake was noted.
    pub fn required<T: Field>(&mut self, name: &str) -> Option<T> {
        match self.optional(name)? {
            Some(value) => Some(value),
            None => {
                self.note(name, "is missing");
                None
            }
        }
    }

    /// A field that may be missing or `null`. The outer `None` means that a mistake was noted.
    pub fn optional<T: Field>(&mut self, name: &str) -> Option<Option<T>> {
        let mut given = self.text.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let text = given.next();
        if given.next().is_some() {
            self.note(name, "is given more than once");
            return None;
        }
        let raw = match (text, self.json.get(name)) {
            (Some(text), _) => Raw::Text(text),
            (None, None | Some(Value::Null)) => return Some(None),
            (None, Some(value)) => Raw::Json(value),
        };
        match T::read(raw) {
            Ok(value) => Some(Some(value)),
            Err(message) => {
                self.note(name, &message);
                None
            }
        }
    }

    /// Whether the field is there and not `null`.
    pub fn has(&self, name: &str) -> bool {
        self.text.iter().any(|(key, _)| key == name) || self.json.get(name).is_some_and(|v| !v.is_null())
    }

    /// Notes every field that is none of `known`: a misspelt one would pass for one that was left out.
    pub fn only(&mut self, known: &[&str]) {
        let names = self.json.keys().chain(self.text.iter().map(|(name, _)| name));
        let others = names.filter(|name| !known.contains(&name.as_str()));
        let shortened: Vec<String> = others.map(|name| name.chars().take(LONGEST_NAME).collect()).collect();
        for name in shortened {
            self.note(&name, "is not a field of this request");
        }
    }

    /// Notes a mistake that no single field's type can see.
    pub fn note(&mut self, field: &str, message: &str) {
        self.mistakes.push(FieldMistake { field: field.to_owned(), message: message.to_owned() });
    }

    /// The values, if no mistake was noted.
    ///
    /// # Errors
    /// All mistakes that were noted.
    pub fn finish<T: Checked>(self, values: T) -> Result<T::Values, Mistakes> {
        let mistakes = Mistakes { in_query: self.is_query, list: self.mistakes };
        match values.all() {
            Some(values) if mistakes.list.is_empty() => Ok(values),
            _ => Err(mistakes),
        }
    }
}

/// A tuple of fields that were read.
pub trait Checked {
    /// The tuple without its options.
    type Values;

    /// All values, or `None` if one of them could not be read.
    fn all(self) -> Option<Self::Values>;
}

macro_rules! checked {
    ($($name:ident),+) => {
        impl<$($name),+> Checked for ($(Option<$name>,)+) {
            type Values = ($($name,)+);

            fn all(self) -> Option<Self::Values> {
                #[expect(non_snake_case, reason = "the type parameters name the values too")]
                let ($($name,)+) = self;
                Some(($($name?,)+))
            }
        }
    };
}

checked!(A);
checked!(A, B);
checked!(A, B, C);
checked!(A, B, C, D);
checked!(A, B, C, D, E);
checked!(A, B, C, D, E, F);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// From 1 to 99.
    #[derive(Debug, PartialEq)]
    struct Quantity(i64);

    impl Field for Quantity {
        fn read(raw: Raw<'_>) -> Result<Self, String> {
            let number = raw.integer()?;
            (1..=99).contains(&number).then_some(Self(number)).ok_or_else(|| "must be from 1 to 99".to_owned())
        }
    }

    #[derive(Debug, PartialEq)]
    struct Name(String);

    impl Field for Name {
        fn read(raw: Raw<'_>) -> Result<Self, String> {
            raw.text().map(|text| Self(text.to_owned()))
        }
    }

    fn body(value: Value) -> Fields {
        Fields::of_body(value.as_object().cloned().unwrap_or_default())
    }

    #[test]
    fn all_mistakes_are_reported_together() {
        let mut fields = body(json!({"quantity": -1, "name": 12}));
        let read = (
            fields.required::<Name>("user_id"),
            fields.required::<Quantity>("quantity"),
            fields.required::<Name>("name"),
        );
        let mistakes = fields.finish(read).unwrap_err();
        let said: Vec<String> = mistakes.list.iter().map(|m| format!("{} {}", m.field, m.message)).collect();
        assert_eq!(
            said,
            ["user_id is missing", "quantity must be from 1 to 99", "name must be a string, not a number"]
        );
    }

    #[test]
    fn misspelt_fields_are_named_where_the_others_are_known() {
        let mut fields = body(json!({"quantity": 1, "quantiti": 2}));
        fields.only(&["quantity"]);
        let read = (fields.optional::<Quantity>("quantity"),);
        assert_eq!(fields.finish(read).unwrap_err().to_string(), "quantiti is not a field of this request");
    }

    #[test]
    fn a_query_may_not_name_a_field_twice() {
        let mut fields = Fields::of_query(vec![("a".into(), "1".into()), ("a".into(), "2".into())]);
        let read = (fields.optional::<Quantity>("a"),);
        let mistakes = fields.finish(read).unwrap_err();
        assert!(mistakes.in_query);
        assert_eq!(mistakes.list[0].message, "is given more than once");
    }
}
