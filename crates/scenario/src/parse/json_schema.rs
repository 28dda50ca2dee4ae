//! The files' shapes as JSON Schema (draft 2020-12), for editors.

use serde_json::{Map, Value, json};

use super::keys::WORDS;
use super::layout;
use super::shape::{
    Bounds, Field, LONGEST_DOCUMENT, LONGEST_LINE, LONGEST_LIST, LONGEST_TEXT, MINUTE, Need, Shape, curve_forms, ramp,
};
use crate::{ArgMistake, FaultKinds};

/// JSON Schema of a scenario file whose faults are of `kinds`.
///
/// It says what a shape can say; [`parse`](crate::parse) also knows what refers to what.
pub fn json_schema(kinds: &dyn FaultKinds) -> Value {
    document(&layout::SCENARIO, kinds, "Doorbuster scenario")
}

/// JSON Schema of a load test file.
///
/// It says what a shape can say; [`parse_load_test`](crate::parse_load_test) also knows what refers to what.
pub fn load_test_schema() -> Value {
    document(&layout::LOAD_TEST, &NoFaults, "Doorbuster load test")
}

/// A load test breaks nothing.
pub(super) struct NoFaults;

impl FaultKinds for NoFaults {
    fn names(&self) -> Vec<&str> {
        Vec::new()
    }

    fn check(&self, _: &str, _: &Value) -> Vec<ArgMistake> {
        Vec::new()
    }

    fn schema(&self, _: &str) -> Value {
        Value::Bool(true)
    }
}

fn document(shape: &Shape, kinds: &dyn FaultKinds, title: &str) -> Value {
    let mut schema = of(shape, kinds);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!(title);
    schema
}

fn of(shape: &Shape, kinds: &dyn FaultKinds) -> Value {
    match shape {
        Shape::Map(fields) => map(fields, kinds),
        Shape::Forms(forms) => any_of(forms.iter().map(|fields| map(fields, kinds))),
        Shape::Table { keys, least, most, of: inner } => json!({
            "type": "object", "minProperties": least, "maxProperties": most,
            "propertyNames": {"pattern": keys.pattern}, "additionalProperties": of(inner, kinds),
        }),
        Shape::Kinds(variants) => {
            json!({"oneOf": variants.iter().map(|(kind, fields)| variant(kind, fields, kinds)).collect::<Vec<_>>()})
        }
        Shape::List { least, most, of: inner } => {
            json!({"type": "array", "minItems": least, "maxItems": most, "items": of(inner, kinds)})
        }
        Shape::Either(shapes) => any_of(shapes.iter().map(|shape| of(shape, kinds))),
        Shape::Number(bounds) => number(*bounds),
        Shape::Range(bounds) => range(*bounds),
        Shape::Band(bounds) => {
            json!({"anyOf": [range(*bounds), {"type": "string", "pattern": r"^predicted *(\+-|±) *[0-9.]+$"}]})
        }
        Shape::Curve(bounds) => {
            let (steps, ramps) = curve_forms(*bounds);
            any_of([number(*bounds), pairs(*bounds), map(&steps, kinds), map(&ramps, kinds)])
        }
        Shape::Steps(bounds) => pairs(*bounds),
        Shape::Ramps(bounds) => {
            json!({"type": "array", "minItems": 1, "maxItems": LONGEST_LIST, "items": map(&ramp(*bounds), kinds)})
        }
        Shape::Boolean => json!({"type": "boolean"}),
        Shape::Word => json!({"type": "string", "pattern": WORDS.pattern}),
        Shape::Text => json!({"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}),
        Shape::Line => json!({"type": "string", "minLength": 1, "maxLength": LONGEST_LINE}),
        Shape::Document => json!({"type": "string", "maxLength": LONGEST_DOCUMENT}),
        Shape::OneOf(words) => json!({"enum": words}),
        Shape::Scalar => json!({"type": ["string", "number", "boolean", "null"]}),
        Shape::Json => json!({}),
        Shape::FaultKind => json!({"enum": kinds.names()}),
        Shape::FaultArgs => json!({"type": "object"}),
    }
}

fn map(fields: &[Field], kinds: &dyn FaultKinds) -> Value {
    let mut properties = Map::new();
    for field in fields.iter().filter(|f| !matches!(f.need, Need::Refused(_))) {
        let mut schema = of(&field.shape, kinds);
        schema["description"] = json!(field.about);
        properties.insert(field.key.to_owned(), schema);
    }
    let keys = |need| fields.iter().filter(move |f| f.need == need).map(|f| f.key);
    let required: Vec<&str> = keys(Need::Required).collect();
    let mut schema =
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    if keys(Need::OneOf).next().is_some() {
        schema["oneOf"] = keys(Need::OneOf).map(|key| json!({"required": [key]})).collect();
    }
    if keys(Need::AtMostOneOf).next().is_some() {
        schema["not"] = json!({"required": keys(Need::AtMostOneOf).collect::<Vec<_>>()});
    }
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

fn any_of(schemas: impl IntoIterator<Item = Value>) -> Value {
    json!({"anyOf": schemas.into_iter().collect::<Vec<_>>()})
}

fn number(bounds: Bounds) -> Value {
    json!({"type": if bounds.whole { "integer" } else { "number" }, "minimum": bounds.low, "maximum": bounds.high})
}

fn range(bounds: Bounds) -> Value {
    json!({"type": "array", "minItems": 2, "maxItems": 2, "items": number(bounds)})
}

fn pairs(bounds: Bounds) -> Value {
    json!({"type": "array", "minItems": 1, "maxItems": LONGEST_LIST, "items": {
        "type": "array", "minItems": 2, "maxItems": 2, "prefixItems": [number(MINUTE), number(bounds)],
    }})
}
