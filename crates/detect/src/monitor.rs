//! A monitor as data: when it is true, for how long it must be, and how it lets go.

use std::collections::BTreeSet;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::flow::Flow;
use crate::signal::{Signal, SpanMeasure};

/// Everything that is watched for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MonitorSet {
    /// Monitors, each after those it refers to.
    pub monitors: Vec<Monitor>,
    /// Flows over them.
    pub flows: Vec<Flow>,
}

impl MonitorSet {
    /// The boolean attributes whose share some monitor asks for: what a store must count.
    pub fn flags(&self) -> BTreeSet<String> {
        let mut flags = BTreeSet::new();
        for monitor in &self.monitors {
            monitor.when.each_threshold(&mut |threshold| {
                if let Signal::Spans { measure: SpanMeasure::Share { flag }, .. } = &threshold.signal {
                    flags.insert(flag.clone());
                }
            });
        }
        flags
    }
}

/// One thing that is watched for.
#[derive(Debug, Clone, PartialEq)]
pub struct Monitor {
    /// Identifier: lowercase letters, digits and dashes.
    pub key: String,
    /// One line for people.
    pub name: String,
    /// How much it matters.
    pub priority: Priority,
    /// What to do about it, or where that is written.
    pub runbook: Option<String>,
    /// Watch each value of `traffic.type` on its own.
    pub by_traffic_type: bool,
    /// What must be true.
    pub when: When,
    /// For how long it must be true without a break.
    pub hold: Duration,
    /// For how long it keeps firing after it is no longer true.
    pub keep_firing: Duration,
    /// What silence means.
    pub no_data: NoData,
}

/// How much a monitor matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Customers are turned away.
    P1,
    /// They soon will be.
    P2,
    /// Somebody should look today.
    P3,
    /// Good to know.
    P4,
}

/// What silence means to a monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoData {
    /// Nothing happens, so nothing is wrong.
    Resolve,
    /// Nobody knows: stay as it is.
    Hold,
    /// Silence is the alarm.
    Fire,
}

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum When {
    /// A quantity beyond a limit.
    Threshold(Threshold),
    /// Another monitor fires.
    Monitor(String),
    /// All of them.
    All(Vec<When>),
    /// One of them at least.
    Any(Vec<When>),
    /// It is not so.
    Not(Box<When>),
}

impl When {
    /// Visits every threshold in the order it is written.
    pub fn each_threshold<'a>(&'a self, visit: &mut impl FnMut(&'a Threshold)) {
        match self {
            Self::Threshold(threshold) => visit(threshold),
            Self::Monitor(_) => {}
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.each_threshold(visit)),
            Self::Not(inner) => inner.each_threshold(visit),
        }
    }

    /// Visits the key of every monitor that it refers to.
    pub fn each_monitor<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        match self {
            Self::Threshold(_) => {}
            Self::Monitor(key) => visit(key),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.each_monitor(visit)),
            Self::Not(inner) => inner.each_monitor(visit),
        }
    }
}

/// A quantity beyond a limit, with a second limit to come back over: between the two nothing changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// The quantity.
    pub signal: Signal,
    /// Over how long, as written.
    pub window: Duration,
    /// Which side is bad.
    pub direction: Direction,
    /// True beyond this, while the monitor is quiet.
    pub fire: f64,
    /// Still true until it is back over this, once the monitor fires.
    pub recover: f64,
    /// With fewer samples than this in the window there is no data.
    pub min_samples: u64,
}

/// Which side of a limit is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Greater is worse.
    Above,
    /// Less is worse.
    Below,
}
