//! One flow at work: how far each group has come.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::{Transition, TransitionState};
use crate::flow::{Flow, Stage};
use crate::flow_state::{FlowState, FlowTimes};
use crate::groups::{Group, admit, fires, groups_of};
use crate::status::{FlowStatus, StageStatus};
use crate::time::{TimeScale, UnixMs};
use crate::truth::{Facts, judge};
use crate::watched::{Watched, services_of};

/// A flow, its scaled times, its state per group.
#[derive(Debug)]
pub(crate) struct Followed {
    flow: Flow,
    times: FlowTimes,
    services: BTreeSet<String>,
    groups: BTreeMap<Group, (FlowState, Vec<bool>)>,
}

impl Followed {
    /// A flow that has not begun.
    pub(crate) fn new(flow: Flow, scale: TimeScale, monitors: &[Watched]) -> Self {
        let times = FlowTimes::new(&flow.stages, |written| scale.hold(written), flow.held, flow.keep_firing);
        let services = flow.stages.iter().flat_map(|stage| services_of(&stage.when, monitors)).collect();
        Self { flow, times, services, groups: BTreeMap::new() }
    }

    /// Takes in what the monitors do.
    pub(crate) fn step(&mut self, now: UnixMs, monitors: &[Watched], transitions: &mut Vec<Transition>) {
        if self.flow.by_traffic_type {
            let seen: BTreeSet<Group> =
                self.flow.stages.iter().flat_map(|stage| groups_of(&stage.when, monitors)).collect();
            admit(&mut self.groups, seen);
        } else {
            admit(&mut self.groups, [None]);
        }
        for (group, (state, holding)) in &mut self.groups {
            let facts = Facts {
                samples: &[],
                limits: &[],
                fires: &|key| fires(monitors, key, group, self.flow.by_traffic_type),
                firing: false,
            };
            *holding = self.flow.stages.iter().map(|stage| judge(&stage.when, &facts).holds == Some(true)).collect();
            if let Some(changed) = state.step(now, holding, &self.times) {
                let stages: Vec<_> = self.flow.stages.iter().map(|stage| stage.name.as_str()).collect();
                transitions.push(Transition {
                    at: now,
                    key: self.flow.key.clone(),
                    group: group.clone(),
                    state: changed,
                    value: None,
                    threshold: None,
                    summary: match changed {
                        TransitionState::Firing => {
                            format!("{}, all together", stages.join(", then "))
                        }
                        TransitionState::Resolved => {
                            format!("{} has stopped", stages.last().unwrap_or(&""))
                        }
                    },
                });
            }
        }
    }

    /// One status per group, one that has not begun while there is none.
    pub(crate) fn status(&self) -> Vec<FlowStatus> {
        let unseen = (FlowState::default(), Vec::new());
        let mut groups: Vec<_> = self.groups.iter().collect();
        if groups.is_empty() {
            groups.push((&None, &unseen));
        }
        let stage = |(index, stage): (usize, &Stage), state: &FlowState, holding: &[bool]| StageStatus {
            name: stage.name.clone(),
            reached_unix_ms: state.reached.get(index).map(|at| at.0),
            holds: holding.get(index).copied().unwrap_or(false),
        };
        groups
            .into_iter()
            .map(|(group, (state, holding))| FlowStatus {
                key: self.flow.key.clone(),
                name: self.flow.name.clone(),
                priority: self.flow.priority,
                runbook: self.flow.runbook.clone(),
                traffic_type: group.clone(),
                services: self.services.iter().cloned().collect(),
                firing: state.firing.is_some(),
                together_since_unix_ms: state.together.map(|at| at.0),
                held_ms: u64::try_from(self.times.held.as_millis()).unwrap_or(u64::MAX),
                stages: self.flow.stages.iter().enumerate().map(|each| stage(each, state, holding)).collect(),
            })
            .collect()
    }
}
