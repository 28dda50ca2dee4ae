//! The queue itself: `c` servers, first come first served, everybody gives up after the same time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A pool in the middle of a simulation. Times are seconds from any fixed moment.
///
/// All wait equally long before they give up, and service is in order of arrival, so whether somebody will be served is
/// known on arrival: those ahead either hold a place already or will have given up. So one pass over the arrivals is
/// exact, with no events for departures.
#[derive(Debug)]
pub(super) struct Pool {
    /// When each server becomes free, as nanoseconds so that they can be ordered.
    free_at: BinaryHeap<Reverse<u64>>,
    timeout: u64,
}

/// What became of one arrival, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Passage {
    /// How long it waited.
    pub(super) waited: f64,
    /// How long it was served; `None` if it gave up.
    pub(super) served: Option<f64>,
}

const NANOS: f64 = 1e9;

impl Pool {
    /// `connections` idle servers and an acquire timeout in seconds.
    pub(super) fn new(connections: u32, timeout: f64) -> Self {
        Self { free_at: (0..connections.max(1)).map(|_| Reverse(0)).collect(), timeout: (timeout * NANOS) as u64 }
    }

    /// Sends an arrival at `time`; arrivals come in order of time. `service` gives the service time from its start.
    pub(super) fn arrive(&mut self, time: f64, service: impl FnOnce(f64) -> f64) -> Passage {
        let now = (time * NANOS) as u64;
        let Some(mut first) = self.free_at.peek_mut() else {
            return Passage { waited: 0.0, served: None };
        };
        let start = now.max(first.0);
        let waited = start - now;
        if waited >= self.timeout {
            return Passage { waited: self.timeout as f64 / NANOS, served: None };
        }
        let served = service(start as f64 / NANOS);
        *first = Reverse(start + (served * NANOS) as u64);
        Passage { waited: waited as f64 / NANOS, served: Some(served) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_serves_in_order_and_the_late_give_up() {
        let mut pool = Pool::new(1, 1.5);
        // (arrival, waited, served): the third would wait 1.8 s and gives up after 1.5, the fourth takes its place.
        let table = [
            (0.0, 0.0, Some(1.0)),
            (0.1, 0.9, Some(1.0)),
            (0.2, 1.5, None),
            (0.6, 1.4, Some(1.0)),
            (9.0, 0.0, Some(1.0)),
        ];
        for (time, waited, served) in table {
            let passage = pool.arrive(time, |_| 1.0);
            assert!((passage.waited - waited).abs() < 1e-6, "at {time}: {passage:?}");
            assert_eq!(passage.served, served, "at {time}");
        }
    }

    #[test]
    fn servers_work_side_by_side() {
        let mut pool = Pool::new(3, 10.0);
        let waits: Vec<f64> = (0..4).map(|_| pool.arrive(5.0, |_| 2.0).waited).collect();
        assert_eq!(waits, [0.0, 0.0, 0.0, 2.0]);
    }

    #[test]
    fn service_time_is_asked_for_when_service_begins() {
        let mut pool = Pool::new(1, 10.0);
        pool.arrive(1.0, |_| 2.0);
        let mut began = 0.0;
        pool.arrive(1.5, |start| {
            began = start;
            1.0
        });
        assert_eq!(began, 3.0);
    }
}
