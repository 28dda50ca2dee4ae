//! One monitor at work: its alert's state for each group it has seen.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::alert_state::AlertState;
use crate::baseline::Baseline;
use crate::describe;
use crate::engine::Transition;
use crate::groups::{Group, admit, fires, groups_of};
use crate::monitor::{Bounds, Limit, Monitor, NoData, Threshold, When};
use crate::signal::{Query, Sample, Signal};
use crate::status::{AlertPhase, MonitorStatus, Watching};
use crate::time::{TimeScale, UnixMs};
use crate::truth::{Facts, Finding, Reading, judge};

/// A monitor, the queries of its thresholds, its scaled times, its state per group.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) monitor: Monitor,
    queries: Vec<usize>,
    limits: Vec<Learned>,
    /// Of its own filters, and of the monitors that it refers to.
    pub(crate) services: BTreeSet<String>,
    hold: Duration,
    keep_firing: Duration,
    pub(crate) groups: BTreeMap<Group, GroupState>,
}

#[derive(Debug, Default)]
pub(crate) struct GroupState {
    pub(crate) alert: AlertState,
    finding: Finding,
    /// One for each threshold.
    baselines: Vec<Baseline>,
}

/// The limit of one threshold, its time scaled.
#[derive(Debug)]
struct Learned {
    limit: Limit,
    min_samples: u64,
    learn: Duration,
}

impl Learned {
    fn new(threshold: &Threshold, scale: TimeScale) -> Self {
        let learn = match threshold.limit {
            Limit::Fixed(_) => Duration::ZERO,
            Limit::TimesBaseline { learn, .. } => scale.window(learn),
        };
        Self { limit: threshold.limit, min_samples: threshold.min_samples, learn }
    }

    /// Learns from a sample; the limits as far as they are known.
    fn step(&self, now: UnixMs, baseline: &mut Baseline, sample: Option<&Sample>) -> Option<Bounds> {
        if let Limit::TimesBaseline { .. } = self.limit {
            baseline.step(now, sample, self.min_samples, self.learn);
        }
        self.bounds(baseline)
    }

    fn bounds(&self, baseline: &Baseline) -> Option<Bounds> {
        match self.limit {
            Limit::Fixed(bounds) => Some(bounds),
            Limit::TimesBaseline { factors, .. } => {
                let usual = baseline.learned()?;
                Some(Bounds { fire: usual * factors.fire, recover: usual * factors.recover })
            }
        }
    }
}

impl Watched {
    /// A monitor in which nothing has happened yet; what its thresholds need is added to `queries`. `before` are the
    /// monitors that it may refer to.
    pub(crate) fn new(monitor: Monitor, scale: TimeScale, before: &[Self], queries: &mut Vec<Query>) -> Self {
        let first = queries.len();
        let mut limits = Vec::new();
        let mut services = services_of(&monitor.when, before);
        monitor.when.each_threshold(&mut |threshold| {
            queries.push(Query {
                signal: threshold.signal.clone(),
                window: scale.window(threshold.window),
                by_traffic_type: monitor.by_traffic_type,
            });
            limits.push(Learned::new(threshold, scale));
            services.extend(threshold.signal.service().map(str::to_owned));
        });
        Self {
            queries: (first..queries.len()).collect(),
            limits,
            services,
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
            state.baselines.resize(self.limits.len(), Baseline::default());
            let limits: Vec<Option<Bounds>> = (self.limits.iter().zip(&mut state.baselines).zip(&samples))
                .map(|((learned, baseline), sample)| learned.step(now, baseline, *sample))
                .collect();
            let facts = Facts {
                samples: &samples,
                limits: &limits,
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

    /// What each threshold measures, and its limit with these baselines.
    fn watches(&self, baselines: &[Baseline]) -> Vec<Watching> {
        let mut watches = Vec::new();
        self.monitor.when.each_threshold(&mut |threshold| {
            let baseline = baselines.get(watches.len()).copied().unwrap_or_default();
            let (operation, kind, traffic_type) = match &threshold.signal {
                Signal::Spans { filter, .. } => (filter.operation.clone(), filter.kind, filter.traffic_type.clone()),
                Signal::Logs { filter } => (None, None, filter.traffic_type.clone()),
            };
            watches.push(Watching {
                measure: threshold.signal.measure().to_owned(),
                attribute: threshold.signal.attribute().map(str::to_owned),
                service: threshold.signal.service().map(str::to_owned),
                operation,
                kind,
                traffic_type,
                limit: self.limits[watches.len()].bounds(&baseline).map(|bounds| bounds.fire),
                baseline: baseline.learned(),
            });
        });
        watches
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
                let watches = self.watches(&state.baselines);
                // A composite may learn several; the first speaks for it.
                let learns =
                    self.limits.iter().position(|learned| matches!(learned.limit, Limit::TimesBaseline { .. }));
                let baseline = learns.map(|place| state.baselines.get(place).copied().unwrap_or_default());
                let left = learns.zip(baseline).and_then(|(place, baseline)| baseline.left(self.limits[place].learn));
                MonitorStatus {
                    key: self.monitor.key.clone(),
                    name: self.monitor.name.clone(),
                    priority: self.monitor.priority,
                    runbook: self.monitor.runbook.clone(),
                    traffic_type: group.clone(),
                    phase,
                    hold_ms: u64::try_from(self.hold.as_millis()).unwrap_or(u64::MAX),
                    since_unix_ms: since.map(|at| at.0),
                    value: state.finding.reading.map(|reading| reading.value),
                    limit: state
                        .finding
                        .reading
                        .map(|reading| reading.limit)
                        .or(learns.and_then(|place| watches[place].limit)),
                    baseline: baseline.and_then(|baseline| baseline.learned()),
                    learning_left_ms: left.map(|left| u64::try_from(left.as_millis()).unwrap_or(u64::MAX)),
                    watches,
                    services: self.services.iter().cloned().collect(),
                    condition: describe::condition(&self.monitor.when),
                    reading: short(&self.monitor.when, &state.finding),
                }
            })
            .collect()
    }
}

/// The finding's reading in words; the condition where there is none to be had.
fn reading(when: &When, finding: &Finding) -> String {
    match found(when, finding) {
        Some((threshold, reading)) => describe::reading(threshold, reading),
        None if when.has_thresholds() => format!("no data for {}", describe::condition(when)),
        None => describe::condition(when),
    }
}

/// The same in a few words.
fn short(when: &When, finding: &Finding) -> String {
    describe::short(when, found(when, finding))
}

/// The threshold that the finding's reading belongs to, and the reading.
fn found<'a>(when: &'a When, finding: &Finding) -> Option<(&'a Threshold, Reading)> {
    let reading = finding.reading?;
    let mut thresholds = Vec::new();
    when.each_threshold(&mut |threshold| thresholds.push(threshold));
    Some((thresholds.get(reading.threshold)?, reading))
}

/// The services of the monitors that a condition refers to.
pub(crate) fn services_of(when: &When, monitors: &[Watched]) -> BTreeSet<String> {
    let mut services = BTreeSet::new();
    when.each_monitor(&mut |key| {
        let found = monitors.iter().filter(|watched| watched.monitor.key == key);
        services.extend(found.flat_map(|watched| watched.services.iter().cloned()));
    });
    services
}
