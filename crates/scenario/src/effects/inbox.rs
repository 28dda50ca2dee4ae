//! The world `inbox` as far as an outage spreads through it: one service, which asks its model.

use super::calls::{Call, call};

/// Longest that a caller waits: the load generator's bound.
const CALLER: f64 = 20.0;

const CLASSIFY: &[Call] = &[call("inbox", "/hackathon/classify", CALLER)];
const EXTRACT: &[Call] = &[call("inbox", "/hackathon/extract", CALLER)];

/// The requests of `journey`; none for one that is not known.
pub(super) fn requests(journey: &str) -> &'static [&'static [Call]] {
    match journey {
        "classify" => &[CLASSIFY],
        "extract" => &[EXTRACT],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::World;

    #[test]
    fn every_journey_has_its_requests_at_the_path_of_its_step() {
        for (journey, steps) in World::Inbox.steps() {
            let calls: Vec<&Call> = requests(journey).iter().copied().flatten().collect();
            let called: Vec<(&str, f64)> = calls.iter().map(|call| (call.path, call.bound * 1000.0)).collect();
            let sent: Vec<(&str, f64)> = steps.iter().map(|step| (step.path.as_str(), step.timeout_ms)).collect();
            assert_eq!(called, sent, "{journey}");
        }
        assert!(requests("nothing").is_empty());
    }
}
