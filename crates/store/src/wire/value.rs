//! Attribute values of OTLP: `KeyValue` and `AnyValue`.

use serde_json::{Map, Value as Json};

use super::fields::{DEEPEST, Field, Fields, Malformed};

/// An attribute as it stands in a message; neither key nor text is known to be UTF-8 yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct KeyValue<'a> {
    pub(crate) key: &'a [u8],
    pub(crate) value: Value<'a>,
}

/// The value of an attribute.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) enum Value<'a> {
    /// Nothing, or a kind that OTLP got later.
    #[default]
    Empty,
    Text(&'a [u8]),
    Bool(bool),
    Whole(i64),
    Number(f64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// An `ArrayValue` that is still to be read.
    List(&'a [u8]),
    /// A `KeyValueList` that is still to be read.
    Map(&'a [u8]),
}

impl<'a> KeyValue<'a> {
    #[inline(always)]
    pub(crate) fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::new(message);
        let mut attribute = Self { key: b"", value: Value::Empty };
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => attribute.key = field.bytes()?,
                2 => attribute.value = Value::read(field.bytes()?)?,
                _ => {}
            }
        }
        Ok(attribute)
    }
}

impl<'a> Value<'a> {
    /// Reads an `AnyValue`; of several values the last counts.
    #[inline(always)]
    pub(crate) fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::new(message);
        let mut value = Self::Empty;
        while let Some((number, field)) = fields.next()? {
            value = match (number, field) {
                (1, Field::Bytes(text)) => Self::Text(text),
                (2, Field::Varint(is)) => Self::Bool(is != 0),
                (3, Field::Varint(whole)) => Self::Whole(whole.cast_signed()),
                (4, Field::Fixed64(bits)) => Self::Number(f64::from_bits(bits)),
                (5, Field::Bytes(list)) => Self::List(list),
                (6, Field::Bytes(map)) => Self::Map(map),
                (7, Field::Bytes(bytes)) => Self::Bytes(bytes),
                (1..=7, _) => return Err(Malformed::FieldType),
                _ => value,
            };
        }
        Ok(value)
    }

    /// As JSON: numbers as numbers, bytes in hex, lists and maps as such.
    ///
    /// # Errors
    /// What stands inside is malformed, or nests too deeply.
    pub(crate) fn to_json(self) -> Result<Json, Malformed> {
        self.json(DEEPEST)
    }

    fn json(self, depth: usize) -> Result<Json, Malformed> {
        let depth = depth.checked_sub(1).ok_or(Malformed::Depth)?;
        Ok(match self {
            Self::Empty => Json::Null,
            Self::Text(text) => Json::from(std::str::from_utf8(text).map_err(|_| Malformed::Utf8)?),
            Self::Bool(is) => Json::from(is),
            Self::Whole(whole) => Json::from(whole),
            Self::Number(number) => Json::from(number),
            Self::Bytes(bytes) => Json::from(hex(bytes)),
            Self::List(list) => {
                let mut fields = Fields::new(list);
                let mut values = Vec::new();
                while let Some((number, field)) = fields.next()? {
                    if number == 1 {
                        values.push(Value::read(field.bytes()?)?.json(depth)?);
                    }
                }
                Json::from(values)
            }
            Self::Map(map) => {
                let mut fields = Fields::new(map);
                let mut entries = Map::new();
                while let Some((number, field)) = fields.next()? {
                    if number == 1 {
                        let entry = KeyValue::read(field.bytes()?)?;
                        let key = std::str::from_utf8(entry.key).map_err(|_| Malformed::Utf8)?;
                        entries.insert(key.to_owned(), entry.value.json(depth)?);
                    }
                }
                Json::Object(entries)
            }
        })
    }
}

/// Bytes in lowercase hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Hex digits on the stack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HexDigits<const DIGITS: usize>([u8; DIGITS]);

impl<const DIGITS: usize> HexDigits<DIGITS> {
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// An id in lowercase hex; there are twice as many digits as bytes.
pub(crate) fn hex_digits<const BYTES: usize, const DIGITS: usize>(bytes: [u8; BYTES]) -> HexDigits<DIGITS> {
    const { assert!(DIGITS == 2 * BYTES) };
    let mut digits = [0; DIGITS];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
        pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
    }
    HexDigits(digits)
}
