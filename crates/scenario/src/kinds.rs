//! What this crate must know about fault kinds without knowing one: the `faults` crate implements it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The fault kinds that a scenario file may name, and what each takes as `args`.
pub trait FaultKinds {
    /// Every kind's name, such as `drop_index`.
    fn names(&self) -> Vec<&str>;
    /// What is wrong with `args` of `kind`; empty if nothing. A kind that is not there has no mistakes in its arguments.
    fn check(&self, kind: &str, args: &Value) -> Vec<ArgMistake>;
    /// JSON Schema (draft 2020-12) of the arguments of `kind`.
    fn schema(&self, kind: &str) -> Value;
}

/// One thing wrong with a fault's arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArgMistake {
    /// Where, from `args` inwards: keys, and positions in lists as decimal numbers. Empty for `args` itself.
    pub path: Vec<String>,
    /// What is wrong, lowercase, without a full stop.
    pub message: String,
    /// What to write instead.
    pub remedy: String,
}
