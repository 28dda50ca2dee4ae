//! The closed model: so many visitors, each of whom comes back as soon as a visit has ended.
//!
//! What most tools do and what this one is not for: a slow server is asked less often, and nobody notices who would have
//! waited. It is here to be compared with them, and to find what a server can do at most.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use scenario::Arrival;
use tokio::task::JoinSet;

use super::run::unix_now;
use super::visit::{Underway, visit};
use super::worker::Worker;
use crate::record::Place;

/// Keeps this thread's part of `visitors` busy until the plan's time is over or the run is told to stop.
pub(super) async fn dispatch(worker: &Rc<Worker>, visitors: usize) {
    let plan = &worker.plan;
    let threads = plan.limits.threads.max(1);
    let mine = visitors / threads + usize::from(worker.number < visitors % threads);
    let begins_in = Duration::try_from_secs_f64(plan.clock.start_unix - unix_now()).unwrap_or_default();
    let begin = Instant::now() + begins_in;
    let end = begin + Duration::from_secs_f64(plan.traffic.minutes * 60.0 / plan.clock.speed);
    tokio::select! {
        biased;
        () = worker.shared.stop.cancelled() => return,
        () = tokio::time::sleep_until(begin.into()) => {}
    }
    let schedule = Rc::new(RefCell::new(plan.schedule(worker.number)));
    let mut coming_back = JoinSet::new();
    for _ in 0..mine {
        let (worker, schedule) = (Rc::clone(worker), Rc::clone(&schedule));
        coming_back.spawn_local(async move {
            loop {
                let now = Instant::now();
                if now >= end || worker.shared.is_stopped() {
                    return;
                }
                let Some(arrival) = schedule.borrow_mut().next() else { return };
                let minute = (now - begin).as_secs_f64() / 60.0 * worker.plan.clock.speed;
                let arrival = Arrival { minute, ..arrival };
                let place = Place { stream: arrival.stream, journey: arrival.journey };
                worker.shared.record(worker.number).due(place, minute);
                visit(Underway::new(Rc::clone(&worker), arrival, now)).await;
            }
        });
    }
    let all_gone = async { while coming_back.join_next().await.is_some() {} };
    tokio::select! {
        () = all_gone => {}
        () = worker.shared.abandon.cancelled() => {}
        () = tokio::time::sleep_until((end + plan.limits.drain).into()) => {}
    }
}
