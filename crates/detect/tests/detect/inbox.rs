//! The shipped monitors of the inbox against the story of its scenario: slow requests, malformed ones, bloated ones.

use std::collections::BTreeMap;

use detect::{Engine, Quantile, Query, Sample, Signal, SpanMeasure, TimeScale, TransitionState, UnixMs, parse};

use crate::queue::Chance;

const MONITORS: &str = include_str!("../../../../monitors/inbox.yaml");

/// From the end of a span to the moment the console knows of it.
const TELEMETRY_DELAY_S: f64 = 0.4;
/// The run, in scenario minutes.
const MINUTES: f64 = 12.0;
/// The acts: from, until, monitor.
const ACTS: [(f64, f64, &str); 3] =
    [(2.0, 4.0, "llm-latency-spike"), (5.0, 7.0, "llm-error-burst"), (8.0, 10.0, "cost-anomaly")];

/// One request as its server span tells it.
#[derive(Debug, Clone, Copy)]
struct Request {
    end_s: f64,
    ms: f64,
    status: u16,
    /// Where a model answered.
    tokens: Option<f64>,
}

/// How bad each act is.
#[derive(Debug, Clone, Copy)]
struct Badness {
    slow_share: f64,
    malformed_share: f64,
    bloated_tokens: f64,
}

/// As the scenario has it.
const FULL: Badness = Badness { slow_share: 0.3, malformed_share: 0.5, bloated_tokens: 6000.0 };

/// An answer to an ordinary mail.
fn ordinary(chance: &mut Chance, at_s: f64) -> Request {
    let ms = 30.0 + 170.0 * chance.unit();
    Request { end_s: at_s + ms / 1000.0, ms, status: 200, tokens: Some(100.0 + 200.0 * chance.unit()) }
}

/// Arrivals of one stream, its rate per real second, while its act is on.
fn stream(
    requests: &mut Vec<Request>,
    chance: &mut Chance,
    rate_per_s: f64,
    (from_s, to_s): (f64, f64),
    answer: impl Fn(&mut Chance, Request) -> Request,
) {
    let mut at_s = from_s;
    loop {
        at_s -= chance.unit().ln() / rate_per_s;
        if at_s >= to_s {
            return;
        }
        let usual = ordinary(chance, at_s);
        requests.push(answer(chance, usual));
    }
}

/// All requests of a run by their end.
fn play(speed: f64, seed: u64, bad: Badness) -> Vec<Request> {
    let mut chance = Chance::new(seed);
    let mut requests = Vec::new();
    let act = |index: usize| (ACTS[index].0 * 60.0 / speed, ACTS[index].1 * 60.0 / speed);
    stream(&mut requests, &mut chance, 10.0, (0.0, MINUTES * 60.0 / speed), |_, usual| usual);
    stream(&mut requests, &mut chance, 20.0, act(0), |chance, usual| {
        // Two to five seconds, at any speed.
        let more_ms = if chance.unit() < bad.slow_share { 2000.0 + 3000.0 * chance.unit() } else { 0.0 };
        Request { end_s: usual.end_s + more_ms / 1000.0, ms: usual.ms + more_ms, ..usual }
    });
    stream(&mut requests, &mut chance, 15.0, act(1), |chance, usual| {
        let is_malformed = chance.unit() < bad.malformed_share;
        if is_malformed { Request { status: 400, tokens: None, ms: 2.0, ..usual } } else { usual }
    });
    stream(&mut requests, &mut chance, 25.0, act(2), |chance, usual| {
        // More tokens take more time, far from three seconds.
        let more_ms = 600.0 * chance.unit();
        let tokens = bad.bloated_tokens * (0.8 + 0.4 * chance.unit());
        Request { end_s: usual.end_s + more_ms / 1000.0, ms: usual.ms + more_ms, tokens: Some(tokens), ..usual }
    });
    requests.sort_by(|a, b| a.end_s.total_cmp(&b.end_s));
    requests
}

/// Answers a query as the store does: whole seconds of span ends, up to now.
fn answer(query: &Query, requests: &[Request], now_s: f64) -> Sample {
    let Signal::Spans { filter, measure } = &query.signal else { panic!("the inbox's monitors use spans") };
    assert_eq!(filter.service.as_deref(), Some("inbox"));
    assert!(!query.by_traffic_type, "a spike is one whoever sends it");
    let from_s = now_s.floor() + 1.0 - query.window.as_secs_f64();
    let first = requests.partition_point(|request| request.end_s < from_s);
    let seen = requests[first..].iter().take_while(|request| request.end_s <= now_s - TELEMETRY_DELAY_S);
    let seen: Vec<&Request> = seen.collect();
    let (value, count) = match measure {
        SpanMeasure::QuantileMs(quantile) => {
            assert_eq!(*quantile, Quantile::P95);
            let mut durations: Vec<f64> = seen.iter().map(|request| request.ms).collect();
            durations.sort_by(f64::total_cmp);
            let place = ((durations.len() as f64 * 0.95).ceil() as usize).saturating_sub(1);
            (durations.get(place).copied(), seen.len())
        }
        SpanMeasure::HttpErrorRate => {
            let errors = seen.iter().filter(|request| request.status >= 400).count();
            (Some(errors as f64 / seen.len().max(1) as f64), seen.len())
        }
        SpanMeasure::Mean { attribute } => {
            assert_eq!(attribute, "llm.usage.total_tokens");
            let tokens: Vec<f64> = seen.iter().filter_map(|request| request.tokens).collect();
            (Some(tokens.iter().sum::<f64>() / tokens.len().max(1) as f64), tokens.len())
        }
        other => panic!("{other:?} is measured by no monitor of the inbox"),
    };
    Sample { group: None, value: value.filter(|_| count > 0), count: count as u64 }
}

/// What each monitor did, at which scenario minute.
type Seen = BTreeMap<String, Vec<(TransitionState, f64)>>;

/// What happened; and the baseline of the last monitor, with the minute it was learned at.
fn run(speed: f64, seed: u64, bad: Badness) -> (Seen, (f64, f64)) {
    let requests = play(speed, seed, bad);
    let mut engine = Engine::new(
        parse(MONITORS).expect("the shipped monitors are right"),
        TimeScale::new(speed).expect("speeds are positive"),
    );
    let mut seen = Seen::new();
    let mut learned = None;
    for tick in 1..(MINUTES * 60.0 / speed * 4.0) as u64 {
        let now_s = tick as f64 * 0.25;
        let minute = now_s * speed / 60.0;
        let answers: Vec<Vec<Sample>> =
            engine.queries().iter().map(|query| vec![answer(query, &requests, now_s)]).collect();
        for transition in engine.step(UnixMs((now_s * 1000.0) as u64), &answers) {
            seen.entry(transition.key).or_default().push((transition.state, minute));
        }
        let baseline = engine.monitors().into_iter().find_map(|status| status.baseline);
        learned = learned.or(baseline.map(|baseline| (baseline, minute)));
    }
    (seen, learned.expect("it was learned"))
}

#[test]
fn each_monitor_of_the_inbox_fires_in_its_act_and_nowhere_else_at_speeds_one_and_five() {
    for (speed, seeds) in [(1.0, 1..4u64), (5.0, 1..16)] {
        for seed in seeds {
            let (seen, (baseline, learned_at)) = run(speed, seed, FULL);
            let about = format!("speed {speed}, seed {seed}");
            assert!((190.0..210.0).contains(&baseline), "{baseline} tokens, {about}");
            assert!(learned_at < 2.0, "learned at {learned_at:.2}, {about}");
            assert_eq!(seen.len(), ACTS.len(), "{seen:?}, {about}");
            for (from, until, key) in ACTS {
                let [(TransitionState::Firing, fired), (TransitionState::Resolved, resolved)] = seen[key][..] else {
                    panic!("{key}, {about}: {:?}", seen[key]);
                };
                assert!((from..from + 1.0).contains(&fired), "{key} fired at {fired:.2}, {about}");
                assert!((until..until + 1.5).contains(&resolved), "{key} resolved at {resolved:.2}, {about}");
            }
        }
    }
}

#[test]
fn what_stays_inside_the_limits_fires_nothing() {
    let mild = Badness { slow_share: 0.01, malformed_share: 0.02, bloated_tokens: 500.0 };
    for speed in [1.0, 5.0] {
        assert_eq!(run(speed, 1, mild).0, Seen::new(), "speed {speed}");
    }
}
