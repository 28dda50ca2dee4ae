//! When anything begins or ends that a measurement could notice.

use super::Stretch;
use super::slow_service::{STORAGE_WAIT, slow_services};
use crate::Scenario;

/// Stretches in which faults bite, in scenario minutes, as they stand in the file.
///
/// A wait bites as long as its index is missing, which need not be as long as it is in.
pub(crate) fn disturbed(scenario: &Scenario) -> Vec<Stretch> {
    let others = scenario.faults.iter().filter(|f| f.kind != STORAGE_WAIT).map(Stretch::of);
    others.chain(slow_services(scenario).into_iter().map(|slow| slow.stretch)).collect()
}

/// Scenario minutes at which something changes at once, in order: faults begin and end, service times step.
pub(crate) fn changes(scenario: &Scenario) -> Vec<f64> {
    let mut changes: Vec<f64> = disturbed(scenario).iter().flat_map(|stretch| [stretch.from, stretch.until]).collect();
    for slow in slow_services(scenario) {
        let points = slow.service_time_ms.points();
        let steps = points.windows(2).filter(|p| p[0].0 == p[1].0 && p[0].1 != p[1].1).map(|p| p[0].0);
        changes.extend(steps.filter(|minute| slow.stretch.contains(*minute)));
    }
    changes.sort_by(f64::total_cmp);
    changes.dedup();
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::shipped_scenario;

    #[test]
    fn a_wait_that_outlasts_its_index_changes_nothing_at_its_end() {
        assert_eq!(changes(&shipped_scenario("black-friday")), [15.0, 20.0, 30.0]);
    }
}
