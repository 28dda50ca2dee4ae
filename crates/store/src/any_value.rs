//! OTLP values as JSON, as OTLP's own JSON would show them to people: numbers as numbers, bytes in hex.

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value as Otlp};
use serde_json::{Map, Value};

/// How deep lists and maps may nest before the rest is left out.
const DEEPEST: usize = 16;

/// A value as JSON.
pub fn to_json(value: &AnyValue) -> Value {
    nested(value.value.as_ref(), DEEPEST)
}

/// Attributes as a JSON object; of keys given twice the last counts.
pub(crate) fn object(attributes: &[KeyValue]) -> Value {
    Value::Object(entries(attributes, DEEPEST))
}

fn entries(attributes: &[KeyValue], depth: usize) -> Map<String, Value> {
    let value = |entry: &KeyValue| nested(entry.value.as_ref().and_then(|any| any.value.as_ref()), depth);
    attributes.iter().map(|entry| (entry.key.clone(), value(entry))).collect()
}

fn nested(value: Option<&Otlp>, depth: usize) -> Value {
    let Some(depth) = depth.checked_sub(1) else {
        return Value::Null;
    };
    match value {
        Some(Otlp::StringValue(text)) => Value::from(text.as_str()),
        Some(Otlp::BoolValue(is)) => Value::from(*is),
        Some(Otlp::IntValue(whole)) => Value::from(*whole),
        Some(Otlp::DoubleValue(number)) => Value::from(*number),
        Some(Otlp::ArrayValue(list)) => list.values.iter().map(|any| nested(any.value.as_ref(), depth)).collect(),
        Some(Otlp::KvlistValue(map)) => Value::Object(entries(&map.values, depth)),
        Some(Otlp::BytesValue(bytes)) => {
            Value::from(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        }
        Some(Otlp::StringValueStrindex(_)) | None => Value::Null,
    }
}
