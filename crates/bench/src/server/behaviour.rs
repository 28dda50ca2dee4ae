//! When requests are answered: at once, not during a stall, or each a while after it came.

use std::collections::VecDeque;
use std::thread;
use std::time::Duration;

use super::control::Stall;
use super::request::Closing;
use crate::machine::monotonic_ns;

/// A server that stops now and then, as one does that collects garbage: it neither reads nor answers nor accepts.
#[derive(Debug)]
pub(super) struct Stalls {
    length_ns: u64,
    every_ns: u64,
    /// The first request: cycles are counted from here.
    origin_ns: Option<u64>,
    /// The next cycle whose stall has not been.
    cycle: u64,
    /// The last entry's `drained` counts on while `draining`.
    past: Vec<Stall>,
    draining: bool,
}

impl Stalls {
    /// `length` of each `every` is a stall; it begins 2/5 into the cycle, so that a run of whole cycles has whole stalls,
    /// and neither its beginning nor its end falls into one.
    pub(super) fn new(length: Duration, every: Duration) -> Self {
        let ns = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX / 4);
        Self {
            length_ns: ns(length),
            every_ns: ns(every),
            origin_ns: None,
            cycle: 0,
            past: Vec::new(),
            draining: false,
        }
    }

    /// The stall of a cycle, from and until; `None` before there was a request.
    fn window(&self, cycle: u64) -> Option<(u64, u64)> {
        let from = self.origin_ns? + cycle * self.every_ns + self.every_ns / 5 * 2;
        Some((from, from + self.length_ns))
    }

    /// Sleeps to the end of the stall if it is time for one. To be called when requests are there and before they are read.
    pub(super) fn stall_if_due(&mut self) {
        let now = monotonic_ns();
        self.origin_ns.get_or_insert(now);
        while let Some((from, until)) = self.window(self.cycle)
            && now >= from
        {
            self.cycle += 1;
            if now < until {
                thread::sleep(Duration::from_nanos(until - now));
            }
            // A stall in which nothing came is one as well: nobody noticed its end.
            let until = if now < until { monotonic_ns() } else { until };
            self.past.push(Stall { from_ns: from, until_ns: until, drained_ns: until, drained: 0 });
            self.draining = now < until;
        }
    }

    /// Whether what queued in a stall is still being answered.
    pub(super) fn is_draining(&self) -> bool {
        self.draining
    }

    pub(super) fn answered(&mut self) {
        if self.draining
            && let Some(last) = self.past.last_mut()
        {
            last.drained += 1;
        }
    }

    /// Nothing more was there: the queue of the stall is empty.
    pub(super) fn drained(&mut self) {
        self.draining = false;
        if let Some(last) = self.past.last_mut() {
            last.drained_ns = monotonic_ns();
        }
    }

    pub(super) fn past(&self) -> &[Stall] {
        &self.past
    }
}

/// A request whose answer is held back.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) slot: usize,
    pub(super) generation: u64,
    pub(super) closing: Closing,
}

/// Requests that wait for their answer, oldest first: all wait equally long.
#[derive(Debug)]
pub(super) struct Holding {
    hold: Duration,
    waiting: VecDeque<(u64, Held)>,
    most: usize,
}

impl Holding {
    pub(super) fn new(hold: Duration) -> Self {
        Self { hold, waiting: VecDeque::new(), most: 0 }
    }

    pub(super) fn push(&mut self, now_ns: u64, held: Held) {
        self.waiting.push_back((now_ns + u64::try_from(self.hold.as_nanos()).unwrap_or(u64::MAX / 4), held));
        self.most = self.most.max(self.waiting.len());
    }

    /// The next whose time has come.
    pub(super) fn pop_due(&mut self, now_ns: u64) -> Option<Held> {
        if self.waiting.front()?.0 > now_ns {
            return None;
        }
        self.waiting.pop_front().map(|(_, held)| held)
    }

    /// How long until one is due, in milliseconds, rounded up; `None` with nobody waiting.
    pub(super) fn wait_ms(&self, now_ns: u64) -> Option<u16> {
        let (due, _) = self.waiting.front()?;
        Some(u16::try_from(due.saturating_sub(now_ns).div_ceil(1_000_000)).unwrap_or(u16::MAX))
    }

    pub(super) fn most(&self) -> usize {
        self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stalls_lie_inside_their_cycles() {
        let mut stalls = Stalls::new(Duration::from_secs(1), Duration::from_secs(5));
        assert_eq!(stalls.window(0), None, "no request yet");
        stalls.origin_ns = Some(100);
        assert_eq!(stalls.window(0), Some((2_000_000_100, 3_000_000_100)));
        assert_eq!(stalls.window(3), Some((17_000_000_100, 18_000_000_100)));
    }

    #[test]
    fn held_requests_are_answered_in_their_order_and_not_early() {
        let mut holding = Holding::new(Duration::from_millis(5));
        let held = |slot| Held { slot, generation: 0, closing: Closing::StaysOpen };
        holding.push(0, held(1));
        holding.push(400_000, held(2));
        assert_eq!(holding.wait_ms(100_000), Some(5));
        assert!(holding.pop_due(4_999_999).is_none());
        assert_eq!(holding.pop_due(5_100_000).map(|h| h.slot), Some(1));
        assert!(holding.pop_due(5_100_000).is_none());
        assert_eq!(holding.pop_due(5_400_000).map(|h| h.slot), Some(2));
        assert_eq!((holding.wait_ms(0), holding.most()), (None, 2));
    }
}
