//! One monitor at work: its alert's state for each group it has seen.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::alert_state::AlertState;
use crate::describe;
use crate::engine::Transition;
use crate::groups::{Group, admit, fires, groups_of};
use crate::monitor::{Monitor, NoData, Threshold, When};
use crate::signal::{Query, Sample};
use crate::status::{AlertPhase, MonitorStatus};
use crate::time::{TimeScale, UnixMs};
use crate::truth::{Facts, Finding, judge};

/// A monitor, the queries of its thresholds, its scaled times, its state per group.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) monitor: Monitor,
    queries: Vec<usize>,
    hold: Duration,
    keep_firing: Duration,
    pub(crate) groups: BTreeMap<Group, GroupState>,
}

#[derive(Debug, Default)]
pub(crate) struct GroupState {
    pub(crate) alert: AlertState,
    finding: Finding,
}

impl Watched {
    /// A monitor in which nothing has happened yet; what its thresholds need is added to `queries`.
    pub(crate) fn new(monitor: Monitor, scale: TimeScale, queries: &mut Vec<Query>) -> Self {
        let first = queries.len();
        monitor.when.each_threshold(&mut |threshold| {
            queries.push(Query {
                signal: threshold.signal.clone(),
                window: scale.window(threshold.window),
                by_traffic_type: monitor.by_traffic_type,
            });
        });
        Self {
            queries: (first..queries.len()).collect(),
            hold: scale.hold(monitor.hold),
            keep_firing: scale.hold(monitor.keep_firing),
            groups: BTreeMap::new(),
            monitor,
        }
    }

    /// Takes in the answers; `before` are the monitors it may refer to, already stepped.
    pub(crate) fn step(
        &mut self,
        now: UnixMs,
        answers: &[Vec<Sample>],
        before: &[Self],
        transitions: &mut Vec<Transition>,
    ) {
        let answers: Vec<&[Sample]> =
            self.queries.iter().map(|query| answers.get(*query).map_or(&[][..], Vec::as_slice)).collect();
        if self.monitor.by_traffic_type {
            let sampled = answers.iter().flat_map(|samples| samples.iter().map(|sample| sample.group.clone()));
            admit(&mut self.groups, sampled.chain(groups_of(&self.monitor.when, before)));
        } else {
            admit(&mut self.groups, [None]);
        }
        for (group, state) in &mut self.groups {
            let samples: Vec<Option<&Sample>> =
                answers.iter().map(|samples| samples.iter().find(|sample| sample.group == *group)).collect();
            let facts = Facts {
                samples: &samples,
                fires: &|key| fires(before, key, group, self.monitor.by_traffic_type),
                firing: state.alert.fires(),
            };
            state.finding = judge(&self.monitor.when, &facts);
            let holds = match (state.finding.holds, self.monitor.no_data) {
                (Some(holds), _) => holds,
                (None, NoData::Resolve) => false,
                (None, NoData::Fire) => true,
                (None, NoData::Hold) => state.alert != AlertState::Quiet,
            };
            if let Some(changed) = state.alert.step(now, holds, self.hold, self.keep_firing) {
                transitions.push(Transition {
                    at: now,
                    key: self.monitor.key.clone(),
                    group: group.clone(),
                    state: changed,
                    value: state.finding.reading.map(|reading| reading.value),
                    threshold: state.finding.reading.map(|reading| reading.limit),
                    summary: reading(&self.monitor.when, &state.finding),
                });
            }
        }
    }

    /// One status per group, one without data while there is none.
    pub(crate) fn status(&self) -> Vec<MonitorStatus> {
        let unseen = GroupState::default();
        let mut groups: Vec<_> = self.groups.iter().collect();
        if groups.is_empty() {
            groups.push((&None, &unseen));
        }
        groups
            .into_iter()
            .map(|(group, state)| {
                let (phase, since) = match state.alert {
                    AlertState::Firing { since, .. } => (AlertPhase::Firing, Some(since)),
                    AlertState::Pending { since } => (AlertPhase::Pending, Some(since)),
                    AlertState::Quiet if state.finding.holds.is_none() => (AlertPhase::NoData, None),
                    AlertState::Quiet => (AlertPhase::Ok, None),
                };
                MonitorStatus {
                    key: self.monitor.key.clone(),
                    name: self.monitor.name.clone(),
                    priority: self.monitor.priority,
                    runbook: self.monitor.runbook.clone(),
                    traffic_type: group.clone(),
                    phase,
                    since_unix_ms: since.map(|at| at.0),
                    value: state.finding.reading.map(|reading| reading.value),
                    limit: state.finding.reading.map(|reading| reading.limit),
                    condition: describe::condition(&self.monitor.when),
                    reading: short(&self.monitor.when, &state.finding),
                }
            })
            .collect()
    }
}

/// The finding's reading in words; the condition where there is none.
fn reading(when: &When, finding: &Finding) -> String {
    match found(when, finding) {
        Some((threshold, value)) => describe::reading(threshold, value),
        None => describe::condition(when),
    }
}

/// The same in a few words.
fn short(when: &When, finding: &Finding) -> String {
    describe::short(when, found(when, finding))
}

/// The threshold that the finding's reading belongs to, and the value.
fn found<'a>(when: &'a When, finding: &Finding) -> Option<(&'a Threshold, f64)> {
    let reading = finding.reading?;
    let mut thresholds = Vec::new();
    when.each_threshold(&mut |threshold| thresholds.push(threshold));
    Some((thresholds.get(reading.threshold)?, reading.value))
}
