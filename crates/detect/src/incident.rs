//! Incidents: monitors that fire over the same services, as one story from the first to the last.
//!
//! A monitor or flow that fires opens an incident, or joins the open one that shares a service with it: of several the one
//! that was opened first. An incident resolves itself when everything in it has recovered; what fires after that opens a
//! new one. A monitor whose filters name no service is alone in its incident, because it is about all of them.
//!
//! Nobody acknowledges or closes an incident by hand here.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::{Transition, TransitionState};
use crate::monitor::Priority;
use crate::status::{FlowStatus, MonitorStatus};

/// Incidents that are kept: a run has a handful; those that are resolved leave first, the oldest before the others.
const MOST_INCIDENTS: usize = 200;
/// Entries of one incident's timeline: a monitor that flaps all day must not fill the memory. The first stays.
const MOST_ENTRIES: usize = 500;

/// What happened over some services, from the first monitor that fired until the last has recovered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Incident {
    /// Counts up from 1.
    pub id: u64,
    /// The name of what matters most in it: of several the one that fired first.
    pub title: String,
    /// The highest of its monitors.
    pub priority: Priority,
    /// When the condition of its first monitor began to hold, Unix milliseconds: as long before it fired as the monitor waits.
    pub began_unix_ms: u64,
    /// When the first monitor fired, Unix milliseconds.
    pub opened_unix_ms: u64,
    /// When the last recovered, Unix milliseconds; `None` while it is open.
    pub resolved_unix_ms: Option<u64>,
    /// Services that its monitors are about, in order.
    pub services: Vec<String>,
    /// Each `traffic.type` that a monitor named, in order; empty where none looks at them apart.
    pub traffic_types: Vec<String>,
    /// What fired, in the order in which it first did.
    pub monitors: Vec<IncidentMonitor>,
    /// What changed, in order.
    pub timeline: Vec<IncidentEntry>,
    /// Entries that were left out because there were too many; they stood after the first.
    pub timeline_left_out: u64,
}

/// A monitor or flow of an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IncidentMonitor {
    /// Its key.
    pub key: String,
    /// One line for people.
    pub name: String,
    /// How much it matters.
    pub priority: Priority,
    /// What to do about it, or where that is written.
    pub runbook: Option<String>,
    /// The `traffic.type` it is about, if about one.
    pub traffic_type: Option<String>,
    /// Whether it is a flow.
    pub is_flow: bool,
    /// Whether it fires.
    pub is_firing: bool,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IncidentEntry {
    /// When, Unix milliseconds.
    pub at_unix_ms: u64,
    /// The key of the monitor or flow.
    pub monitor: String,
    /// Its name.
    pub name: String,
    /// The `traffic.type` it is about, if about one.
    pub traffic_type: Option<String>,
    /// What it changed to.
    pub state: TransitionState,
    /// In words, as measured then.
    pub summary: String,
}

impl Incident {
    /// Whether something in it still fires.
    pub fn is_open(&self) -> bool {
        self.resolved_unix_ms.is_none()
    }

    fn member(&mut self, transition: &Transition) -> Option<&mut IncidentMonitor> {
        self.monitors.iter_mut().find(|one| one.key == transition.key && one.traffic_type == transition.group)
    }

    fn note(&mut self, transition: &Transition, name: &str) {
        self.timeline.push(IncidentEntry {
            at_unix_ms: transition.at.0,
            monitor: transition.key.clone(),
            name: name.to_owned(),
            traffic_type: transition.group.clone(),
            state: transition.state,
            summary: transition.summary.clone(),
        });
        if self.timeline.len() > MOST_ENTRIES {
            self.timeline.remove(1);
            self.timeline_left_out += 1;
        }
    }

    fn take_in(&mut self, transition: &Transition, known: &Known) {
        match self.member(transition) {
            Some(member) => member.is_firing = true,
            None => self.monitors.push(known.member(transition)),
        }
        insert_all(&mut self.services, known.services.iter());
        insert_all(&mut self.traffic_types, transition.group.iter());
        // The first of those that matter most: `min_by_key` keeps it.
        if let Some(first) = self.monitors.iter().min_by_key(|one| one.priority) {
            (self.title, self.priority) = (first.name.clone(), first.priority);
        }
        self.note(transition, &known.name);
    }
}

/// Adds what is not there yet, in order.
fn insert_all<'a>(sorted: &mut Vec<String>, words: impl Iterator<Item = &'a String>) {
    let all: BTreeSet<String> = sorted.drain(..).chain(words.cloned()).collect();
    sorted.extend(all);
}

/// What there is to know of a monitor or flow beside its change.
#[derive(Debug, Clone)]
struct Known {
    name: String,
    priority: Priority,
    runbook: Option<String>,
    is_flow: bool,
    services: Vec<String>,
    hold_ms: u64,
}

impl Known {
    fn member(&self, transition: &Transition) -> IncidentMonitor {
        IncidentMonitor {
            key: transition.key.clone(),
            name: self.name.clone(),
            priority: self.priority,
            runbook: self.runbook.clone(),
            traffic_type: transition.group.clone(),
            is_flow: self.is_flow,
            is_firing: true,
        }
    }
}

/// All incidents, within bounds.
#[derive(Debug, Default)]
pub struct Incidents {
    /// In the order in which they were opened.
    kept: VecDeque<Incident>,
    last_id: u64,
}

impl Incidents {
    /// Takes in what an engine's step changed, with its monitors and flows as they are after it.
    pub fn step(&mut self, transitions: &[Transition], monitors: &[MonitorStatus], flows: &[FlowStatus]) {
        if transitions.is_empty() {
            return;
        }
        let known = known(monitors, flows);
        for transition in transitions {
            match transition.state {
                TransitionState::Firing => self.fired(transition, known.get(transition.key.as_str())),
                TransitionState::Resolved => self.recovered(transition),
            }
        }
    }

    fn fired(&mut self, transition: &Transition, known: Option<&Known>) {
        let unknown = Known {
            name: transition.key.clone(),
            priority: Priority::P3,
            runbook: None,
            is_flow: false,
            services: Vec::new(),
            hold_ms: 0,
        };
        let known = known.unwrap_or(&unknown);
        let is_of = |incident: &Incident| {
            incident.is_open()
                && (incident.monitors.iter().any(|one| one.key == transition.key)
                    || incident.services.iter().any(|service| known.services.contains(service)))
        };
        if let Some(open) = self.kept.iter_mut().find(|incident| is_of(incident)) {
            open.take_in(transition, known);
            return;
        }
        self.last_id += 1;
        let mut opened = Incident {
            id: self.last_id,
            title: known.name.clone(),
            priority: known.priority,
            began_unix_ms: transition.at.0.saturating_sub(known.hold_ms),
            opened_unix_ms: transition.at.0,
            resolved_unix_ms: None,
            services: Vec::new(),
            traffic_types: Vec::new(),
            monitors: Vec::new(),
            timeline: Vec::new(),
            timeline_left_out: 0,
        };
        opened.take_in(transition, known);
        self.kept.push_back(opened);
        if self.kept.len() > MOST_INCIDENTS {
            let oldest = self.kept.iter().position(|incident| !incident.is_open()).unwrap_or(0);
            self.kept.remove(oldest);
        }
    }

    fn recovered(&mut self, transition: &Transition) {
        let fires = |incident: &Incident| {
            let is_it = |one: &IncidentMonitor| {
                one.is_firing && one.key == transition.key && one.traffic_type == transition.group
            };
            incident.monitors.iter().any(is_it)
        };
        let Some(incident) = self.kept.iter_mut().find(|incident| fires(incident)) else {
            // It fired in an incident that had to leave.
            return;
        };
        let Some(member) = incident.member(transition) else { return };
        member.is_firing = false;
        let name = member.name.clone();
        incident.note(transition, &name);
        if incident.monitors.iter().all(|one| !one.is_firing) {
            incident.resolved_unix_ms = Some(transition.at.0);
        }
    }

    /// All that are kept: open ones first, then the newest.
    pub fn all(&self) -> Vec<Incident> {
        let mut all: Vec<Incident> = self.kept.iter().rev().cloned().collect();
        all.sort_by_key(|incident| !incident.is_open());
        all
    }

    /// The one of this number.
    pub fn get(&self, id: u64) -> Option<&Incident> {
        self.kept.iter().find(|incident| incident.id == id)
    }
}

/// Monitors and flows by their keys.
fn known<'a>(monitors: &'a [MonitorStatus], flows: &'a [FlowStatus]) -> BTreeMap<&'a str, Known> {
    let monitors = monitors.iter().map(|status| {
        let known = Known {
            name: status.name.clone(),
            priority: status.priority,
            runbook: status.runbook.clone(),
            is_flow: false,
            services: status.services.clone(),
            hold_ms: status.hold_ms,
        };
        (status.key.as_str(), known)
    });
    let flows = flows.iter().map(|status| {
        let known = Known {
            name: status.name.clone(),
            priority: status.priority,
            runbook: status.runbook.clone(),
            is_flow: true,
            services: status.services.clone(),
            hold_ms: status.held_ms,
        };
        (status.key.as_str(), known)
    });
    monitors.chain(flows).collect()
}
