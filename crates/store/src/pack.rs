//! Attributes in few bytes: keys and frequent values by number, the rest as it is.

use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value as Otlp};
use serde_json::{Map, Value};

use crate::any_value;
use crate::limits::{LONGEST_VALUE, MOST_ATTRIBUTES};
use crate::symbols::{Symbol, Symbols, cut};

/// The longest value that is worth a number: a statement's text.
const LONGEST_SHARED: usize = 1024;

/// The two tables that packed attributes refer to.
#[derive(Debug)]
pub(crate) struct Tables {
    /// Services, operations, keys.
    pub(crate) names: Symbols,
    /// Values of attributes.
    pub(crate) values: Symbols,
}

impl Tables {
    pub(crate) fn new() -> Self {
        // Room for some 30,000 names and 20,000 values: ordinary systems have hundreds.
        Self { names: Symbols::new(4 << 20), values: Symbols::new(4 << 20) }
    }
}

/// Packed attributes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Packed(Box<[u8]>);

const SHARED: u8 = 0;
const TEXT: u8 = 1;
const WHOLE: u8 = 2;
const NUMBER: u8 = 3;
const TRUE: u8 = 4;
const FALSE: u8 = 5;
const JSON: u8 = 6;

impl Packed {
    /// Packs `attributes`; returns how many had to be left out.
    pub(crate) fn new(attributes: &[KeyValue], tables: &mut Tables) -> (Self, u64) {
        let mut bytes = Vec::with_capacity(attributes.len() * 6);
        for entry in attributes.iter().take(MOST_ATTRIBUTES) {
            varint(&mut bytes, tables.names.name(&entry.key).0.into());
            match entry.value.as_ref().and_then(|any| any.value.as_ref()) {
                Some(Otlp::StringValue(text)) => push_text(&mut bytes, cut(text, LONGEST_VALUE), &mut tables.values),
                Some(Otlp::BoolValue(true)) => bytes.push(TRUE),
                Some(Otlp::BoolValue(false)) => bytes.push(FALSE),
                Some(Otlp::IntValue(whole)) => {
                    bytes.push(WHOLE);
                    varint(&mut bytes, zigzag(*whole));
                }
                Some(Otlp::DoubleValue(number)) => {
                    bytes.push(NUMBER);
                    bytes.extend(number.to_le_bytes());
                }
                _ => push_json(&mut bytes, entry),
            }
        }
        (Self(bytes.into_boxed_slice()), attributes.len().saturating_sub(MOST_ATTRIBUTES) as u64)
    }

    /// Bytes on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.0.len()
    }

    /// As a JSON object; of keys given twice the last counts.
    pub(crate) fn unpack(&self, tables: &Tables) -> Map<String, Value> {
        let mut map = Map::new();
        let mut rest = Rest(&self.0);
        while let Some((key, value)) = rest.entry(tables) {
            map.insert(tables.names.text(key).to_owned(), value);
        }
        map
    }
}

fn push_text(bytes: &mut Vec<u8>, text: &str, values: &mut Symbols) {
    let shared = if text.len() <= LONGEST_SHARED { values.try_value(text) } else { None };
    match shared {
        Some(symbol) => {
            bytes.push(SHARED);
            varint(bytes, symbol.0.into());
        }
        None => {
            bytes.push(TEXT);
            varint(bytes, text.len() as u64);
            bytes.extend(text.as_bytes());
        }
    }
}

/// Lists, maps and bytes are kept as JSON text; what is too long becomes null.
fn push_json(bytes: &mut Vec<u8>, entry: &KeyValue) {
    let json = entry.value.as_ref().map_or(Value::Null, any_value::to_json).to_string();
    let text = if json.len() <= LONGEST_VALUE { json.as_str() } else { "null" };
    bytes.push(JSON);
    varint(bytes, text.len() as u64);
    bytes.extend(text.as_bytes());
}

fn zigzag(whole: i64) -> u64 {
    ((whole << 1) ^ (whole >> 63)).cast_unsigned()
}

fn unzigzag(coded: u64) -> i64 {
    (coded >> 1).cast_signed() ^ -((coded & 1).cast_signed())
}

fn varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value as u8) | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// What is still to be unpacked.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn entry(&mut self, tables: &Tables) -> Option<(Symbol, Value)> {
        let key = Symbol(self.varint()?.try_into().ok()?);
        let value = match self.bytes(1)?[0] {
            SHARED => Value::from(tables.values.text(Symbol(self.varint()?.try_into().ok()?))),
            TEXT => Value::from(self.text()?),
            WHOLE => Value::from(unzigzag(self.varint()?)),
            NUMBER => Value::from(f64::from_le_bytes(self.bytes(8)?.try_into().ok()?)),
            TRUE => Value::from(true),
            FALSE => Value::from(false),
            _ => serde_json::from_str(self.text()?).unwrap_or(Value::Null),
        };
        Some((key, value))
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.varint()?.try_into().ok()?;
        std::str::from_utf8(self.bytes(length)?).ok()
    }

    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.bytes(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue};

    fn attribute(key: &str, value: Otlp) -> KeyValue {
        KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
    }

    #[test]
    fn what_is_packed_comes_back_as_it_was() {
        let list = ArrayValue { values: vec![AnyValue { value: Some(Otlp::IntValue(7)) }] };
        let long = "x".repeat(2000);
        let attributes = [
            attribute("text", Otlp::StringValue("a text".into())),
            attribute("long", Otlp::StringValue(long.clone())),
            attribute("least", Otlp::IntValue(i64::MIN)),
            attribute("most", Otlp::IntValue(i64::MAX)),
            attribute("number", Otlp::DoubleValue(0.1)),
            attribute("yes", Otlp::BoolValue(true)),
            attribute("list", Otlp::ArrayValue(list)),
            attribute("bytes", Otlp::BytesValue(vec![0xbe, 0xef])),
            KeyValue { key: "empty".into(), ..KeyValue::default() },
            attribute("text", Otlp::StringValue("given twice".into())),
        ];
        let mut tables = Tables::new();
        let (packed, dropped) = Packed::new(&attributes, &mut tables);
        let expected = serde_json::json!({
            "text": "given twice", "long": long, "least": i64::MIN, "most": i64::MAX, "number": 0.1, "yes": true,
            "list": [7], "bytes": "beef", "empty": null
        });
        assert_eq!(Value::Object(packed.unpack(&tables)), expected);
        assert_eq!(dropped, 0);
    }

    #[test]
    fn a_flood_of_attributes_is_cut_and_counted() {
        let attributes: Vec<_> = (0..200).map(|n| attribute(&format!("k{n}"), Otlp::IntValue(n))).collect();
        let (packed, dropped) = Packed::new(&attributes, &mut Tables::new());
        assert_eq!(dropped, 72);
        assert!(packed.heap_bytes() < 700);
    }

    #[test]
    fn when_the_table_is_full_values_are_kept_in_place() {
        let mut tables = Tables { names: Symbols::new(4096), values: Symbols::new(0) };
        let (packed, _) = Packed::new(&[attribute("k", Otlp::StringValue("new".into()))], &mut tables);
        assert_eq!(packed.unpack(&tables)["k"], "new");
    }
}
