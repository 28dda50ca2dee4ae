//! What faults do to queues, as far as the prediction knows: the one place where it reads a fault's arguments.

use serde::Deserialize;

use crate::{Curve, Fault, Queue, Scenario};

/// The fault kind that makes a queue's service slow, while an index is missing.
pub(crate) const STORAGE_WAIT: &str = "storage_wait";
/// The fault kind that makes an index go missing.
const DROP_INDEX: &str = "drop_index";

/// A stretch in which a queue's service takes at least so long.
#[derive(Debug, Clone)]
pub(crate) struct SlowService {
    pub(crate) queue: String,
    pub(crate) from: f64,
    pub(crate) until: f64,
    pub(crate) service_time_ms: Curve,
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
pub(crate) fn slow_services(scenario: &Scenario) -> Vec<SlowService> {
    let waits = scenario.faults.iter().filter(|f| f.kind == STORAGE_WAIT);
    waits.flat_map(|wait| slow_stretches(scenario, wait)).collect()
}

fn slow_stretches(scenario: &Scenario, wait: &Fault) -> Vec<SlowService> {
    let Ok(args) = StorageWait::deserialize(&wait.args) else { return Vec::new() };
    let drops_it = |f: &&Fault| {
        f.kind == DROP_INDEX
            && DropIndex::deserialize(&f.args).is_ok_and(|drop| drop.indexes.contains(&args.while_missing))
    };
    let mut missing: Vec<(f64, f64)> = scenario.faults.iter().filter(drops_it).map(|f| (f.from, f.until)).collect();
    if missing.is_empty() {
        missing.push((wait.from, wait.until));
    }
    let stretches = missing.into_iter().map(|(from, until)| (from.max(wait.from), until.min(wait.until)));
    stretches
        .filter(|(from, until)| from < until)
        .map(|(from, until)| SlowService {
            queue: args.queue.clone(),
            from,
            until,
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

    /// At `minute`, in milliseconds. A wait that is shorter than the healthy time changes nothing.
    pub(crate) fn at(&self, minute: f64) -> f64 {
        self.slow
            .iter()
            .filter(|s| s.from <= minute && minute < s.until)
            .map(|s| s.service_time_ms.at(minute))
            .fold(self.healthy_ms, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::black_friday;

    #[test]
    fn a_wait_bites_only_while_its_index_is_missing() {
        let mut scenario = black_friday();
        let stretches = |s: &Scenario| slow_services(s).iter().map(|w| (w.from, w.until)).collect::<Vec<_>>();
        assert_eq!(stretches(&scenario), [(15.0, 30.0)]);
        let dropped = scenario.faults.iter().position(|f| f.kind == DROP_INDEX).expect("an index is dropped");
        scenario.faults[dropped].until = 20.0;
        assert_eq!(stretches(&scenario), [(15.0, 20.0)]);
        scenario.faults[dropped].from = 16.0;
        assert_eq!(stretches(&scenario), [(16.0, 20.0)]);
        scenario.faults.remove(dropped);
        assert_eq!(stretches(&scenario), [(15.0, 31.0)], "somebody else may have dropped it");
    }
}
