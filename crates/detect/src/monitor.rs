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

/// Span attributes that some monitor asks for: what a store must count while spans come in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// Boolean attributes whose share is asked for; at most [`Self::MOST`].
    pub flags: BTreeSet<String>,
    /// Numeric attributes whose mean is asked for; at most [`Self::MOST`].
    pub numbers: BTreeSet<String>,
}

impl Counted {
    /// How many attributes of each kind can be counted: there is room for so many beside every count of spans.
    pub const MOST: usize = 4;

    /// These boolean attributes and no numbers.
    pub fn flags<const N: usize>(flags: [&str; N]) -> Self {
        Self { flags: flags.map(str::to_owned).into(), numbers: BTreeSet::new() }
    }
}

impl MonitorSet {
    /// The attributes whose share or mean some monitor asks for.
    pub fn counted(&self) -> Counted {
        let mut counted = Counted::default();
        for monitor in &self.monitors {
            monitor.when.each_threshold(&mut |threshold| match &threshold.signal {
                Signal::Spans { measure: SpanMeasure::Share { flag }, .. } => {
                    counted.flags.insert(flag.clone());
                }
                Signal::Spans { measure: SpanMeasure::Mean { attribute }, .. } => {
                    counted.numbers.insert(attribute.clone());
                }
                _ => {}
            });
        }
        counted
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

    /// Whether it measures anything itself.
    pub fn has_thresholds(&self) -> bool {
        let mut has = false;
        self.each_threshold(&mut |_| has = true);
        has
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
    /// Where its limits are.
    pub limit: Limit,
    /// With fewer samples than this in the window there is no data.
    pub min_samples: u64,
}

/// Where the limits of a threshold come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// In the signal's own unit, as written.
    Fixed(Bounds),
    /// Multiples of what the same signal was in the beginning.
    TimesBaseline {
        /// By how much the baseline is multiplied.
        factors: Bounds,
        /// For how long it is learned, as written.
        learn: Duration,
    },
}

/// A limit, and the one on the way back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// True beyond this, while the monitor is quiet.
    pub fire: f64,
    /// Still true until it is back over this, once the monitor fires.
    pub recover: f64,
}

/// Which side of a limit is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Greater is worse.
    Above,
    /// Less is worse.
    Below,
}
