//! A flow as data: monitors that must follow each other, and then hold together.

use std::time::Duration;

use crate::monitor::{Priority, When};

/// Stages in order, each "up to" so long after the one before, and all of them together for a while.
///
/// A stage counts when its condition holds at or after the moment the stage before was reached; a condition that
/// already holds counts at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Identifier, unique among monitors too.
    pub key: String,
    /// One line for people.
    pub name: String,
    /// How much it matters.
    pub priority: Priority,
    /// What to do about it, or where that is written.
    pub runbook: Option<String>,
    /// Follow each value of `traffic.type` on its own.
    pub by_traffic_type: bool,
    /// In order; at least two.
    pub stages: Vec<Stage>,
    /// For how long all stages must hold together before the flow fires.
    pub held: Duration,
    /// For how long the flow keeps firing after its last stage has stopped.
    pub keep_firing: Duration,
}

/// One step of a flow.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// One line for people.
    pub name: String,
    /// Monitors joined by all, any and not; no thresholds of its own.
    pub when: When,
    /// Up to so long after the stage before; `None` for the first stage.
    pub within: Option<Duration>,
}
