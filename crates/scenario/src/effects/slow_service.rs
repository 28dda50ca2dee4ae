//! `storage_wait`: connections are held longer, while an index is missing.

use serde::Deserialize;

use super::Stretch;
use crate::{Curve, Fault, Queue, Scenario};

/// The fault kind that makes a queue's service slow, while an index is missing.
pub(crate) const STORAGE_WAIT: &str = "storage_wait";
/// The fault kind that makes an index go missing.
const DROP_INDEX: &str = "drop_index";

/// A stretch in which a queue's service takes at least so long.
#[derive(Debug, Clone)]
pub(super) struct SlowService {
    pub(super) queue: String,
    /// Scenario minutes.
    pub(super) stretch: Stretch,
    pub(super) service_time_ms: Curve,
}

/// Of the arguments of `storage_wait`, what matters here.
#[derive(Deserialize)]
struct StorageWait {
    queue: String,
    while_missing: String,
    service_time_ms: Curve,
}

/// Of the arguments of `drop_index`, what matters here.
#[derive(Deserialize)]
struct DropIndex {
    indexes: Vec<String>,
}

/// Every slow stretch that the scenario's faults make.
///
/// A wait bites only while its index is missing, so it reaches no further than the faults that drop it. One whose index no
/// fault drops waits for its own whole time: somebody else may have dropped it.
pub(super) fn slow_services(scenario: &Scenario) -> Vec<SlowService> {
    let waits = scenario.faults.iter().filter(|f| f.kind == STORAGE_WAIT);
    waits.flat_map(|wait| slow_stretches(scenario, wait)).collect()
}

fn slow_stretches(scenario: &Scenario, wait: &Fault) -> Vec<SlowService> {
    let Ok(args) = StorageWait::deserialize(&wait.args) else { return Vec::new() };
    let drops_it = |f: &&Fault| {
        f.kind == DROP_INDEX
            && DropIndex::deserialize(&f.args).is_ok_and(|drop| drop.indexes.contains(&args.while_missing))
    };
    let mut missing: Vec<Stretch> = scenario.faults.iter().filter(drops_it).map(Stretch::of).collect();
    if missing.is_empty() {
        missing.push(Stretch::of(wait));
    }
    // Several faults may drop it at once: it is missing until the last of them is undone.
    let stretches = Stretch::merged(missing).into_iter().filter_map(|stretch| stretch.and(Stretch::of(wait)));
    stretches
        .map(|stretch| SlowService {
            queue: args.queue.clone(),
            stretch,
            service_time_ms: args.service_time_ms.clone(),
        })
        .collect()
}

/// How long a connection of one queue is held, over the scenario.
#[derive(Debug, Clone)]
pub(crate) struct ServiceTime {
    healthy_ms: f64,
    slow: Vec<SlowService>,
}

impl ServiceTime {
    pub(crate) fn of(scenario: &Scenario, queue: &Queue) -> Self {
        let slow = slow_services(scenario).into_iter().filter(|s| s.queue == queue.name).collect();
        Self { healthy_ms: queue.service_time_ms, slow }
    }

    /// What is aimed at, at `minute`, in milliseconds. A wait that is shorter than the healthy time changes nothing.
    pub(crate) fn at(&self, minute: f64) -> f64 {
        self.biting(minute).map(|s| s.service_time_ms.at(minute)).fold(self.healthy_ms, f64::max)
    }

    /// How long a connection is held that is taken at `minute`, in milliseconds; `chance` multiplies the target.
    ///
    /// Who is waiting when the cause ends is let go.
    pub(crate) fn held_ms(&self, minute: f64, chance: f64, ms_per_minute: f64) -> f64 {
        let healthy = self.healthy_ms * chance;
        let held = |slow: &SlowService| {
            let left = (slow.stretch.until - minute) * ms_per_minute;
            (slow.service_time_ms.at(minute) * chance).min(left + healthy)
        };
        self.biting(minute).map(held).fold(healthy, f64::max)
    }

    fn biting(&self, minute: f64) -> impl Iterator<Item = &SlowService> {
        self.slow.iter().filter(move |s| s.stretch.contains(minute))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::shipped_scenario;

    fn stretches(scenario: &Scenario) -> Vec<(f64, f64)> {
        slow_services(scenario).iter().map(|s| (s.stretch.from, s.stretch.until)).collect()
    }

    #[test]
    fn a_wait_bites_only_while_its_index_is_missing() {
        let mut scenario = shipped_scenario("black-friday");
        assert_eq!(stretches(&scenario), [(15.0, 30.0)]);
        let dropped = scenario.faults.iter().position(|f| f.kind == DROP_INDEX).expect("an index is dropped");
        scenario.faults[dropped].until = 20.0;
        assert_eq!(stretches(&scenario), [(15.0, 20.0)]);
        scenario.faults[dropped].from = 16.0;
        assert_eq!(stretches(&scenario), [(16.0, 20.0)]);
        scenario.faults.remove(dropped);
        assert_eq!(stretches(&scenario), [(15.0, 31.0)], "somebody else may have dropped it");
    }

    #[test]
    fn an_index_that_is_dropped_twice_makes_two_stretches_and_of_two_waits_the_longer_counts() {
        let mut scenario = shipped_scenario("black-friday");
        let at = |scenario: &Scenario, kind: &str| scenario.faults.iter().position(|f| f.kind == kind).expect("there");
        let (wait, dropped) = (at(&scenario, STORAGE_WAIT), at(&scenario, DROP_INDEX));
        scenario.faults[dropped].until = 20.0;
        let again = Fault { from: 25.0, until: 28.0, ..scenario.faults[dropped].clone() };
        let mut other = scenario.faults[wait].clone();
        other.args["service_time_ms"] = serde_json::json!([[15, 700]]);
        other.args["function"] = "another".into();
        scenario.faults.extend([again, other]);
        assert_eq!(stretches(&scenario), [(15.0, 20.0), (25.0, 28.0), (15.0, 20.0), (25.0, 28.0)]);
        let service = ServiceTime::of(&scenario, &scenario.queues[0]);
        for (minute, expected) in [(14.9, 1.0), (15.0, 700.0), (19.999, 820.0), (22.0, 1.0), (26.0, 1300.0)] {
            assert!((service.at(minute) - expected).abs() < 0.1, "at {minute}: {}", service.at(minute));
        }
    }

    #[test]
    fn an_index_that_is_dropped_while_it_is_missing_makes_no_stretch_of_its_own() {
        let mut scenario = shipped_scenario("black-friday");
        let dropped = scenario.faults.iter().position(|f| f.kind == DROP_INDEX).expect("an index is dropped");
        (scenario.faults[dropped].from, scenario.faults[dropped].until) = (18.0, 20.0);
        for (from, until) in [(16.0, 19.0), (16.5, 17.0), (20.0, 21.0), (23.0, 24.0)] {
            let again = Fault { from, until, ..scenario.faults[dropped].clone() };
            scenario.faults.push(again);
        }
        assert_eq!(stretches(&scenario), [(16.0, 20.0), (20.0, 21.0), (23.0, 24.0)]);
        for _ in 0..90 {
            let again = scenario.faults[dropped].clone();
            scenario.faults.push(again);
        }
        assert_eq!(stretches(&scenario).len(), 3);
    }

    #[test]
    fn who_waits_when_the_index_is_back_is_let_go() {
        let scenario = shipped_scenario("black-friday");
        let service = ServiceTime::of(&scenario, &scenario.queues[0]);
        let held = |minute| service.held_ms(minute, 1.0, 60_000.0);
        assert!((held(29.0) - 1300.0).abs() < 1e-6);
        assert!((held(30.0 - 0.5 / 60.0) - 501.0).abs() < 1e-6, "half a second of waiting is left");
        assert_eq!(held(30.0), 1.0);
    }
}
