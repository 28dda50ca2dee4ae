//! OTLP's JSON into its protobuf, in one pass over the text.
//!
//! Written against [the specification](https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding) and protobuf's own
//! JSON mapping: ids in hex, other bytes in base64, numbers as numbers or text, `NaN` and `Infinity` as text, enums as
//! numbers (their names are taken as well), `null` for what is not given, unknown fields ignored.
//!
//! Not by `opentelemetry-proto`'s serde: of the above it does not take `null`, text for 32-bit numbers, text for `sum`,
//! `min`, `max` and bounds, `{}` for an empty list or map, a `KeyValue` without value, and unknown fields of a value. What
//! both take is checked against it.

use std::fmt;

use prost::encoding::{encode_varint, encoded_len_varint};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};

use crate::otlp::json_fields::{Field, Kind, LOGS, METRICS, Message, Packing, TRACES};
use crate::otlp::json_value;
use crate::otlp::signal::Signal;

/// The protobuf of a message in JSON; what is wrong with it otherwise, with the place.
pub(crate) fn to_protobuf(signal: Signal, text: &[u8]) -> Result<Vec<u8>, String> {
    let message = match signal {
        Signal::Traces => &TRACES,
        Signal::Metrics => &METRICS,
        Signal::Logs => &LOGS,
    };
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut json = serde_json::Deserializer::from_slice(text);
    MessageSeed { message, out: &mut out }.deserialize(&mut json).map_err(|error| error.to_string())?;
    json.end().map_err(|error| error.to_string())?;
    Ok(out)
}

/// Writes the fields of an object.
struct MessageSeed<'a> {
    message: &'static Message,
    out: &'a mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for MessageSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for MessageSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object, {}", self.message.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(field) = map.next_key_seed(NameSeed { message: self.message })? {
            match field {
                Some(field) => map.next_value_seed(FieldSeed { field, out: &mut *self.out })?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// The field of a name, none for names that are not known.
struct NameSeed {
    message: &'static Message,
}

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Option<&'static Field>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed {
    type Value = Option<&'static Field>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.message.fields.iter().find(|field| field.name == name))
    }
}

/// Writes one field: nothing for `null`, one entry each for a list.
struct FieldSeed<'a> {
    field: &'static Field,
    out: &'a mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for FieldSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        match self.field.packing {
            Packing::Single => ValueSeed { field: self.field, has_key: true, out: self.out }.deserialize(from),
            Packing::Each | Packing::Together => from.deserialize_any(self),
        }
    }
}

/// Of lists.
impl<'de> Visitor<'de> for FieldSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`, a list, each {}", self.field.name, self.field.kind.in_words())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { field, out } = self;
        if field.packing == Packing::Each {
            while list.next_element_seed(ValueSeed { field, has_key: true, out: &mut *out })?.is_some() {}
            return Ok(());
        }
        field.key(out);
        let start = out.len();
        while list.next_element_seed(ValueSeed { field, has_key: false, out: &mut *out })?.is_some() {}
        put_length(out, start);
        Ok(())
    }
}

/// Writes one value, with the field's key before it or, where values are packed together, without.
struct ValueSeed<'a> {
    field: &'static Field,
    has_key: bool,
    out: &'a mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl ValueSeed<'_> {
    fn put<E: Error>(&mut self, given: Unexpected<'_>) -> Result<(), E> {
        if self.has_key {
            self.field.key(self.out);
        }
        json_value::put(self.field.kind, given, self.out).ok_or_else(|| E::invalid_value(given, &*self))
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`, {}", self.field.name, self.field.kind.in_words())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(mut self, is: bool) -> Result<(), E> {
        self.put(Unexpected::Bool(is))
    }

    fn visit_u64<E: Error>(mut self, number: u64) -> Result<(), E> {
        self.put(Unexpected::Unsigned(number))
    }

    fn visit_i64<E: Error>(mut self, number: i64) -> Result<(), E> {
        self.put(Unexpected::Signed(number))
    }

    fn visit_f64<E: Error>(mut self, number: f64) -> Result<(), E> {
        self.put(Unexpected::Float(number))
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<(), E> {
        self.put(Unexpected::Str(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let Kind::Message(message) = self.field.kind else {
            return Err(A::Error::invalid_type(Unexpected::Map, &self));
        };
        if self.has_key {
            self.field.key(self.out);
        }
        let start = self.out.len();
        MessageSeed { message, out: &mut *self.out }.visit_map(map)?;
        put_length(self.out, start);
        Ok(())
    }
}

/// Puts the length of what was written since `start` before it.
fn put_length(out: &mut Vec<u8>, start: usize) {
    let length = out.len() - start;
    let bytes = encoded_len_varint(length as u64);
    out.resize(out.len() + bytes, 0);
    out.copy_within(start..start + length, start + bytes);
    encode_varint(length as u64, &mut &mut out[start..start + bytes]);
}

#[cfg(test)]
mod tests;
