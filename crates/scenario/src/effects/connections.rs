//! `leak_connections` and `resize_pool`: a queue's servers get fewer, or more.

use serde::Deserialize;

use super::Stretch;
use crate::{Curve, Fault, Queue, Scenario};

/// The fault kind that takes sessions out of a pool and does not give them back.
pub(crate) const LEAK_CONNECTIONS: &str = "leak_connections";
/// The fault kind that gives a pool another size.
const RESIZE_POOL: &str = "resize_pool";
/// More leaked sessions than the largest queue has connections make no difference.
const MOST_LEAKED: u32 = 10_000;

/// One change of a pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Change {
    /// The connection that comes free next is held until this minute, and one in every fresh pool until then.
    Leak { until: f64 },
    /// A fresh pool of so many connections, less those that leak; who waits for the old one is served there, or not.
    Resize { to: u32 },
}

/// How many connections a queue has, over the scenario.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    size: u32,
    /// By scenario minute, in order.
    changes: Vec<(f64, Change)>,
}

/// Of the arguments of `leak_connections`, what matters here.
#[derive(Deserialize)]
struct LeakConnections {
    pool: String,
    leaked: Curve,
}

/// The arguments of `resize_pool`.
#[derive(Deserialize)]
struct ResizePool {
    pool: String,
    size: u32,
}

impl Connections {
    pub(crate) fn of(scenario: &Scenario, queue: &Queue) -> Self {
        let mut changes: Vec<(f64, Change)> =
            scenario.faults.iter().flat_map(|fault| changes_of(fault, queue)).collect();
        changes.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self { size: queue.connections, changes }
    }

    /// What changes at which scenario minute, in order.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (f64, Change)> {
        self.changes.iter().copied()
    }

    /// Those that have not leaked at `minute`, busy or not.
    pub(crate) fn at(&self, minute: f64) -> u32 {
        let (mut size, mut leaked) = (self.size, 0_u32);
        for (_, change) in self.changes.iter().filter(|(at, _)| *at <= minute) {
            match change {
                Change::Leak { until } => leaked = leaked.saturating_add(u32::from(minute < *until)),
                Change::Resize { to } => size = *to,
            }
        }
        size.saturating_sub(leaked)
    }
}

fn changes_of(fault: &Fault, queue: &Queue) -> Vec<(f64, Change)> {
    match fault.kind.as_str() {
        LEAK_CONNECTIONS => match LeakConnections::deserialize(&fault.args) {
            Ok(args) if args.pool == queue.name => {
                let leak = Change::Leak { until: fault.until };
                leaks(&args.leaked, Stretch::of(fault)).into_iter().map(|at| (at, leak)).collect()
            }
            _ => Vec::new(),
        },
        RESIZE_POOL => match ResizePool::deserialize(&fault.args) {
            Ok(args) if args.pool == queue.name => {
                let back = Change::Resize { to: queue.connections };
                vec![(fault.from, Change::Resize { to: args.size }), (fault.until, back)]
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// When the first, the second, ... session leaks, in scenario minutes: as soon as `leaked`, rounded down, says so.
fn leaks(leaked: &Curve, stretch: Stretch) -> Vec<f64> {
    let points = leaked.points();
    let reaches = |count: f64| -> Option<f64> {
        let after = points.iter().position(|(_, value)| *value >= count)?;
        let (minute, value) = points[after];
        let Some((earlier, below)) = after.checked_sub(1).map(|before| points[before]) else {
            return Some(minute);
        };
        Some(earlier + (minute - earlier) * (count - below) / (value - below))
    };
    let times = (1..=MOST_LEAKED).map_while(|count| reaches(f64::from(count)));
    times.map(|minute| minute.max(stretch.from)).take_while(|minute| *minute < stretch.until).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::shipped_scenario;

    fn with(faults: &[(&str, f64, f64, serde_json::Value)]) -> Connections {
        let mut scenario = shipped_scenario("black-friday");
        scenario.faults = faults
            .iter()
            .map(|(kind, from, until, args)| Fault {
                id: "f".to_owned(),
                kind: (*kind).to_owned(),
                from: *from,
                until: *until,
                args: args.clone(),
                proof: Vec::new(),
            })
            .collect();
        Connections::of(&scenario, &scenario.queues[0])
    }

    #[test]
    fn sessions_leak_when_the_curve_reaches_the_next_whole_number() {
        let leaks = with(&[(
            LEAK_CONNECTIONS,
            16.0,
            30.0,
            json!({"pool": "recommendations", "leaked": [[16, 0], [20, 2], [20, 4], [25, 4.9]]}),
        )]);
        let times: Vec<f64> = leaks.changes().map(|(at, _)| at).collect();
        assert_eq!(times, [18.0, 20.0, 20.0, 20.0]);
        for (minute, free) in [(15.0, 20), (18.0, 19), (19.9, 19), (20.0, 16), (29.9, 16), (30.0, 20)] {
            assert_eq!(leaks.at(minute), free, "at {minute}");
        }
    }

    #[test]
    fn what_has_leaked_before_the_fault_leaks_as_it_begins() {
        let leaks =
            with(&[(LEAK_CONNECTIONS, 5.0, 6.0, json!({"pool": "recommendations", "leaked": [[0, 3], [10, 13]]}))]);
        let times: Vec<f64> = leaks.changes().map(|(at, _)| at).collect();
        assert_eq!(times, [5.0; 8]);
    }

    #[test]
    fn what_leaks_is_missing_from_every_fresh_pool_too() {
        let both = with(&[
            (LEAK_CONNECTIONS, 1.0, 9.0, json!({"pool": "recommendations", "leaked": [[1, 5]]})),
            (RESIZE_POOL, 4.0, 6.0, json!({"pool": "recommendations", "size": 3})),
        ]);
        for (minute, free) in [(0.5, 20), (1.0, 15), (4.0, 0), (5.9, 0), (6.0, 15), (8.9, 15), (9.0, 20)] {
            assert_eq!(both.at(minute), free, "at {minute}");
        }
    }

    #[test]
    fn other_pools_are_left_alone() {
        let other = with(&[
            (LEAK_CONNECTIONS, 1.0, 9.0, json!({"pool": "orders", "leaked": [[1, 5]]})),
            (RESIZE_POOL, 4.0, 6.0, json!({"pool": "orders", "size": 3})),
        ]);
        assert_eq!(other.changes().count(), 0);
    }
}
