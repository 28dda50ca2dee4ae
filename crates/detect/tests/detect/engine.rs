//! Monitors of all kinds on a fake clock.

use detect::{AlertPhase, Engine, Sample, TimeScale, TransitionState, UnixMs, parse};

fn sample(group: Option<&str>, value: f64, count: u64) -> Sample {
    Sample { group: group.map(str::to_owned), value: Some(value), count }
}

/// Steps an engine once a second through rows of values, one column per query (`None`: nothing came).
fn play(monitors: &str, rows: &[&[Option<f64>]]) -> Vec<(u64, String, TransitionState)> {
    let mut engine = Engine::new(parse(monitors).expect("right"), TimeScale::REAL);
    let mut seen = Vec::new();
    for (second, row) in rows.iter().enumerate() {
        assert_eq!(row.len(), engine.queries().len());
        let answers: Vec<Vec<Sample>> =
            row.iter().map(|value| value.iter().map(|value| sample(None, *value, 100)).collect()).collect();
        let changes = engine.step(UnixMs(second as u64 * 1000), &answers);
        seen.extend(changes.into_iter().map(|change| (second as u64, change.key, change.state)));
    }
    seen
}

use TransitionState::{Firing, Resolved};

#[test]
fn between_the_limits_nothing_changes() {
    let monitor = "monitors: [{key: a, when: {spans: {}, measure: p95_ms, window: 5s, above: 500, recover: 400}}]";
    let rows: &[&[_]] = &[&[Some(450.0)], &[Some(501.0)], &[Some(450.0)], &[Some(399.0)], &[Some(450.0)]];
    assert_eq!(play(monitor, rows), [(1, "a".into(), Firing), (3, "a".into(), Resolved)]);
}

#[test]
fn silence_resolves_holds_or_fires_as_the_monitor_says() {
    let monitors = "monitors:
  - {key: quiet, when: {spans: {}, measure: p95_ms, window: 5s, above: 1}}
  - {key: stay, no_data: hold, when: {spans: {}, measure: p95_ms, window: 5s, above: 1}}
  - {key: alarm, no_data: fire, when: {spans: {}, measure: p95_ms, window: 5s, above: 1}}";
    let row = |value: Option<f64>| [value, value, value];
    let rows = [row(Some(9.0)), row(None), row(Some(0.0)), row(None)];
    let rows: Vec<&[_]> = rows.iter().map(|row| &row[..]).collect();
    let expected = [
        (0, "quiet", Firing),
        (0, "stay", Firing),
        (0, "alarm", Firing),
        (1, "quiet", Resolved),
        (2, "stay", Resolved),
        (2, "alarm", Resolved),
        (3, "alarm", Firing),
    ];
    assert_eq!(play(monitors, &rows), expected.map(|(at, key, state)| (at, key.to_owned(), state)));
}

#[test]
fn too_few_samples_are_no_data() {
    let monitor =
        "monitors: [{key: a, when: {spans: {}, measure: error_rate, window: 5s, above: 0.2, min_samples: 10}}]";
    let mut engine = Engine::new(parse(monitor).unwrap(), TimeScale::REAL);
    assert_eq!(engine.step(UnixMs(0), &[vec![sample(None, 1.0, 9)]]), []);
    assert_eq!(engine.monitors()[0].phase, AlertPhase::NoData);
    assert_eq!(engine.step(UnixMs(1), &[vec![sample(None, 1.0, 10)]]).len(), 1);
    assert_eq!(engine.monitors()[0].phase, AlertPhase::Firing);
}

#[test]
fn composites_follow_the_monitors_they_name_whatever_the_order_in_the_file() {
    let monitors = "monitors:
  - {key: both, when: {all: [slow, {not: quiet}]}}
  - {key: either, when: {any: [slow, quiet]}}
  - {key: slow, when: {spans: {}, measure: p95_ms, window: 5s, above: 10}}
  - {key: quiet, when: {spans: {}, measure: rate_per_minute, window: 5s, below: 1}}";
    let rows: &[&[_]] = &[&[Some(11.0), Some(5.0)], &[Some(11.0), Some(0.0)], &[Some(1.0), Some(5.0)]];
    let mut seen = play(monitors, rows);
    seen.retain(|(_, key, _)| key == "both" || key == "either");
    let expected = [(0, "both", Firing), (0, "either", Firing), (1, "both", Resolved), (2, "either", Resolved)];
    assert_eq!(seen, expected.map(|(at, key, state)| (at, key.to_owned(), state)));
}

#[test]
fn each_group_has_a_state_of_its_own_and_names_itself() {
    let monitor =
        "monitors: [{key: a, group_by: traffic.type, when: {spans: {}, measure: p95_ms, window: 5s, above: 10}}]";
    let mut engine = Engine::new(parse(monitor).unwrap(), TimeScale::REAL);
    let changes = engine.step(UnixMs(0), &[vec![sample(Some("demo"), 11.0, 5), sample(Some("baseline"), 2.0, 5)]]);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].group.as_deref(), Some("demo"));
    assert_eq!((changes[0].value, changes[0].threshold), (Some(11.0), Some(10.0)));
    assert_eq!(changes[0].summary, "p95 of all operations is 11 ms, limit 10 ms");
    let phases: Vec<_> = engine.monitors().into_iter().map(|status| (status.traffic_type, status.phase)).collect();
    assert_eq!(phases, [(Some("baseline".into()), AlertPhase::Ok), (Some("demo".into()), AlertPhase::Firing)]);
}

/// Tokens per request: learned for four seconds, at least ten requests at a time.
const ANOMALY: &str = "monitors:
  - key: cost
    when:
      spans: {service: inbox}
      measure: mean
      attribute: llm.usage.total_tokens
      window: 1s
      above: {times_baseline: 3, learn: 4s}
      recover: {times_baseline: 2}
      min_samples: 10";

#[test]
fn a_multiple_of_the_baseline_is_no_data_until_it_is_learned_and_stands_from_then_on() {
    let mut engine = Engine::new(parse(ANOMALY).unwrap(), TimeScale::REAL);
    let mut step = |second: u64, tokens: f64| {
        let changes = engine.step(UnixMs(second * 1000), &[vec![sample(None, tokens, 10)]]);
        let status = engine.monitors().remove(0);
        (changes.first().map(|change| change.state), status)
    };
    for second in 0..4 {
        let (change, status) = step(second, 200.0);
        assert_eq!((change, status.phase, status.baseline), (None, AlertPhase::NoData, None), "second {second}");
        assert_eq!((status.limit, status.learning_left_ms), (None, Some((4 - second) * 1000)));
    }
    let (change, status) = step(4, 200.0);
    assert_eq!((change, status.phase), (None, AlertPhase::Ok));
    assert_eq!((status.baseline, status.limit, status.learning_left_ms), (Some(200.0), Some(600.0), None));
    let watching = &status.watches[0];
    assert_eq!((watching.measure.as_str(), watching.attribute.as_deref()), ("mean", Some("llm.usage.total_tokens")));
    assert_eq!((watching.limit, watching.baseline), (Some(600.0), Some(200.0)));
    assert_eq!(status.services, ["inbox"]);
    assert_eq!(status.condition, "mean llm.usage.total_tokens of all operations on inbox > 3 × the baseline");
    assert_eq!(step(5, 600.0).0, None, "the limit itself is not beyond it");
    let (change, status) = step(6, 601.0);
    assert_eq!(change, Some(Firing));
    assert_eq!(status.reading, "mean llm.usage.total_tokens 601, limit 600 (3 × the baseline of 200)");
    assert_eq!(step(7, 401.0).0, None, "above twice the baseline it stays");
    assert_eq!(step(8, 400.0).0, Some(Resolved));
    assert_eq!(step(9, 5000.0).1.baseline, Some(200.0), "what comes later teaches nothing");
}

#[test]
fn the_time_to_learn_shrinks_with_the_speed_and_each_group_learns_for_itself() {
    let grouped = ANOMALY.replace("key: cost", "key: cost\n    group_by: traffic.type").replace("4s", "60s");
    let mut engine = Engine::new(parse(&grouped).unwrap(), TimeScale::new(5.0).unwrap());
    let learned = |engine: &Engine| engine.monitors().iter().map(|status| status.baseline).collect::<Vec<_>>();
    for second in 0..12 {
        engine.step(UnixMs(second * 1000), &[vec![sample(Some("a"), 100.0, 10), sample(Some("b"), 900.0, 10)]]);
    }
    assert_eq!(learned(&engine), [None, None]);
    let changes = engine.step(UnixMs(12_000), &[vec![sample(Some("a"), 100.0, 10), sample(Some("b"), 900.0, 10)]]);
    assert_eq!((changes, learned(&engine)), (vec![], vec![Some(100.0), Some(900.0)]));
}

#[test]
fn monitors_and_flows_say_which_services_they_are_about() {
    let monitors = "monitors:
  - {key: both, when: {all: [slow, {logs: {service: mail}, window: 5s, above: 1}]}}
  - {key: slow, when: {spans: {service: inbox}, measure: p95_ms, window: 5s, above: 10}}
flows:
  - {key: story, stages: [{when: slow}, {when: both, within: 1m}]}";
    let engine = Engine::new(parse(monitors).unwrap(), TimeScale::REAL);
    let of = |key: &str| engine.monitors().into_iter().find(|status| status.key == key).unwrap().services;
    assert_eq!((of("slow"), of("both")), (vec!["inbox".into()], vec!["inbox".into(), "mail".into()]));
    assert_eq!(engine.flows()[0].services, ["inbox", "mail"]);
}

#[test]
fn a_flow_tells_how_far_it_has_come() {
    let monitors = "monitors:
  - {key: first, when: {spans: {}, measure: p95_ms, window: 5s, above: 10}}
  - {key: second, when: {logs: {event: lost}, window: 5s, above: 0}}
flows:
  - {key: story, held: 2s, stages: [{when: first}, {when: second, within: 1m}]}";
    let mut engine = Engine::new(parse(monitors).unwrap(), TimeScale::REAL);
    let row = |first: f64, second: f64| [vec![sample(None, first, 5)], vec![sample(None, second, 5)]];
    assert!(engine.step(UnixMs(0), &row(11.0, 0.0)).iter().all(|change| change.key != "story"));
    let reached: Vec<_> = engine.flows()[0].stages.iter().map(|stage| stage.reached_unix_ms).collect();
    assert_eq!(reached, [Some(0), None]);
    engine.step(UnixMs(1000), &row(11.0, 3.0));
    assert_eq!(engine.flows()[0].together_since_unix_ms, Some(1000));
    let changes = engine.step(UnixMs(3000), &row(11.0, 3.0));
    assert_eq!(
        changes.iter().map(|change| (change.key.as_str(), change.state)).collect::<Vec<_>>(),
        [("story", Firing)]
    );
    assert!(engine.flows()[0].firing);
}

#[test]
fn a_flood_of_groups_is_bounded() {
    let monitor =
        "monitors: [{key: a, group_by: traffic.type, when: {spans: {}, measure: p95_ms, window: 5s, above: 10}}]";
    let mut engine = Engine::new(parse(monitor).unwrap(), TimeScale::REAL);
    let many = (0..1000).map(|n| sample(Some(&format!("t{n}")), 1.0, 5)).collect();
    engine.step(UnixMs(0), &[many]);
    assert_eq!(engine.monitors().len(), 32);
}
