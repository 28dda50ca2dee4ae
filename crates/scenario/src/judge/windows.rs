//! Over which minutes a checkpoint is measured.

use crate::effects::{ServiceTime, changes};
use crate::{Checkpoint, Scenario};

/// The window of `checkpoint`, in scenario minutes.
///
/// So long as it asks from `at` on, except where a change (a fault put in or taken out, a step of its curve) lies inside it or less
/// than `T + S` before it: then it begins `T + S` after the change, because until then the queue speaks of what was before.
/// It ends with the scenario, and `T` before the next change: whoever arrives after that is served, or not, by what comes then.
pub(super) fn of_checkpoint(scenario: &Scenario, checkpoint: &Checkpoint, speed: f64) -> (f64, f64) {
    let Checkpoint { at, over, stream, .. } = checkpoint;
    let (at, over) = (*at, *over);
    let changes = changes(scenario);
    let mut start = at;
    for change in &changes {
        let settled = change + settling(scenario, stream, *change, speed);
        if *change < (at + over).max(start) && settled > start {
            start = settled;
        }
    }
    let queues = scenario.queues.iter().filter(|q| q.stream == *stream);
    let patience = queues.map(|q| q.acquire_timeout_ms).fold(0.0, f64::max) / 60_000.0 * speed;
    let next = changes.into_iter().find(|change| *change > start).unwrap_or(f64::INFINITY);
    (start, (start + over).min(next - patience).min(scenario.minutes))
}

/// `T + S` around `change` for the slowest queue of `stream`, in scenario minutes.
fn settling(scenario: &Scenario, stream: &str, change: f64, speed: f64) -> f64 {
    /// Just before, in scenario minutes: a step has its old value there.
    const BEFORE: f64 = 1e-3;
    let of = |queue: &crate::Queue| {
        let service = ServiceTime::of(scenario, queue);
        let service = service.at(change).max(service.at(change - BEFORE));
        (queue.acquire_timeout_ms + service) / 60_000.0 * speed
    };
    scenario.queues.iter().filter(|q| q.stream == stream).map(of).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::black_friday;

    #[test]
    fn a_window_keeps_clear_of_changes() {
        let scenario = black_friday();
        // stream, at, speed, from, to: T = 2.1 s, S = 0.52 s at minute 15 and 1.3 s from minute 20 on.
        let table = [
            ("demo", 12.0, 1.0, 12.0, 13.0),
            ("demo", 15.0, 1.0, 15.0 + 2.62 / 60.0, 16.0 + 2.62 / 60.0),
            ("demo", 15.0, 10.0, 15.0 + 2.62 / 6.0, 16.0 + 2.62 / 6.0),
            ("demo", 19.0, 10.0, 19.0, 20.0 - 2.1 / 6.0),
            ("demo", 19.9, 10.0, 20.0 + 3.4 / 6.0, 21.0 + 3.4 / 6.0),
            ("demo", 22.0, 10.0, 22.0, 23.0),
            ("demo", 30.0, 10.0, 30.0 + 3.4 / 6.0, 31.0 + 3.4 / 6.0),
            ("demo", 32.5, 1.0, 32.5, 33.0),
            ("baseline", 20.0, 10.0, 20.0, 21.0),
            // The window begins where minute 15 has settled, beyond the change at 20: that one has to settle as well.
            ("demo", 15.0, 120.0, 20.0 + 3.4 * 2.0, 30.0 - 2.1 * 2.0),
        ];
        for (stream, at, speed, from, to) in table {
            let checkpoint = Checkpoint {
                at,
                over: 1.0,
                stream: stream.to_owned(),
                journey: None,
                error_rate: None,
                request_error_rate: None,
                p95_ms: None,
            };
            let window = of_checkpoint(&scenario, &checkpoint, speed);
            assert!(
                (window.0 - from).abs() < 1e-3 && (window.1 - to).abs() < 1e-3,
                "{stream} at {at}, speed {speed}: {window:?}"
            );
        }
    }
}
