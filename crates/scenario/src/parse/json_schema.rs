//! The file's shape as JSON Schema (draft 2020-12), for editors.

use serde_json::{Map, Value, json};

use super::layout;
use super::shape::{Bounds, Field, LONGEST_LIST, LONGEST_TEXT, Shape, WORD_PATTERN};
use crate::FaultKinds;

/// JSON Schema of a scenario file whose faults are of `kinds`.
///
/// It says what a shape can say; [`parse`](crate::parse) also knows what refers to what.
pub fn json_schema(kinds: &dyn FaultKinds) -> Value {
    let mut schema = of(&layout::SCENARIO, kinds);
    if let Value::Object(map) = &mut schema {
        map.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        map.insert("title".to_owned(), json!("Doorbuster scenario"));
    }
    schema
}

fn of(shape: &Shape, kinds: &dyn FaultKinds) -> Value {
    match shape {
        Shape::Map(fields) => map(fields, kinds),
        Shape::Table { least, of: inner } => json!({
            "type": "object", "minProperties": least, "maxProperties": LONGEST_LIST,
            "propertyNames": {"pattern": WORD_PATTERN}, "additionalProperties": of(inner, kinds),
        }),
        Shape::Kinds(variants) => {
            json!({"oneOf": variants.iter().map(|(kind, fields)| variant(kind, fields, kinds)).collect::<Vec<_>>()})
        }
        Shape::List { least, most, of: inner } => {
            json!({"type": "array", "minItems": least, "maxItems": most, "items": of(inner, kinds)})
        }
        Shape::Number(bounds) => number(*bounds),
        Shape::Range(bounds) => range(*bounds),
        Shape::Band(bounds) => {
            json!({"anyOf": [range(*bounds), {"type": "string", "pattern": r"^predicted *(\+-|±) *[0-9.]+$"}]})
        }
        Shape::Curve(bounds) => json!({"anyOf": [
            number(*bounds),
            {"type": "array", "minItems": 1, "maxItems": LONGEST_LIST, "items": {
                "type": "array", "minItems": 2, "maxItems": 2,
                "prefixItems": [{"type": "number", "minimum": 0, "maximum": 1440}, number(*bounds)],
            }},
        ]}),
        Shape::Word => json!({"type": "string", "pattern": WORD_PATTERN}),
        Shape::Text => json!({"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}),
        Shape::OneOf(words) => json!({"enum": words}),
        Shape::FaultKind => json!({"enum": kinds.names()}),
        Shape::FaultArgs => json!({"type": "object"}),
    }
}

fn map(fields: &[Field], kinds: &dyn FaultKinds) -> Value {
    let mut properties = Map::new();
    for field in fields {
        let mut schema = of(&field.shape, kinds);
        if let Value::Object(inner) = &mut schema {
            inner.insert("description".to_owned(), json!(field.about));
        }
        properties.insert(field.key.to_owned(), schema);
    }
    let required: Vec<&str> = fields.iter().filter(|f| f.required).map(|f| f.key).collect();
    let mut schema =
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    // A fault's arguments depend on its kind.
    if fields.iter().any(|f| matches!(f.shape, Shape::FaultArgs)) {
        let by_kind = |kind: &str| json!({"if": {"properties": {"kind": {"const": kind}}}, "then": {"properties": {"args": kinds.schema(kind)}}});
        schema["allOf"] = kinds.names().into_iter().map(by_kind).collect();
    }
    schema
}

fn variant(kind: &str, fields: &[Field], kinds: &dyn FaultKinds) -> Value {
    let mut schema = map(fields, kinds);
    schema["properties"]["kind"] = json!({"const": kind});
    if let Some(required) = schema["required"].as_array_mut() {
        required.insert(0, json!("kind"));
    }
    schema
}

fn number(bounds: Bounds) -> Value {
    json!({"type": if bounds.whole { "integer" } else { "number" }, "minimum": bounds.low, "maximum": bounds.high})
}

fn range(bounds: Bounds) -> Value {
    json!({"type": "array", "minItems": 2, "maxItems": 2, "items": number(bounds)})
}
