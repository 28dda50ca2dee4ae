//! The queue itself: servers, first come first served, everybody with a patience of their own.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// A pool in the middle of a simulation. Times are seconds from any fixed moment.
///
/// Service is in order of arrival, so when somebody's turn comes is known on arrival: those ahead either hold a place already or
/// will have given up. So one pass over the arrivals is exact, with no events for departures.
#[derive(Debug)]
pub(super) struct Pool {
    /// When each server becomes free, as nanoseconds so that they can be ordered.
    free_at: BinaryHeap<Reverse<u64>>,
    /// What will happen to it, in order of time.
    changes: VecDeque<(u64, PoolChange)>,
    /// Until when each leak lasts that has begun: a fresh pool loses servers to them as well.
    leaks: Vec<u64>,
}

/// One change of a pool, with times in nanoseconds.
#[derive(Debug, Clone, Copy)]
enum PoolChange {
    /// The server that comes free next is held until then.
    Leak(u64),
    /// A fresh pool of so many servers.
    Fresh(u32),
}

/// What became of one arrival, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Passage {
    /// How long it waited.
    pub(super) waited: f64,
    /// How long it holds a server; `None` if it gave up.
    pub(super) held: Option<f64>,
}

const NANOS: f64 = 1e9;

fn nanos(seconds: f64) -> u64 {
    // Never negative; beyond five hundred years it stays at the greatest value.
    (seconds * NANOS) as u64
}

impl Pool {
    /// `servers` idle ones.
    pub(super) fn new(servers: u32) -> Self {
        Self { free_at: fresh(servers, 0), changes: VecDeque::new(), leaks: Vec::new() }
    }

    /// From `time` until `until` one server is held by nobody's request: the one that comes free next, and one of every fresh pool.
    /// Changes are given in order of time.
    pub(super) fn leak(&mut self, time: f64, until: f64) {
        self.changes.push_back((nanos(time), PoolChange::Leak(nanos(until))));
    }

    /// From `time` on whoever comes finds a fresh pool of `servers`, idle but for those that leaks hold. Changes are given in order of time.
    pub(super) fn resize(&mut self, time: f64, servers: u32) {
        self.changes.push_back((nanos(time), PoolChange::Fresh(servers)));
    }

    /// Sends an arrival at `time`; arrivals come in order of time. It gives up after `patience`. `service` gives the service
    /// time from its start.
    pub(super) fn arrive(&mut self, time: f64, patience: f64, service: impl FnOnce(f64) -> f64) -> Passage {
        let (now, patience) = (nanos(time), nanos(patience));
        self.change_until(now);
        let gives_up = Passage { waited: patience as f64 / NANOS, held: None };
        let Some(mut first) = self.free_at.peek_mut() else { return gives_up };
        let start = now.max(first.0);
        let waited = start - now;
        if waited >= patience {
            return gives_up;
        }
        let held = service(start as f64 / NANOS);
        *first = Reverse(start.saturating_add(nanos(held)));
        Passage { waited: waited as f64 / NANOS, held: Some(held) }
    }

    fn change_until(&mut self, now: u64) {
        while let Some((time, change)) = self.changes.front().copied().filter(|(time, _)| *time <= now) {
            self.changes.pop_front();
            match change {
                PoolChange::Fresh(servers) => self.refresh(servers, time),
                PoolChange::Leak(until) => {
                    self.leaks.push(until);
                    if let Some(mut first) = self.free_at.peek_mut()
                        && first.0 < until
                    {
                        *first = Reverse(until);
                    }
                }
            }
        }
    }

    /// Where there are more leaks than servers, those that last the longest have them all.
    fn refresh(&mut self, servers: u32, time: u64) {
        self.leaks.retain(|until| *until > time);
        self.leaks.sort_unstable_by_key(|until| Reverse(*until));
        let leaked = self.leaks.len().min(servers as usize);
        self.free_at = fresh(servers - leaked as u32, time);
        self.free_at.extend(self.leaks[..leaked].iter().map(|until| Reverse(*until)));
    }
}

/// `servers` that are free from `time` on.
fn fresh(servers: u32, time: u64) -> BinaryHeap<Reverse<u64>> {
    (0..servers).map(|_| Reverse(time)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_serves_in_order_and_the_late_give_up() {
        let mut pool = Pool::new(1);
        // (arrival, waited, held): the third would wait 1.8 s and gives up after 1.5, the fourth takes its place.
        let table = [
            (0.0, 0.0, Some(1.0)),
            (0.1, 0.9, Some(1.0)),
            (0.2, 1.5, None),
            (0.6, 1.4, Some(1.0)),
            (9.0, 0.0, Some(1.0)),
        ];
        for (time, waited, held) in table {
            let passage = pool.arrive(time, 1.5, |_| 1.0);
            assert!((passage.waited - waited).abs() < 1e-6, "at {time}: {passage:?}");
            assert_eq!(passage.held, held, "at {time}");
        }
    }

    #[test]
    fn patience_is_each_arrivals_own() {
        let mut pool = Pool::new(1);
        pool.arrive(0.0, 1.0, |_| 2.0);
        assert_eq!(pool.arrive(0.5, 1.0, |_| 2.0).held, None);
        assert_eq!(pool.arrive(0.5, 1.6, |_| 2.0).held, Some(2.0));
    }

    #[test]
    fn servers_work_side_by_side() {
        let mut pool = Pool::new(3);
        let waits: Vec<f64> = (0..4).map(|_| pool.arrive(5.0, 10.0, |_| 2.0).waited).collect();
        assert_eq!(waits, [0.0, 0.0, 0.0, 2.0]);
    }

    #[test]
    fn service_time_is_asked_for_when_service_begins() {
        let mut pool = Pool::new(1);
        pool.arrive(1.0, 10.0, |_| 2.0);
        let mut began = 0.0;
        pool.arrive(1.5, 10.0, |start| {
            began = start;
            1.0
        });
        assert_eq!(began, 3.0);
    }

    #[test]
    fn a_leak_takes_the_next_free_server_in_its_turn_and_gives_it_back_at_its_end() {
        let mut pool = Pool::new(2);
        pool.leak(1.0, 10.0);
        pool.leak(2.0, 10.0);
        pool.arrive(0.0, 99.0, |_| 5.0);
        // The first leak found a free server, the second waits for the one that is busy until 5.
        let behind = pool.arrive(3.0, 99.0, |_| 1.0);
        assert!((behind.waited - 7.0).abs() < 1e-6, "{behind:?}");
        let after = pool.arrive(10.5, 99.0, |_| 1.0);
        assert_eq!(after.waited, 0.0);
    }

    #[test]
    fn a_resized_pool_is_fresh_and_who_waited_before_stays_with_the_old_one() {
        let mut pool = Pool::new(1);
        pool.resize(2.0, 3);
        pool.resize(4.0, 1);
        pool.arrive(0.0, 99.0, |_| 100.0);
        assert!((pool.arrive(1.0, 100.0, |_| 1.0).waited - 99.0).abs() < 1e-6);
        let fresh: Vec<f64> = (0..3).map(|_| pool.arrive(2.0, 99.0, |_| 1.0).waited).collect();
        assert_eq!(fresh, [0.0; 3]);
        assert_eq!([0, 1].map(|_| pool.arrive(5.0, 99.0, |_| 1.0).waited), [0.0, 1.0]);
    }

    #[test]
    fn leaks_hold_servers_of_every_fresh_pool_until_they_end() {
        let mut pool = Pool::new(4);
        // Two leaks until 9 and one until 7; from 4 to 6 there are two servers.
        pool.leak(1.0, 7.0);
        pool.leak(1.0, 9.0);
        pool.leak(2.0, 9.0);
        pool.resize(4.0, 2);
        pool.resize(6.0, 4);
        let mut free = |time| (0..4).filter(|_| pool.arrive(time, 0.01, |_| 0.1).held.is_some()).count();
        let found = [0.5, 1.5, 3.0, 4.0, 5.9, 6.0, 7.0, 9.0].map(&mut free);
        assert_eq!(found, [4, 2, 1, 0, 0, 1, 2, 4]);
    }

    #[test]
    fn without_servers_everybody_gives_up() {
        let mut pool = Pool::new(1);
        pool.resize(1.0, 0);
        assert_eq!(pool.arrive(1.0, 2.0, |_| 1.0), Passage { waited: 2.0, held: None });
    }
}
