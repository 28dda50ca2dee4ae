//! The fault kinds as scenario files see them.

use scenario::{ArgMistake, FaultKinds};
use serde_json::Value;

use crate::kind::KINDS;

/// Every fault kind of this crate, for [`scenario::parse`] and the JSON Schema.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kinds;

impl FaultKinds for Kinds {
    fn names(&self) -> Vec<&str> {
        KINDS.iter().map(|k| k.name).collect()
    }

    fn check(&self, kind: &str, args: &Value) -> Vec<ArgMistake> {
        KINDS.iter().find(|k| k.name == kind).map(|k| (k.check)(args)).unwrap_or_default()
    }

    fn schema(&self, kind: &str) -> Value {
        KINDS.iter().find(|k| k.name == kind).map_or(Value::Bool(false), |k| (k.schema)())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_arguments_of_black_friday_are_right() {
        let drop = json!({"table": "products", "indexes": ["idx_products_recommendation"]});
        assert_eq!(Kinds.check("drop_index", &drop), []);
        let wait = json!({"queue": "recommendations", "table": "products", "while_missing": "idx_products_recommendation",
                          "service_time_ms": [[15, 520], [20, 820], [20, 1300]]});
        assert_eq!(Kinds.check("storage_wait", &wait), []);
    }

    #[test]
    fn the_schema_of_each_kind_names_its_arguments_and_closes_the_door_to_others() {
        for kind in Kinds.names() {
            let schema = Kinds.schema(kind);
            assert_eq!(schema["additionalProperties"], json!(false), "{kind}");
            assert!(schema["properties"].as_object().is_some_and(|p| p.contains_key("table")), "{kind}");
        }
        assert_eq!(Kinds.schema("no_such_kind"), json!(false));
    }
}
