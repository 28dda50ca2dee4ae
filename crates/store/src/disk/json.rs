//! Packed attributes as JSON text, and back.
//!
//! JSON has no number that is none or infinite: those become null, as they do in the console's own answers.

use sonic_rs::{JsonType, JsonValueTrait, to_object_iter};

use crate::disk::error::Unfit;
use crate::pack::{Attributes, Packed};
use crate::symbols::{Symbol, Texts};
use crate::tables::Tables;
use crate::wire::{KeyValue, Value};

/// Writes attributes as JSON; it keeps its room from row to row.
#[derive(Debug, Default)]
pub(crate) struct JsonText {
    text: String,
    keys: Vec<Symbol>,
}

impl JsonText {
    /// Attributes as a JSON object, once.
    pub(crate) fn once(attributes: Attributes<'_>, texts: &Texts) -> String {
        let mut json = Self::default();
        json.object(attributes, texts);
        json.text
    }

    /// Attributes as a JSON object.
    pub(crate) fn object(&mut self, attributes: Attributes<'_>, texts: &Texts) -> &str {
        self.text.clear();
        self.keys.clear();
        self.text.push('{');
        for (key, value) in attributes.iter() {
            if self.keys.contains(&key) {
                // A key given twice: the last counts, at the place of the first.
                self.text = serde_json::Value::Object(attributes.to_json(texts)).to_string();
                return &self.text;
            }
            if !self.keys.is_empty() {
                self.text.push(',');
            }
            self.keys.push(key);
            quote(&mut self.text, texts.text(key));
            self.text.push(':');
            match value {
                Packed::Shared(symbol) => quote(&mut self.text, texts.text(symbol)),
                Packed::Text(text) => quote(&mut self.text, text),
                Packed::Whole(whole) => self.text.push_str(itoa::Buffer::new().format(whole)),
                Packed::Number(number) => self.text.push_str(&serde_json::Value::from(number).to_string()),
                Packed::Bool(is) => self.text.push_str(if is { "true" } else { "false" }),
                Packed::Json(json) => self.text.push_str(json),
                Packed::Null => self.text.push_str("null"),
            }
        }
        self.text.push('}');
        &self.text
    }
}

/// Appends a text in quotes; few have anything to be escaped.
fn quote(into: &mut String, text: &str) {
    if text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        into.push_str(&serde_json::Value::from(text).to_string());
        return;
    }
    into.push('"');
    into.push_str(text);
    into.push('"');
}

/// Packs a JSON object as attributes. `shape` is what attributes that look alike have in common: a span's name.
pub(crate) fn pack(json: &str, shape: Symbol, buffer: &mut Vec<u8>, tables: &mut Tables) -> Result<(), Unfit> {
    for (place, entry) in to_object_iter(json).enumerate() {
        let (key, lazy) = entry.map_err(|error| Unfit(format!("attributes are no JSON object: {error}")))?;
        let (key, raw) = (key.as_bytes(), lazy.as_raw_str());
        let value = match lazy.get_type() {
            JsonType::Null => Value::Empty,
            JsonType::Boolean => Value::Bool(raw == "true"),
            JsonType::Number => number(raw)?,
            JsonType::String => Value::Text(lazy.as_str().unwrap_or_default().as_bytes()),
            JsonType::Array | JsonType::Object => {
                tables.nested(buffer, shape, place, key, raw).map_err(|error| Unfit(error.to_string()))?;
                continue;
            }
        };
        tables.attribute(buffer, shape, place, KeyValue { key, value }).map_err(|error| Unfit(error.to_string()))?;
    }
    Ok(())
}

/// Whole numbers have neither point nor exponent, as they were written.
fn number(raw: &str) -> Result<Value<'static>, Unfit> {
    if let Ok(whole) = raw.parse() {
        return Ok(Value::Whole(whole));
    }
    raw.parse().map(Value::Number).map_err(|_| Unfit(format!("an attribute has the number {raw}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::push;

    #[test]
    fn every_value_comes_back_as_it_was() {
        let mut tables = Tables::new(1 << 30);
        let mut packed = Vec::new();
        let shared = tables.symbols.value(b"often \"quoted\"\n").expect("UTF-8").expect("room");
        let values = [
            ("a", Packed::Shared(shared)),
            ("b\"\\", Packed::Text("näh\u{1}\u{1f600}")),
            ("c", Packed::Whole(i64::MIN)),
            ("d", Packed::Whole(i64::MAX)),
            ("e", Packed::Number(0.1 + 0.2)),
            ("f", Packed::Number(2.0)),
            ("g", Packed::Number(-0.0)),
            ("h", Packed::Number(f64::MIN_POSITIVE)),
            ("i", Packed::Number(1e300)),
            ("j", Packed::Bool(true)),
            ("k", Packed::Null),
            ("l", Packed::Json(r#"[1,{"deep":[null,2.5,"]}"]}]"#)),
            ("", Packed::Text("")),
        ];
        for (key, value) in values {
            let key = tables.symbols.name(key.as_bytes()).expect("UTF-8");
            push(&mut packed, key, value);
        }
        let mut text = JsonText::default();
        let json = text.object(Attributes(&packed), tables.texts()).to_owned();
        serde_json::from_str::<serde_json::Value>(&json).expect("it is JSON");

        let (mut again, mut other) = (Vec::new(), Tables::new(1 << 30));
        pack(&json, Symbol::NONE, &mut again, &mut other).expect("our own");
        assert_eq!(text.object(Attributes(&again), other.texts()), json);
        let whole = |packed: &[u8], tables: &Tables| -> Vec<String> {
            let text = |(key, value): (Symbol, Packed<'_>)| {
                let value = match value {
                    Packed::Shared(symbol) => Packed::Text(tables.texts().text(symbol)),
                    other => other,
                };
                format!("{:?}: {value:?}", tables.texts().text(key))
            };
            Attributes(packed).iter().map(text).collect()
        };
        assert_eq!(whole(&packed, &tables), whole(&again, &other));
    }

    #[test]
    fn of_a_key_given_twice_the_last_counts_and_what_json_lacks_becomes_null() {
        let mut tables = Tables::new(1 << 30);
        let key = tables.symbols.name(b"k").expect("UTF-8");
        let mut packed = Vec::new();
        push(&mut packed, key, Packed::Whole(1));
        push(&mut packed, key, Packed::Number(f64::NAN));
        assert_eq!(JsonText::default().object(Attributes(&packed), tables.texts()), r#"{"k":null}"#);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for json in ["", "[1]", "{\"a\":", "{\"a\":1", "nonsense"] {
            assert!(pack(json, Symbol::NONE, &mut Vec::new(), &mut Tables::new(1 << 30)).is_err(), "{json}");
        }
    }
}
