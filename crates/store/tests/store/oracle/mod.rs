//! The walk over the wire against `prost`, which decodes the same messages by the generated code of OTLP.
//!
//! Whatever `prost` takes the walk takes, with the same spans, records and points in it, and every field comes out as
//! `prost` has it. On purpose they differ in this, and only in this:
//!
//! * The walk reads over what is not kept (scope attributes, schema URLs, exemplars, descriptions' siblings): a fault in
//!   there refuses the message for `prost` alone.
//! * A message that should stand once and stands twice (a resource, a status, a value) is merged by `prost`; for the walk
//!   the last one counts, of scopes and span resources the first.
//! * Unknown groups may nest 64 deep for the walk, a little less than 100 for `prost`; values 64 instead of some 48.

mod generate;
mod logs;
mod metrics;
mod mutated;
mod traces;

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value as V};
use opentelemetry_proto::tonic::resource::v1::Resource;
use proptest::prelude::ProptestConfig;
use serde_json::{Map, Value, json};

/// So many cases, or as many as `PROPTEST_CASES` says.
fn cases(cases: u32) -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() { config } else { ProptestConfig { cases, ..config } }
}

/// A value as JSON, as the store documents it.
fn json_of(value: Option<&AnyValue>) -> Value {
    match value.and_then(|value| value.value.as_ref()) {
        None | Some(V::StringValueStrindex(_)) => Value::Null,
        Some(V::StringValue(text)) => json!(text),
        Some(V::BoolValue(is)) => json!(is),
        Some(V::IntValue(whole)) => json!(whole),
        Some(V::DoubleValue(number)) => json!(number),
        Some(V::BytesValue(bytes)) => json!(hex(bytes)),
        Some(V::ArrayValue(list)) => list.values.iter().map(|value| json_of(Some(value))).collect(),
        Some(V::KvlistValue(map)) => Value::Object(map_of(&map.values)),
    }
}

/// Attributes as JSON; of keys given twice the last counts.
fn map_of(attributes: &[KeyValue]) -> Map<String, Value> {
    attributes.iter().map(|attribute| (attribute.key.clone(), json_of(attribute.value.as_ref()))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The last text that an attribute has.
fn last_text<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a str> {
    let mut texts =
        attributes.iter().filter(|attribute| attribute.key == key).filter_map(|attribute| {
            match attribute.value.as_ref()?.value.as_ref()? {
                V::StringValue(text) => Some(text.as_str()),
                _ => None,
            }
        });
    texts.next_back()
}

fn service_of(resource: Option<&Resource>) -> String {
    let named = resource.and_then(|resource| last_text(&resource.attributes, "service.name"));
    name(named.unwrap_or("unknown_service"))
}

/// Names are kept up to 256 bytes; long ones are ASCII here.
fn name(text: &str) -> String {
    text[..text.len().min(256)].to_owned()
}

/// Values in an order of their own, so that lists can be compared whatever order they came in.
fn sorted(values: impl IntoIterator<Item = Value>) -> Vec<String> {
    let mut texts: Vec<String> = values.into_iter().map(|value| canonical(&value).to_string()).collect();
    texts.sort();
    texts
}

/// The same value with the keys of all objects in order.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| (*key).clone());
            Value::Object(fields.into_iter().map(|(key, value)| (key.clone(), canonical(value))).collect())
        }
        Value::Array(values) => values.iter().map(canonical).collect(),
        other => other.clone(),
    }
}
