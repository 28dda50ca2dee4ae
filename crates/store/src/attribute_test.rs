//! Tests of attributes, as searches for spans and for logs have them.

use memchr::memmem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pack::{Attributes, Packed, needle};
use crate::symbols::{Symbol, Symbols, Texts};

/// A test of one attribute, as people write it: `key=value`, `key!=value`, `key>number`, `key>=number`, `key<number`,
/// `key<=number`, `key~part`, `key`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttributeTest {
    /// The attribute's key.
    pub key: String,
    /// How it is compared.
    pub comparison: Comparison,
    /// What it is compared with; empty for [`Comparison::Exists`].
    pub value: String,
}

/// How an attribute is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// It is there.
    Exists,
    /// It is this: text as it is, numbers by value, booleans as `true` or `false`.
    Equals,
    /// It is there and is not this.
    Differs,
    /// It is a number above this.
    Above,
    /// It is a number, this or above.
    AtLeast,
    /// It is a number below this.
    Below,
    /// It is a number, this or below.
    AtMost,
    /// It is a text that has this in it, letter case aside.
    Contains,
}

/// A test whose words have been looked up.
#[derive(Debug)]
pub(crate) struct Prepared {
    key: Symbol,
    comparison: Comparison,
    text: String,
    number: Option<f64>,
    truth: Option<bool>,
    /// What a row's attributes must have in them, one of these; empty if that can't be said.
    needles: Vec<Vec<u8>>,
}

impl Prepared {
    /// `None` if the key never came: then nothing fits.
    pub(crate) fn new(test: &AttributeTest, symbols: &Symbols) -> Option<Self> {
        let key = symbols.find(&test.key)?;
        let number: Option<f64> = test.value.trim().parse().ok();
        let truth = test.value.trim().parse().ok();
        let text = match test.comparison {
            Comparison::Contains => test.value.to_lowercase(),
            _ => test.value.clone(),
        };
        let mut needles = Vec::new();
        if test.comparison == Comparison::Equals {
            needles.extend(symbols.find(&test.value).map(|symbol| needle(key, Packed::Shared(symbol))));
            needles.push(needle(key, Packed::Text(&test.value)));
            needles.push(needle(key, Packed::Json(&test.value)));
            needles.extend(truth.map(|is| needle(key, Packed::Bool(is))));
            if let Some(number) = number {
                needles.push(needle(key, Packed::Number(number)));
                needles.push(needle(key, Packed::Whole(number as i64)));
            }
        }
        Some(Self { key, comparison: test.comparison, text, number, truth, needles })
    }

    /// Whether a row can fit at all whose attributes are among these, packed one behind the other.
    pub(crate) fn may_fit(&self, packed: &[u8]) -> bool {
        self.needles.is_empty() || self.needles.iter().any(|needle| memmem::find(packed, needle).is_some())
    }

    /// Whether these attributes fit; `None` if the key is not among them.
    pub(crate) fn fits(&self, attributes: Attributes<'_>, texts: &Texts) -> Option<bool> {
        let value = attributes.get(self.key)?;
        Some(match self.comparison {
            Comparison::Exists => true,
            Comparison::Equals => self.equals(value, texts),
            Comparison::Differs => !self.equals(value, texts),
            Comparison::Above => self.compare(value, texts, |value, limit| value > limit),
            Comparison::AtLeast => self.compare(value, texts, |value, limit| value >= limit),
            Comparison::AtMost => self.compare(value, texts, |value, limit| value <= limit),
            Comparison::Below => self.compare(value, texts, |value, limit| value < limit),
            Comparison::Contains => match value {
                Packed::Shared(symbol) => contains(texts.text(symbol), &self.text),
                Packed::Text(text) | Packed::Json(text) => contains(text, &self.text),
                _ => false,
            },
        })
    }

    fn equals(&self, value: Packed<'_>, texts: &Texts) -> bool {
        match value {
            Packed::Shared(symbol) => texts.text(symbol) == self.text,
            Packed::Text(text) | Packed::Json(text) => text == self.text,
            Packed::Whole(whole) => self.text.trim().parse() == Ok(whole) || self.number == Some(whole as f64),
            Packed::Number(number) => self.number == Some(number),
            Packed::Bool(is) => self.truth == Some(is),
            Packed::Null => false,
        }
    }

    fn compare(&self, value: Packed<'_>, texts: &Texts, holds: impl Fn(f64, f64) -> bool) -> bool {
        let value = match value {
            Packed::Whole(whole) => Some(whole as f64),
            Packed::Number(number) => Some(number),
            // Some senders write numbers as text.
            Packed::Shared(symbol) => texts.text(symbol).parse().ok(),
            Packed::Text(text) => text.parse().ok(),
            _ => None,
        };
        value.zip(self.number).is_some_and(|(value, limit)| holds(value, limit))
    }
}

/// Whether `text` has `part` in it, letter case aside; `part` is in lower case.
pub(crate) fn contains(text: &str, part: &str) -> bool {
    if part.is_empty() {
        return true;
    }
    if text.is_ascii() && part.is_ascii() {
        let (text, part) = (text.as_bytes(), part.as_bytes());
        return text.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part));
    }
    text.to_lowercase().contains(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack;

    #[test]
    fn each_comparison_says_yes_and_no() {
        let mut symbols = Symbols::new(1 << 20, &[]);
        let shared = symbols.value(b"Shared Text").expect("UTF-8").expect("room");
        let mut packed = Vec::new();
        let values = [
            ("shared", Packed::Shared(shared)),
            ("text", Packed::Text("Some Text")),
            ("whole", Packed::Whole(500)),
            ("number", Packed::Number(2.5)),
            ("digits", Packed::Text("17")),
            ("yes", Packed::Bool(true)),
            ("null", Packed::Null),
        ];
        for (key, value) in values {
            let key = symbols.name(key.as_bytes()).expect("UTF-8");
            pack::push(&mut packed, key, value);
        }
        use Comparison::{Above, AtLeast, AtMost, Below, Contains, Differs, Equals, Exists};
        let table = [
            ("shared", Equals, "Shared Text", true),
            ("shared", Equals, "shared text", false),
            ("shared", Contains, "SHARED", true),
            ("text", Equals, "Some Text", true),
            ("text", Contains, "me t", true),
            ("text", Contains, "other", false),
            ("text", Differs, "else", true),
            ("text", Differs, "Some Text", false),
            ("whole", Equals, "500", true),
            ("whole", Equals, "500.0", true),
            ("whole", Equals, "501", false),
            ("whole", Above, "499.5", true),
            ("whole", Above, "500", false),
            ("whole", AtLeast, "500", true),
            ("whole", AtLeast, "500.5", false),
            ("number", AtMost, "2.5", true),
            ("number", AtMost, "2.4", false),
            ("number", Equals, "2.5", true),
            ("number", Below, "3", true),
            ("number", Below, "2.5", false),
            ("digits", Above, "16", true),
            ("yes", Equals, "true", true),
            ("yes", Equals, "false", false),
            ("null", Exists, "", true),
            ("null", Equals, "null", false),
        ];
        for (key, comparison, value, expected) in table {
            let test = AttributeTest { key: key.into(), comparison, value: value.into() };
            let prepared = Prepared::new(&test, &symbols).expect("the key came");
            assert_eq!(prepared.fits(Attributes(&packed), symbols.texts()), Some(expected), "{test:?}");
            assert!(!expected || prepared.may_fit(&packed), "{test:?} must not be passed over");
        }
        let never = AttributeTest { key: "never".into(), comparison: Exists, value: String::new() };
        assert!(Prepared::new(&never, &symbols).is_none());
    }
}
