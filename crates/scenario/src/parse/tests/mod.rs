//! Files with mistakes, and what is said about them.

mod curves;
mod load_test;
mod properties;
mod scenario;
mod schema;

use std::fmt::Write;

use serde_json::Value;

use super::{json_schema, load_test_schema};
use crate::testing::Kinds;
use crate::{Mistake, parse};

fn mistakes(text: &str) -> Vec<Mistake> {
    parse(text, &Kinds).err().unwrap_or_default()
}

/// One mistake to a line, as a command line would print them.
fn listed(mistakes: &[Mistake]) -> String {
    mistakes.iter().fold(String::new(), |mut list, mistake| {
        let _ = writeln!(list, "{}:{}: {}\n    {}", mistake.line, mistake.column, mistake.message, mistake.remedy);
        list
    })
}

/// A right file, as short as one can be, with `edits` made to it.
fn small(edits: &[(&str, &str)]) -> String {
    let text = "name: small\nworld: shop\nminutes: 10\nphases: [{name: all, from: 0}]\nstreams:\n  - name: demo\n    arrivals_per_minute: 60\n    journeys: {browse_only: 1}\n";
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from:?} is not in the file");
        text.replacen(from, to, 1)
    })
}

fn yaml_as_json(text: &str) -> Value {
    super::read_yaml(text).expect("YAML")
}

/// The printed schema, compiled by a validator that knows nothing of this crate.
struct Schema {
    schemas: boon::Schemas,
    index: boon::SchemaIndex,
}

impl Schema {
    fn of_scenarios() -> Self {
        Self::new(json_schema(&Kinds))
    }

    fn of_load_tests() -> Self {
        Self::new(load_test_schema())
    }

    fn new(schema: Value) -> Self {
        const URL: &str = "https://example.test/schema.json";
        let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
        compiler.add_resource(URL, schema).expect("JSON");
        let index = compiler.compile(URL, &mut schemas).expect("a schema");
        Self { schemas, index }
    }

    fn accepts(&self, value: &Value) -> bool {
        self.schemas.validate(value, self.index).is_ok()
    }

    fn complaint(&self, value: &Value) -> String {
        self.schemas.validate(value, self.index).map_err(|e| e.to_string()).err().unwrap_or_default()
    }
}
