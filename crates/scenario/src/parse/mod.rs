//! Text to [`Scenario`] and [`LoadTest`], with every mistake at once.
//!
//! Three passes, each of which reports all it finds and leaves the rest to the others: [`tree`] reads YAML and keeps where
//! everything stands, [`check`] holds it against the one declaration of the file's [`shape`] (in [`layout`], which the JSON
//! Schema is printed from as well), [`rules`] looks at what no shape can say, such as a stream that nobody declared. The
//! rules read the tree, not the types, so that they have their say beside mistakes of shape. A file without mistakes is
//! [lowered](lower) to what its types read.
mod check;
mod json_schema;
mod keys;
mod layout;
mod lower;
mod rules;
mod shape;
mod suggest;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{FaultKinds, Journey, LoadTest, Mistake, Scenario};
use json_schema::NoFaults;
use shape::Shape;
use tree::Node;

pub use json_schema::{json_schema, load_test_schema};

/// The scenario that `text` (YAML) describes, with faults of `kinds`.
///
/// # Errors
/// Every mistake in the file, in the order of the file. A YAML syntax error hides what comes after it.
pub fn parse(text: &str, kinds: &dyn FaultKinds) -> Result<Scenario, Vec<Mistake>> {
    SCENARIO.read(text, kinds, |root, mistakes| rules::scenario(root, kinds, mistakes))
}

/// The load test that `text` (YAML) describes.
///
/// # Errors
/// Every mistake in the file, in the order of the file. A YAML syntax error hides what comes after it.
pub fn parse_load_test(text: &str) -> Result<LoadTest, Vec<Mistake>> {
    LOAD_TEST.read(text, &NoFaults, rules::load_test)
}

/// Journeys by name, as they stand in a file of their own; `data` are the slots that are filled from elsewhere.
pub(crate) fn parse_journeys(text: &str, data: &[&str]) -> Result<IndexMap<String, Journey>, Vec<Mistake>> {
    JOURNEYS.read(text, &NoFaults, |root, mistakes| rules::journeys(root.entries(), data, None, mistakes))
}

/// A kind of file.
struct File {
    /// What it is called.
    what: &'static str,
    shape: Shape,
    /// Greatest size, in bytes.
    greatest: usize,
    /// What to do who has nothing yet.
    beginning: &'static str,
    lower: fn(&mut Value),
}

/// A hundred times the largest shipped one.
const SCENARIO: File = File {
    what: "scenario",
    shape: layout::SCENARIO,
    greatest: 256 * 1024,
    beginning: "start from `doorbuster scenario show black-friday`",
    lower: lower::lower,
};

/// Room for bodies that were recorded.
const LOAD_TEST: File = File {
    what: "load test",
    shape: layout::LOAD_TEST,
    greatest: 1024 * 1024,
    beginning: "start from the example in docs/load-tests.md",
    lower: lower::lower,
};

const JOURNEYS: File = File {
    what: "journeys",
    shape: layout::JOURNEYS_FILE,
    greatest: 64 * 1024,
    beginning: "start from the shop's",
    lower: |file| {
        if let Some(journeys) = file.as_object_mut() {
            lower::journeys(journeys);
        }
    },
};

impl File {
    /// What `text` describes, if nothing is wrong with it, `rules` included.
    fn read<T: DeserializeOwned>(
        &self,
        text: &str,
        kinds: &dyn FaultKinds,
        rules: impl FnOnce(&Node, &mut Mistakes),
    ) -> Result<T, Vec<Mistake>> {
        let Self { what, greatest, .. } = self;
        let mut mistakes = Mistakes::default();
        if text.len() > *greatest {
            let remedy = format!("keep a {what} within {greatest} bytes");
            mistakes.add(Position::BEGINNING, format!("the file has {} bytes", text.len()), remedy);
            return Err(mistakes.in_order());
        }
        let root = tree::read(text, self, &mut mistakes);
        if let Some(root) = &root {
            check::check(root, &self.shape, kinds, &mut mistakes);
            rules(root, &mut mistakes);
        }
        let Some(root) = root.filter(|_| mistakes.0.is_empty()) else {
            return Err(mistakes.in_order());
        };
        let mut json = root.to_json();
        (self.lower)(&mut json);
        serde_json::from_value(json).map_err(|error| {
            let remedy = format!("compare it with a {what} that works");
            mistakes.add(root.at, format!("the file can't be read: {error}"), remedy);
            mistakes.in_order()
        })
    }
}

/// YAML as JSON, whatever is in it.
#[cfg(test)]
pub(crate) fn read_yaml(text: &str) -> Result<Value, Vec<Mistake>> {
    let mut mistakes = Mistakes::default();
    let root = tree::read(text, &SCENARIO, &mut mistakes);
    root.filter(|_| mistakes.0.is_empty()).map(|root| root.to_json()).ok_or_else(|| mistakes.in_order())
}

/// Where something stands in the file: line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    line: usize,
    column: usize,
}

impl Position {
    const BEGINNING: Self = Self { line: 1, column: 1 };
}

/// What was found so far.
#[derive(Debug, Default)]
struct Mistakes(Vec<Mistake>);

impl Mistakes {
    fn add(&mut self, at: Position, message: impl Into<String>, remedy: impl Into<String>) {
        let Position { line, column } = at;
        self.0.push(Mistake { line, column, message: message.into(), remedy: remedy.into() });
    }

    /// In the order of the file, each once.
    fn in_order(self) -> Vec<Mistake> {
        let mut seen = BTreeSet::new();
        let mut mistakes = self.0;
        mistakes.retain(|m| seen.insert((m.line, m.column, m.message.clone())));
        mistakes.sort_by_key(|m| (m.line, m.column));
        mistakes
    }
}
