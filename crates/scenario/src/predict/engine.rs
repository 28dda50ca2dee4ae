//! The simulation in the middle of it: visits on their way through queues and hazards, in order of time.
//!
//! Most visits are through in one go: they come to their queue at the moment at which they are due. Those that something
//! delays on the way, and requests that are sent again, wait in a heap for their moment, so that every queue sees its
//! arrivals in order of time.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::outcomes::{Ending, Outcomes, Request};
use super::queue::Pool;
use super::service::Chance;
use crate::effects::{
    Change, Connections, Forgives, Hazard, Retries, Route, STATEMENT_TIMEOUT, ServiceTime, Stop, Trouble,
};
use crate::schedule::Random;
use crate::{Arrival, Queue, Scenario};

/// Numbers that one arrival may draw for what befalls it; a power of two, so that its counters are its own. Eleven tries of two requests that
/// meet a few hazards each need about a hundred.
const DRAWS: u64 = 1024;

/// One queue of a scenario, and what faults make of it.
#[derive(Debug)]
pub(super) struct Waiting {
    pool: Pool,
    service_time: ServiceTime,
    /// The acquire timeout in seconds.
    patience: f64,
}

impl Waiting {
    pub(super) fn new(scenario: &Scenario, queue: &Queue, seconds_per_minute: f64) -> Self {
        let mut pool = Pool::new(queue.connections);
        for (minute, change) in Connections::of(scenario, queue).changes() {
            let time = minute * seconds_per_minute;
            match change {
                Change::Leak { until } => pool.leak(time, until * seconds_per_minute),
                Change::Resize { to } => pool.resize(time, to),
            }
        }
        Self { pool, service_time: ServiceTime::of(scenario, queue), patience: queue.acquire_timeout_ms / 1000.0 }
    }
}

/// What is the same for every visit of one stream.
#[derive(Debug)]
pub(super) struct Course<'a> {
    /// By journey.
    pub(super) routes: &'a [Route],
    pub(super) retries: &'a Retries,
    pub(super) chance: &'a Chance,
    /// Draws of its own for service: how long it takes must not hang on what a customer buys.
    pub(super) service: Random,
    /// Draws for what befalls a request.
    pub(super) hazards: Random,
    pub(super) seconds_per_minute: f64,
}

/// A simulation under way.
#[derive(Debug)]
pub(super) struct Engine<'a> {
    course: Course<'a>,
    queues: Vec<Waiting>,
    pending: BinaryHeap<Reverse<Pending>>,
    /// Numbers what is pending, so that of two at one moment the first comes first.
    scheduled: u64,
    pub(super) outcomes: Outcomes,
}

/// An arrival on its way.
#[derive(Debug, Clone, Copy)]
struct Visit {
    /// Its place in the outcomes.
    place: usize,
    /// Its position in its stream.
    index: u64,
    journey: usize,
    /// When it was due, in seconds.
    due: f64,
    /// Which request of its journey it is at, and which stop of that.
    request: usize,
    stop: usize,
    /// Whether it has come to the stop's queue.
    is_queued: bool,
    /// When whoever waits for the stop gives up, in seconds.
    deadline: f64,
    /// How often this request of the journey was sent again, and any of them.
    retried: u32,
    retried_in_all: u32,
    /// The request as it is counted; `None` before it is sent again.
    counted: Option<Request>,
    draws: u64,
    waited: Option<f64>,
    held: f64,
}

/// A visit that goes on at some moment.
#[derive(Debug)]
struct Pending {
    time: f64,
    number: u64,
    visit: Visit,
}

/// A call that failed.
#[derive(Debug, Clone, Copy)]
struct Failure {
    /// When its caller knows, in seconds.
    at: f64,
    /// Whether it was answered with a client's error.
    is_client_error: bool,
}

impl Failure {
    fn unavailable(at: f64) -> Self {
        Self { at, is_client_error: false }
    }

    fn is_forgiven(self, forgives: Forgives) -> bool {
        match forgives {
            Forgives::Nothing => false,
            Forgives::Unavailability => !self.is_client_error,
            Forgives::Everything => true,
        }
    }
}

impl<'a> Engine<'a> {
    pub(super) fn new(course: Course<'a>, queues: Vec<Waiting>, expected: f64) -> Self {
        Self {
            course,
            queues,
            pending: BinaryHeap::new(),
            scheduled: 0,
            outcomes: Outcomes::with_capacity(expected as usize + 64),
        }
    }

    /// An arrival, after everything that is pending before it. They come in order of time.
    pub(super) fn arrive(&mut self, arrival: &Arrival) {
        let due = arrival.due.as_secs_f64();
        self.run_until(due);
        let visit = Visit {
            place: self.outcomes.arrive(arrival.minute, arrival.journey),
            index: arrival.index,
            journey: arrival.journey,
            due,
            request: 0,
            stop: 0,
            is_queued: false,
            deadline: f64::INFINITY,
            retried: 0,
            retried_in_all: 0,
            counted: Some(Request::First),
            draws: 0,
            waited: None,
            held: 0.0,
        };
        self.proceed(visit, due);
    }

    /// Everything that is pending before `time`.
    pub(super) fn run_until(&mut self, time: f64) {
        while self.pending.peek().is_some_and(|Reverse(first)| first.time < time) {
            let Some(Reverse(Pending { time, mut visit, .. })) = self.pending.pop() else { return };
            if visit.counted.is_none() {
                let minute = time / self.course.seconds_per_minute;
                visit.counted = Some(self.outcomes.retry(visit.place, minute));
            }
            self.proceed(visit, time);
        }
    }

    /// Takes `visit` on, from where it is, at `now`.
    fn proceed(&mut self, mut visit: Visit, now: f64) {
        let mut time = now;
        let routes = self.course.routes;
        let requests: &[Vec<Stop>] = routes.get(visit.journey).map_or(&[], |route| &route.requests);
        while let Some(stops) = requests.get(visit.request) {
            let Some(stop) = stops.get(visit.stop) else {
                visit.request += 1;
                if matches!(visit.counted, Some(Request::Retry(_))) {
                    visit.counted = Some(Request::Counted);
                }
                visit.stop = 0;
                visit.retried = 0;
                continue;
            };
            let passed = if visit.is_queued { Ok(time) } else { self.meet(stop, &mut visit, time) };
            let passed = match (passed, stop.queue) {
                (Ok(reached), Some(_)) if reached > now => {
                    // The queue has not come to that moment yet.
                    visit.is_queued = true;
                    return self.schedule(reached, visit);
                }
                (Ok(reached), Some(queue)) => self.wait(stop, queue, &mut visit, reached),
                (passed, _) => passed,
            };
            visit.is_queued = false;
            match passed {
                Ok(reached) => time = reached,
                Err(failure) if failure.is_forgiven(stop.forgives) => time = failure.at,
                Err(failure) => return self.fail(visit, failure.at),
            }
            visit.stop += 1;
        }
        self.end(visit, time, false);
    }

    /// What befalls `visit` at `stop` before it comes to a queue: when it is through, or when its caller knows that it failed.
    fn meet(&mut self, stop: &Stop, visit: &mut Visit, arrives: f64) -> Result<f64, Failure> {
        let bound = arrives + stop.bound;
        visit.deadline = if stop.is_nested { bound.min(visit.deadline) } else { bound };
        let mut time = arrives;
        for Hazard { stretch, trouble } in stop.hazards.iter().filter(|hazard| hazard.stretch.contains(arrives)) {
            match *trouble {
                Trouble::Refused => return Err(Failure::unavailable(time)),
                Trouble::Paused => time = time.max(stretch.until),
                Trouble::Slow { share, least, most } => {
                    if self.befalls(visit, share) {
                        // A number is drawn only where there is something to draw.
                        let more = if most > least { (most - least) * self.draw(visit) } else { 0.0 };
                        time += least + more;
                    }
                }
                Trouble::Broken { share, is_client_error } => {
                    if self.befalls(visit, share) {
                        return Err(Failure { at: time.min(visit.deadline), is_client_error });
                    }
                }
                // In a queue it is the connection's holder who waits.
                Trouble::Locked if stop.queue.is_none() => time = time.max(stretch.until),
                Trouble::Locked => {}
            }
            if time >= visit.deadline {
                return Err(Failure::unavailable(visit.deadline));
            }
        }
        Ok(time)
    }

    /// Whether it is one of a `share`.
    fn befalls(&self, visit: &mut Visit, share: f64) -> bool {
        self.draw(visit) <= share
    }

    /// The visit's next number, uniform in (0, 1].
    fn draw(&self, visit: &mut Visit) -> f64 {
        let counter = visit.index.wrapping_mul(DRAWS).wrapping_add(visit.draws % DRAWS);
        visit.draws += 1;
        self.course.hazards.unit(counter)
    }

    /// `visit` waits in the queue of `stop`, from `time` on.
    fn wait(&mut self, stop: &Stop, queue: usize, visit: &mut Visit, time: f64) -> Result<f64, Failure> {
        let Course { chance, service, seconds_per_minute, .. } = &self.course;
        let ms_per_minute = seconds_per_minute * 1000.0;
        let Some(Waiting { pool, service_time, patience }) = self.queues.get_mut(queue) else { return Ok(time) };
        // The first try draws what it would draw if there were no others.
        let counter = visit.index.wrapping_add(u64::from(visit.retried_in_all) << 40);
        let passage = pool.arrive(time, patience.min(visit.deadline - time), |start| {
            let chance = chance.pick(*service, counter);
            let target = service_time.held_ms(start / seconds_per_minute, chance, ms_per_minute);
            let locks = stop.hazards.iter().filter(|h| h.trouble == Trouble::Locked && h.stretch.contains(start));
            // The database ends a statement that waits too long; by then its caller has given up as well.
            let locked = locks.map(|lock| lock.stretch.until - start).fold(0.0, f64::max);
            locked.min(STATEMENT_TIMEOUT) + target / 1000.0
        });
        visit.waited = Some(passage.waited);
        let Some(held) = passage.held else { return Err(Failure::unavailable(time + passage.waited)) };
        visit.held += held;
        let done = time + passage.waited + held;
        // The connection is held for somebody who has gone.
        if done > visit.deadline { Err(Failure::unavailable(visit.deadline)) } else { Ok(done) }
    }

    /// A request of `visit` failed: it is sent again, or that was it.
    fn fail(&mut self, mut visit: Visit, time: f64) {
        if let Some(request) = visit.counted {
            self.outcomes.request_failed(visit.place, request);
        }
        match self.course.retries.at(time) {
            Some(retry) if visit.retried < retry.at_most => {
                visit.retried += 1;
                visit.retried_in_all += 1;
                visit.stop = 0;
                visit.counted = None;
                self.schedule(time + retry.after, visit);
            }
            _ => self.end(visit, time, true),
        }
    }

    fn end(&mut self, visit: Visit, time: f64, failed: bool) {
        let elsewhere_ms = self.course.routes.get(visit.journey).map_or(0.0, |route| route.elsewhere_ms);
        let tries = f64::from(visit.retried_in_all + 1);
        let ending = Ending {
            latency_ms: (time - visit.due) * 1000.0 + elsewhere_ms * tries,
            failed,
            waited_ms: visit.waited.map(|seconds| seconds * 1000.0),
            held_ms: visit.held * 1000.0,
        };
        self.outcomes.end(visit.place, ending);
    }

    fn schedule(&mut self, time: f64, visit: Visit) {
        self.scheduled += 1;
        self.pending.push(Reverse(Pending { time, number: self.scheduled, visit }));
    }
}

impl Ord for Pending {
    fn cmp(&self, other: &Self) -> Ordering {
        self.time.total_cmp(&other.time).then(self.number.cmp(&other.number))
    }
}

impl PartialOrd for Pending {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Pending {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Pending {}
