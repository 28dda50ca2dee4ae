//! The fault kinds as scenario files and the command line see them.

use scenario::{ArgMistake, FaultKinds};
use serde::Serialize;
use serde_json::Value;

use super::{KINDS, entry};

/// Where each kind has its section; told once, shown wherever it is asked for.
const DOCUMENT: &str = include_str!("../../../../docs/faults.md");

/// What there is to know about a kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KindInfo {
    /// As scenario files call it.
    pub name: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// Its section of `docs/faults.md`, in Markdown, without the heading: arguments, what really happens, proof, undo, limits.
    pub docs: &'static str,
    /// JSON Schema (draft 2020-12) of its arguments.
    pub schema: Value,
    /// Arguments that it takes.
    pub example: Value,
}

/// Every kind, in the order of the documentation.
pub fn catalogue() -> Vec<KindInfo> {
    let info = |entry: &super::Entry| KindInfo {
        name: entry.name,
        summary: entry.summary,
        docs: section(DOCUMENT, entry.name),
        schema: (entry.schema)(),
        example: (entry.example)(),
    };
    KINDS.iter().map(info).collect()
}

/// What stands under `### `name`` until the next heading; empty where there is no such heading.
fn section<'a>(document: &'a str, name: &str) -> &'a str {
    let heading = format!("\n### `{name}`\n");
    let Some((_, rest)) = document.split_once(heading.as_str()) else {
        return "";
    };
    let end = ["\n## ", "\n### "].iter().filter_map(|next| rest.find(next)).min().unwrap_or(rest.len());
    rest[..end].trim()
}

/// Every fault kind of this crate, for [`scenario::parse`] and the JSON Schema.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kinds;

impl FaultKinds for Kinds {
    fn names(&self) -> Vec<&str> {
        KINDS.iter().map(|k| k.name).collect()
    }

    fn check(&self, kind: &str, args: &Value) -> Vec<ArgMistake> {
        entry(kind).map(|k| (k.check)(args)).unwrap_or_default()
    }

    fn schema(&self, kind: &str) -> Value {
        entry(kind).map_or(Value::Bool(false), |k| (k.schema)())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::Deed;
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
    fn every_kind_has_a_line_a_section_a_closed_schema_and_an_example_that_it_takes() {
        for kind in catalogue() {
            let name = kind.name;
            assert!((10..=100).contains(&kind.summary.len()), "{name}: {}", kind.summary);
            assert!(kind.docs.contains("*Proof:*") && kind.docs.contains("*Undo:*"), "{name}: {}", kind.docs);
            assert_eq!(kind.schema["additionalProperties"], json!(false), "{name}");
            assert_eq!(Kinds.check(name, &kind.example), [], "{name}");
            Deed::parse(name, &kind.example).unwrap_or_else(|e| panic!("{name}: {e}"));
            for argument in kind.schema["properties"].as_object().into_iter().flatten().map(|(argument, _)| argument) {
                assert!(kind.docs.contains(&format!("`{argument}`")), "{name} does not document {argument}");
            }
        }
        assert_eq!(Kinds.schema("no_such_kind"), json!(false));
    }

    #[test]
    fn what_the_schema_requires_is_what_the_check_misses() {
        for kind in catalogue() {
            let required = kind.schema["required"].as_array().cloned().unwrap_or_default();
            let missed = Kinds.check(kind.name, &json!({}));
            assert_eq!(missed.len(), required.len(), "{}: {missed:?}, {required:?}", kind.name);
        }
    }

    #[test]
    fn a_section_ends_where_the_next_begins() {
        let document = "# F\n## Kinds\n\n### `one`\n\nFirst.\n\n### `two`\n\nSecond.\n\n## Adding\n";
        assert_eq!(
            (section(document, "one"), section(document, "two"), section(document, "three")),
            ("First.", "Second.", "")
        );
    }
}
