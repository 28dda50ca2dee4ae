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
