//! Text to [`Scenario`], with every mistake at once.
//!
//! Three passes, each of which reports all it finds and leaves the rest to the others: [`tree`] reads YAML and keeps where
//! everything stands, [`check`] holds it against the one declaration of the file's [`shape`] (which the JSON Schema is
//! printed from as well), [`rules`] looks at what no shape can say, such as a stream that nobody declared. The rules read
//! the tree, not the types, so that they have their say beside mistakes of shape.
mod check;
mod json_schema;
mod layout;
mod rules;
mod shape;
mod suggest;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeSet;

use crate::{FaultKinds, Mistake, Scenario};

pub use json_schema::json_schema;

/// Greatest size of a scenario file, in bytes: a hundred times the largest shipped one.
const GREATEST_FILE: usize = 256 * 1024;

/// The scenario that `text` (YAML) describes, with faults of `kinds`.
///
/// # Errors
/// Every mistake in the file, in the order of the file. A YAML syntax error hides what comes after it.
pub fn parse(text: &str, kinds: &dyn FaultKinds) -> Result<Scenario, Vec<Mistake>> {
    if text.len() > GREATEST_FILE {
        return Err(vec![Mistake {
            line: 1,
            column: 1,
            message: format!("the file has {} bytes", text.len()),
            remedy: format!("keep a scenario within {GREATEST_FILE} bytes"),
        }]);
    }
    let mut mistakes = Mistakes::default();
    let root = tree::read(text, &mut mistakes);
    if let Some(root) = &root {
        check::check(root, &layout::SCENARIO, kinds, &mut mistakes);
        rules::check(root, kinds, &mut mistakes);
    }
    let Some(root) = root.filter(|_| mistakes.0.is_empty()) else {
        return Err(mistakes.in_order());
    };
    match serde_json::from_value::<Scenario>(root.to_json()) {
        Ok(mut scenario) => {
            if scenario.title.is_empty() {
                scenario.title.clone_from(&scenario.name);
            }
            Ok(scenario)
        }
        Err(error) => {
            let at = root.at;
            mistakes.add(at, format!("the file can't be read: {error}"), "compare it with a shipped scenario");
            Err(mistakes.in_order())
        }
    }
}

/// Where something stands in the file: line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    line: usize,
    column: usize,
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
