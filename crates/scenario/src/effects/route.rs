//! The way of one journey through the parts that limit it or that faults touch.

use super::calls::{self, Call, Forgives};
use super::clients;
use super::outages::{Hazard, hazards};
use super::shop;
use crate::{Queue, Scenario, Stream};

/// A journey's requests, one after another, each with the stops that it makes.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) requests: Vec<Vec<Stop>>,
    /// What else it takes, in milliseconds.
    pub(crate) elsewhere_ms: f64,
}

/// A call that may wait or fail.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    /// What may befall it, in that order.
    pub(crate) hazards: Vec<Hazard>,
    /// The queue that it waits in: a position among those that the route was made for.
    pub(crate) queue: Option<usize>,
    /// After how many seconds the caller gives up; may be infinite.
    pub(crate) bound: f64,
    /// Whether the bound of the stop before runs on.
    pub(crate) is_nested: bool,
    /// With which failures of it the journey goes on.
    pub(crate) forgives: Forgives,
}

impl Route {
    /// Of `stream`'s `journey`, which waits in those of `queues` that name it.
    pub(crate) fn of(
        scenario: &Scenario,
        stream: &Stream,
        journey: &str,
        queues: &[&Queue],
        seconds_per_minute: f64,
    ) -> Self {
        let mine = |queue: &&Queue| queue.journeys.iter().any(|name| name == journey);
        let queue = queues.iter().position(mine);
        let pool = queue.map(|position| queues[position].name.as_str());
        // A queue that is declared is waited for, whichever way the stream would take otherwise.
        let is_canary = stream.name == shop::CANARY || pool.is_some_and(|pool| shop::CANARY_POOLS.contains(&pool));
        let is_taken = |call: &&Call| is_canary || !call.is_canary;
        let mut requests: Vec<Vec<Stop>> = calls::requests(scenario.world, journey)
            .iter()
            .enumerate()
            .map(|(position, calls)| {
                let calls: Vec<&Call> = calls.iter().filter(is_taken).collect();
                let has_body = scenario.world.has_body(journey, position);
                let at_first =
                    if has_body { clients::hazards(scenario, stream, seconds_per_minute) } else { Vec::new() };
                let of_call = |call: &Call| hazards(scenario, stream, call, seconds_per_minute);
                stops(&calls, at_first, of_call, queue.zip(pool))
            })
            .collect();
        let is_placed = requests.iter().flatten().any(|stop| stop.queue.is_some());
        if queue.is_some() && !is_placed {
            // A pool that the world does not know stands in front of everything.
            let stop = Stop {
                hazards: Vec::new(),
                queue,
                bound: f64::INFINITY,
                is_nested: false,
                forgives: Forgives::Nothing,
            };
            match requests.first_mut() {
                Some(first) => first.insert(0, stop),
                None => requests.push(vec![stop]),
            }
        }
        let elsewhere_ms = queue.map_or(stream.elsewhere_ms, |position| queues[position].elsewhere_ms);
        Self { requests, elsewhere_ms }
    }
}

/// Those of `calls` that can wait or fail; the first meets `at_first` before all that `of_call` says.
fn stops(
    calls: &[&Call],
    mut at_first: Vec<Hazard>,
    of_call: impl Fn(&Call) -> Vec<Hazard>,
    queue: Option<(usize, &str)>,
) -> Vec<Stop> {
    let mut stops: Vec<Stop> = Vec::new();
    // The bound of a call that takes no time, for the one that it makes itself.
    let mut outer = f64::INFINITY;
    for call in calls {
        let mut hazards = std::mem::take(&mut at_first);
        hazards.extend(of_call(call));
        hazards.sort_by_key(|hazard| hazard.trouble.rank());
        let queue = queue.filter(|(_, pool)| call.pool == Some(pool)).map(|(position, _)| position);
        if hazards.is_empty() && queue.is_none() {
            outer = call.bound;
            continue;
        }
        let is_nested = call.is_nested && outer.is_infinite();
        let bound = if call.is_nested { call.bound.min(outer) } else { call.bound };
        stops.push(Stop { hazards, queue, bound, is_nested, forgives: call.forgives });
        outer = f64::INFINITY;
    }
    stops
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Fault;
    use crate::testing::shipped_scenario;

    fn route(faults: Vec<Fault>, stream: &str, journey: &str) -> Route {
        let mut scenario = shipped_scenario("black-friday");
        scenario.faults = faults;
        let of = scenario.stream(stream).expect("declared").clone();
        let queues: Vec<&Queue> = scenario.queues.iter().filter(|q| q.stream == stream).collect();
        Route::of(&scenario, &of, journey, &queues, 60.0)
    }

    fn fault(kind: &str, args: serde_json::Value) -> Fault {
        Fault { id: kind.to_owned(), kind: kind.to_owned(), from: 1.0, until: 2.0, args, proof: Vec::new() }
    }

    #[test]
    fn without_faults_only_queues_are_stops() {
        let baseline = route(Vec::new(), "baseline", "browse_and_cart");
        assert_eq!(baseline.requests.iter().map(Vec::len).collect::<Vec<_>>(), [0, 0]);
        let demo = route(Vec::new(), "demo", "full_checkout");
        assert_eq!(demo.requests[0].len(), 1);
        assert_eq!((demo.requests[0][0].queue, demo.requests[0][0].bound), (Some(0), 5.0));
        assert_eq!(demo.elsewhere_ms, 25.0);
    }

    #[test]
    fn payment_comes_after_the_recommendations_and_shipping_before() {
        let table = [("payment-service", [true, false]), ("shipping", [false, true])];
        for (service, waits) in table {
            let route = route(vec![fault("kill_service", json!({"service": service}))], "demo", "full_checkout");
            let found: Vec<bool> = route.requests[0].iter().map(|stop| stop.queue.is_some()).collect();
            assert_eq!(found, waits, "{service}");
        }
    }

    #[test]
    fn only_the_canary_asks_for_recommendations() {
        let gone = || vec![fault("kill_service", json!({"service": "recommendation"}))];
        assert!(route(gone(), "baseline", "full_checkout").requests[0].is_empty());
        let demo = route(gone(), "demo", "full_checkout");
        let ranking = &demo.requests[0][1];
        assert!(ranking.is_nested && ranking.bound == 2.0, "{ranking:?}");
    }

    #[test]
    fn a_call_that_takes_no_time_leaves_its_bound_to_the_one_it_makes() {
        let mut scenario = shipped_scenario("black-friday");
        scenario.queues.clear();
        scenario.faults = vec![fault("pause_service", json!({"service": "recommendation"}))];
        let demo = scenario.stream("demo").expect("declared").clone();
        let stop = &Route::of(&scenario, &demo, "full_checkout", &[], 60.0).requests[0][0];
        assert!(!stop.is_nested && stop.bound == 2.0, "{stop:?}");
    }

    #[test]
    fn a_pool_that_the_world_does_not_know_stands_in_front() {
        let mut scenario = shipped_scenario("black-friday");
        scenario.queues[0].name = "mine".to_owned();
        scenario.faults = vec![fault("kill_redis", json!({}))];
        let demo = scenario.stream("demo").expect("declared").clone();
        let route = Route::of(&scenario, &demo, "full_checkout", &[&scenario.queues[0]], 60.0);
        assert_eq!(route.requests[0][0].queue, Some(0));
        assert!(route.requests[0][0].bound.is_infinite());
    }
}
