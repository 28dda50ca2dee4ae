//! Incidents on a fake clock: what opens one, what joins it, when it is over.

use detect::{Engine, Incident, Incidents, Priority, Sample, TimeScale, TransitionState, UnixMs, parse};

/// Five monitors: two of the shop, one of the mail, one of both, one of everything; a flow over the shop's.
const MONITORS: &str = "monitors:
  - {key: slow, name: Slow, priority: p3, runbook: Look., for: 2s, when: {spans: {service: shop}, measure: p95_ms, window: 5s, above: 1}}
  - {key: failing, name: Failing, priority: p1, when: {spans: {service: shop}, measure: error_rate, window: 5s, above: 0}}
  - {key: mail, name: Mail, priority: p2, when: {spans: {service: mail}, measure: count, window: 5s, above: 1}}
  - {key: anything, name: Anything, when: {logs: {severity: error}, window: 5s, above: 1}}
  - {key: both, name: Both, when: {all: [mail, slow]}}
flows:
  - {key: story, name: Story, priority: p1, stages: [{when: slow}, {when: failing, within: 1m}]}";

/// Steps once a second; a letter stands for a monitor that sees something bad: `s`, `f`, `m`, `a`.
fn play(seconds: &[&str]) -> Incidents {
    let mut engine = Engine::new(parse(MONITORS).expect("right"), TimeScale::REAL);
    let mut incidents = Incidents::default();
    for (second, signs) in seconds.iter().enumerate() {
        let sample = |sign: char| {
            let value = if signs.contains(sign) { 9.0 } else { 0.0 };
            vec![Sample { group: None, value: Some(value), count: 9 }]
        };
        let answers: Vec<_> = "sfma".chars().map(sample).collect();
        let changed = engine.step(UnixMs(second as u64 * 1000), &answers);
        incidents.step(&changed, &engine.monitors(), &engine.flows());
    }
    incidents
}

/// Number, title, seconds from opening to the end, monitors in order.
fn told(incidents: &Incidents) -> Vec<String> {
    let one = |incident: Incident| {
        let until = incident.resolved_unix_ms.map_or("now".to_owned(), |at| (at / 1000).to_string());
        let keys: Vec<_> = incident.monitors.iter().map(|one| one.key.as_str()).collect();
        let (id, title, opened) = (incident.id, incident.title, incident.opened_unix_ms / 1000);
        format!("{id} {title} {opened}-{until}: {}", keys.join(" "))
    };
    incidents.all().into_iter().map(one).collect()
}

#[test]
fn monitors_of_the_same_service_are_one_incident_until_the_last_has_recovered() {
    let cases: [(&str, &[&str], &[&str]); 7] = [
        ("nothing fires, nothing happened", &["", "", ""], &[]),
        ("one monitor, open", &["", "f", "f"], &["1 Failing 1-now: failing"]),
        (
            "the second joins; the first recovers, the second is still there",
            &["f", "fs", "fs", "fs", "s", "s"],
            &["1 Failing 0-now: failing slow story"],
        ),
        ("the last recovers", &["f", "f", ""], &["1 Failing 0-2: failing"]),
        ("what fires after that is new", &["f", "", "f", ""], &["2 Failing 2-3: failing", "1 Failing 0-1: failing"]),
        (
            "other services are other incidents, and open ones stand first",
            &["f", "fm", "m"],
            &["2 Mail 1-now: mail", "1 Failing 0-2: failing"],
        ),
        ("who names no service is alone", &["af", "af"], &["2 Anything 0-now: anything", "1 Failing 0-now: failing"]),
    ];
    for (what, seconds, expected) in cases {
        assert_eq!(told(&play(seconds)), expected, "{what}");
    }
}

#[test]
fn a_monitor_of_two_incidents_joins_the_one_that_was_opened_first() {
    let incidents = play(&["m", "ms", "ms", "ms"]);
    assert_eq!(told(&incidents), ["2 Slow 3-now: slow", "1 Mail 0-now: mail both"]);
    assert_eq!(incidents.all()[1].services, ["mail", "shop"]);
}

#[test]
fn an_incident_tells_what_happened_when_and_what_matters_most() {
    let incidents = play(&["s", "s", "s", "sf", "", ""]);
    let incident = incidents.get(1).expect("the first");
    assert_eq!((incident.title.as_str(), incident.priority), ("Failing", Priority::P1));
    assert_eq!((incident.began_unix_ms, incident.opened_unix_ms), (0, 2000), "it waited for two seconds");
    assert_eq!((incident.resolved_unix_ms, incident.is_open()), (Some(4000), false));
    assert_eq!(incident.services, ["shop"]);
    let entries: Vec<_> =
        (incident.timeline.iter()).map(|entry| (entry.at_unix_ms / 1000, entry.name.as_str(), entry.state)).collect();
    use TransitionState::{Firing, Resolved};
    let expected = [
        (2, "Slow", Firing),
        (3, "Failing", Firing),
        (3, "Story", Firing),
        (4, "Slow", Resolved),
        (4, "Failing", Resolved),
        (4, "Story", Resolved),
    ];
    assert_eq!(entries, expected);
    assert_eq!(incident.monitors[0].runbook.as_deref(), Some("Look."));
    assert!(incident.monitors[2].is_flow);
    assert!(incidents.get(2).is_none());
}

#[test]
fn kinds_of_traffic_are_named_and_fire_into_the_same_incident() {
    let text = "monitors: [{key: a, group_by: traffic.type, when: {spans: {}, measure: p95_ms, window: 5s, above: 1}}]";
    let mut engine = Engine::new(parse(text).expect("right"), TimeScale::REAL);
    let mut incidents = Incidents::default();
    let sample = |group: &str, value: f64| Sample { group: Some(group.to_owned()), value: Some(value), count: 9 };
    for (second, values) in [(0, [9.0, 0.0]), (1, [9.0, 9.0]), (2, [0.0, 9.0]), (3, [0.0, 0.0])] {
        let answers = vec![sample("bloat", values[0]), sample("errors", values[1])];
        let changed = engine.step(UnixMs(second * 1000), &[answers]);
        incidents.step(&changed, &engine.monitors(), &engine.flows());
    }
    let all = incidents.all();
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!((all[0].traffic_types.clone(), all[0].monitors.len()), (vec!["bloat".into(), "errors".into()], 2));
    assert_eq!(all[0].resolved_unix_ms, Some(3000));
}

#[test]
fn a_monitor_that_flaps_all_day_fills_no_memory() {
    // In an incident that stays open, and as thousands of its own.
    let flapping: Vec<&str> = (0..1200).map(|second| if second % 2 == 0 { "ss" } else { "s" }).collect();
    let with_mail: Vec<String> = flapping.iter().map(|signs| signs.replace("ss", "f") + "m").collect();
    let with_mail: Vec<&str> = with_mail.iter().map(String::as_str).collect();
    assert_eq!(play(&with_mail).all().len(), 200, "resolved ones left, the oldest first");
    let all = play(&with_mail).all();
    assert!(all[0].is_open() && all[0].title == "Mail", "what is open stays: {:?}", all[0]);
    let text = "monitors: [{key: a, name: A, when: {spans: {service: x}, measure: count, window: 5s, above: 1}},
      {key: b, name: B, when: {spans: {service: x}, measure: error_rate, window: 5s, above: 0}}]";
    let mut engine = Engine::new(parse(text).expect("right"), TimeScale::REAL);
    let mut incidents = Incidents::default();
    for second in 0..2000u64 {
        let sample = |value: f64| vec![Sample { group: None, value: Some(value), count: 9 }];
        let changed = engine.step(UnixMs(second * 1000), &[sample(9.0), sample((second % 2) as f64)]);
        incidents.step(&changed, &engine.monitors(), &engine.flows());
    }
    let incident = &incidents.all()[0];
    assert_eq!((incident.timeline.len(), incident.timeline_left_out), (500, 1500));
    assert_eq!(incident.timeline[0].at_unix_ms, 0, "the beginning is kept");
}
