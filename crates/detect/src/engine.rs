//! The engine: what to measure, and what follows from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::followed::Followed;
use crate::monitor::MonitorSet;
use crate::signal::{Query, Sample};
use crate::status::{FlowStatus, MonitorStatus};
use crate::time::{TimeScale, UnixMs};
use crate::watched::Watched;

/// One change that the world outside hears of.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// When.
    pub at: UnixMs,
    /// The key of the monitor or flow.
    pub key: String,
    /// The `traffic.type` it is about, if about one.
    pub group: Option<String>,
    /// What it changed to.
    pub state: TransitionState,
    /// As measured then, in the signal's unit; `None` for flows and composites.
    pub value: Option<f64>,
    /// The limit beside it.
    pub threshold: Option<f64>,
    /// In words.
    pub summary: String,
}

/// Firing or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TransitionState {
    /// Began to fire.
    Firing,
    /// Stopped.
    Resolved,
}

/// All monitors and flows with their states.
#[derive(Debug)]
pub struct Engine {
    queries: Vec<Query>,
    monitors: Vec<Watched>,
    flows: Vec<Followed>,
}

impl Engine {
    /// An engine in which nothing has happened yet. All durations of `set` are scaled by `scale`.
    pub fn new(set: MonitorSet, scale: TimeScale) -> Self {
        let mut queries = Vec::new();
        let mut monitors: Vec<Watched> = Vec::with_capacity(set.monitors.len());
        for monitor in set.monitors {
            let watched = Watched::new(monitor, scale, &monitors, &mut queries);
            monitors.push(watched);
        }
        let flows = set.flows.into_iter().map(|flow| Followed::new(flow, scale, &monitors)).collect();
        Self { queries, monitors, flows }
    }

    /// What to measure before each [`step`](Self::step), always the same.
    pub fn queries(&self) -> &[Query] {
        &self.queries
    }

    /// Takes in the answers to [`queries`](Self::queries), one list for each, as they are at `now`.
    ///
    /// `now` must not go back. A list that is missing counts as "no data".
    pub fn step(&mut self, now: UnixMs, answers: &[Vec<Sample>]) -> Vec<Transition> {
        let mut transitions = Vec::new();
        for index in 0..self.monitors.len() {
            let (before, rest) = self.monitors.split_at_mut(index);
            rest[0].step(now, answers, before, &mut transitions);
        }
        for followed in &mut self.flows {
            followed.step(now, &self.monitors, &mut transitions);
        }
        transitions
    }

    /// Every monitor for every group seen so far; one without a group yet appears once, without data.
    pub fn monitors(&self) -> Vec<MonitorStatus> {
        self.monitors.iter().flat_map(Watched::status).collect()
    }

    /// Every flow for every group seen so far; one without a group yet appears once.
    pub fn flows(&self) -> Vec<FlowStatus> {
        self.flows.iter().flat_map(Followed::status).collect()
    }
}
