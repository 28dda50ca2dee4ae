//! What became of every arrival and every request of one stream in one simulation.

/// Set in [`Outcomes::kinds`] if the arrival's first request failed; the rest is its journey.
const FIRST_FAILED: u8 = 0x80;

/// Arrivals in order, requests in the order in which they were sent. About 24 bytes an arrival.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcomes {
    /// Scenario minute at which each arrival was due.
    minutes: Vec<f64>,
    /// Latency in milliseconds, negative for those that failed: half the memory of a pair.
    latencies_ms: Vec<f32>,
    /// How long its last request waited in a queue, in milliseconds; not a number for those that came to none.
    waits_ms: Vec<f32>,
    /// How long its requests held a connection, together, in milliseconds.
    held_ms: Vec<f32>,
    /// Journey and [`FIRST_FAILED`].
    kinds: Vec<u8>,
    /// Requests beyond the first of their arrival.
    retries: Vec<Retried>,
}

/// A request that was sent again.
#[derive(Debug, Clone, Copy)]
struct Retried {
    minute: f64,
    journey: u8,
    failed: bool,
}

/// One request of an arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    /// The one with which it came.
    First,
    /// One that was sent again, by its position among those.
    Retry(usize),
    /// The first try of a later request of its journey, after an earlier one was sent again: the load engine counts its arrival's one
    /// request once, and has done so.
    Counted,
}

/// How an arrival ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    pub(super) latency_ms: f64,
    pub(super) failed: bool,
    /// What its last request waited in a queue; `None` if it came to none.
    pub(super) waited_ms: Option<f64>,
    /// How long its requests held a connection.
    pub(super) held_ms: f64,
}

/// Figures over a stretch of arrivals and requests.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Summary {
    pub(super) arrivals: u64,
    pub(super) errors: u64,
    pub(super) requests: u64,
    pub(super) request_errors: u64,
    pub(super) p50_ms: Option<f64>,
    pub(super) p95_ms: Option<f64>,
    /// Mean over those that came to a queue.
    pub(super) wait_ms: Option<f64>,
    /// Connection time of all of them.
    pub(super) held_ms: f64,
}

impl Summary {
    /// Share of arrivals that failed; `None` without arrivals.
    pub(super) fn error_rate(&self) -> Option<f64> {
        (self.arrivals > 0).then(|| self.errors as f64 / self.arrivals as f64)
    }

    /// Share of requests that failed; `None` without requests.
    pub(super) fn request_error_rate(&self) -> Option<f64> {
        (self.requests > 0).then(|| self.request_errors as f64 / self.requests as f64)
    }
}

impl Outcomes {
    pub(super) fn with_capacity(arrivals: usize) -> Self {
        Self {
            minutes: Vec::with_capacity(arrivals),
            latencies_ms: Vec::with_capacity(arrivals),
            waits_ms: Vec::with_capacity(arrivals),
            held_ms: Vec::with_capacity(arrivals),
            kinds: Vec::with_capacity(arrivals),
            retries: Vec::new(),
        }
    }

    /// An arrival, whose end is not known yet. Returns its place.
    pub(super) fn arrive(&mut self, minute: f64, journey: usize) -> usize {
        self.minutes.push(minute);
        self.latencies_ms.push(0.0);
        self.waits_ms.push(f32::NAN);
        self.held_ms.push(0.0);
        // A world has a handful of journeys.
        self.kinds.push(journey.min(usize::from(FIRST_FAILED) - 1) as u8);
        self.minutes.len() - 1
    }

    /// The arrival at `place` ends.
    pub(super) fn end(&mut self, place: usize, ending: Ending) {
        // A latency of 0 would lose its sign.
        let latency = ending.latency_ms.max(1e-3) as f32;
        self.latencies_ms[place] = if ending.failed { -latency } else { latency };
        self.waits_ms[place] = ending.waited_ms.map_or(f32::NAN, |wait| wait as f32);
        self.held_ms[place] = ending.held_ms as f32;
    }

    /// A request of the arrival at `place` is sent again. They are sent in order of time.
    pub(super) fn retry(&mut self, place: usize, minute: f64) -> Request {
        self.retries.push(Retried { minute, journey: self.kinds[place] & !FIRST_FAILED, failed: false });
        Request::Retry(self.retries.len() - 1)
    }

    /// A request of the arrival at `place` failed.
    pub(super) fn request_failed(&mut self, place: usize, request: Request) {
        match request {
            Request::First => self.kinds[place] |= FIRST_FAILED,
            Request::Retry(position) => self.retries[position].failed = true,
            Request::Counted => {}
        }
    }

    /// Over arrivals due and requests sent in `[from, to)`, of one journey or of all.
    pub(super) fn summary(&self, journey: Option<usize>, from: f64, to: f64) -> Summary {
        let first = self.minutes.partition_point(|m| *m < from);
        let end = self.minutes.partition_point(|m| *m < to).max(first);
        let is_mine = |kind: u8| journey.is_none_or(|journey| usize::from(kind & !FIRST_FAILED) == journey);
        let mut summary = Summary::default();
        let mut latencies: Vec<f32> = Vec::with_capacity(end - first);
        let (mut waited, mut wait_ms) = (0_u64, 0.0);
        for place in (first..end).filter(|place| is_mine(self.kinds[*place])) {
            let latency = self.latencies_ms[place];
            latencies.push(latency.abs());
            summary.errors += u64::from(latency.is_sign_negative());
            summary.request_errors += u64::from(self.kinds[place] & FIRST_FAILED != 0);
            summary.held_ms += f64::from(self.held_ms[place]);
            let wait = self.waits_ms[place];
            if !wait.is_nan() {
                waited += 1;
                wait_ms += f64::from(wait);
            }
        }
        summary.arrivals = latencies.len() as u64;
        summary.requests = summary.arrivals;
        let first = self.retries.partition_point(|retry| retry.minute < from);
        let end = self.retries.partition_point(|retry| retry.minute < to).max(first);
        for retry in self.retries[first..end].iter().filter(|retry| is_mine(retry.journey)) {
            summary.requests += 1;
            summary.request_errors += u64::from(retry.failed);
        }
        summary.wait_ms = (waited > 0).then(|| wait_ms / waited as f64);
        summary.p50_ms = quantile(&mut latencies, 0.50);
        summary.p95_ms = quantile(&mut latencies, 0.95);
        summary
    }

    /// Every arrival, as a load engine would report it.
    #[cfg(test)]
    pub(super) fn arrivals(&self) -> impl Iterator<Item = crate::predict::SimulatedArrival> {
        (0..self.minutes.len()).map(|place| crate::predict::SimulatedArrival {
            minute: self.minutes[place],
            journey: usize::from(self.kinds[place] & !FIRST_FAILED),
            latency_ms: f64::from(self.latencies_ms[place].abs()),
            failed: self.latencies_ms[place].is_sign_negative(),
            first_request_failed: self.kinds[place] & FIRST_FAILED != 0,
            waited_ms: Some(f64::from(self.waits_ms[place])).filter(|wait| !wait.is_nan()),
        })
    }

    /// Minute, journey and failure of every request that was sent again.
    #[cfg(test)]
    pub(super) fn retries(&self) -> impl Iterator<Item = (f64, usize, bool)> {
        self.retries.iter().map(|retry| (retry.minute, usize::from(retry.journey), retry.failed))
    }
}

/// The smallest value that at least a share `q` of `values` does not exceed: what an HDR histogram reports.
fn quantile(values: &mut [f32], q: f64) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let rank = ((values.len() as f64 * q).ceil() as usize).clamp(1, values.len()) - 1;
    let (_, value, _) = values.select_nth_unstable_by(rank, f32::total_cmp);
    Some(f64::from(*value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(latency_ms: f64, failed: bool) -> Ending {
        Ending { latency_ms, failed, waited_ms: Some(latency_ms / 2.0), held_ms: 1.0 }
    }

    #[test]
    fn a_summary_counts_what_was_due_inside() {
        let mut outcomes = Outcomes::default();
        for n in 0..100_u32 {
            let place = outcomes.arrive(f64::from(n) / 10.0, (n % 2) as usize);
            outcomes.end(place, ending(f64::from(n + 1), n % 4 == 0));
            if n % 4 == 0 {
                outcomes.request_failed(place, Request::First);
            }
        }
        let summary = outcomes.summary(None, 5.0, 7.0);
        assert_eq!((summary.arrivals, summary.errors), (20, 5));
        assert_eq!((summary.requests, summary.request_errors), (20, 5));
        assert_eq!((summary.p50_ms, summary.p95_ms), (Some(60.0), Some(69.0)));
        assert_eq!((summary.wait_ms, summary.held_ms), (Some(30.25), 20.0));
        let odd = outcomes.summary(Some(1), 5.0, 7.0);
        assert_eq!((odd.arrivals, odd.errors), (10, 0));
        assert_eq!(outcomes.summary(None, 20.0, 30.0), Summary::default());
    }

    #[test]
    fn a_retry_counts_where_it_was_sent() {
        let mut outcomes = Outcomes::default();
        let place = outcomes.arrive(1.0, 0);
        outcomes.request_failed(place, Request::First);
        let retry = outcomes.retry(place, 2.0);
        outcomes.request_failed(place, retry);
        let last = outcomes.retry(place, 2.5);
        assert_eq!(last, Request::Retry(1));
        outcomes.end(place, ending(90_000.0, false));
        let of = |from, to| {
            let summary = outcomes.summary(None, from, to);
            (summary.arrivals, summary.errors, summary.requests, summary.request_errors)
        };
        assert_eq!(of(1.0, 2.0), (1, 0, 1, 1));
        assert_eq!(of(2.0, 3.0), (0, 0, 2, 1));
    }

    #[test]
    fn who_comes_to_no_queue_has_no_wait() {
        let mut outcomes = Outcomes::default();
        let place = outcomes.arrive(1.0, 0);
        outcomes.end(place, Ending { latency_ms: 5.0, failed: false, waited_ms: None, held_ms: 0.0 });
        assert_eq!(outcomes.summary(None, 0.0, 2.0).wait_ms, None);
    }
}
