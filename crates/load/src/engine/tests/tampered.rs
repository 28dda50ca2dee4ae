//! Requests that are changed on their way out.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::scripted::Seen;
use crate::tampering::{Change, Malformation, Tampering, Way};

const WRONG: &str = "HTTP/1.1 422 Wrong\r\ncontent-length: 0\r\n\r\n";

fn tampering(share: f64, change: Change) -> Tampering {
    Tampering { share, change, until_unix: unix_now() + 600.0 }
}

fn malformed() -> Change {
    Change::Malformed { ways: Malformation::ALL.to_vec() }
}

/// Two hundred arrivals in a second, which begin when there has been time to change what becomes of them.
fn two_hundred_arrivals() -> Setup {
    Setup { rate: 200.0, begins_in: 0.3, ..Setup::default() }
}

impl Setup {
    async fn play_tampered(self, server: &Server, tampering: Tampering) -> Run {
        let run = self.start(server);
        run.tampering().set(0, Some(tampering));
        assert!(server.seen().is_empty(), "too late for the first arrival");
        tokio::time::timeout(DEADLINE, run.ended()).await.unwrap();
        run
    }
}

/// Which way a checkout was made wrong, as its server sees it.
fn way_of(seen: &Seen) -> &'static str {
    let json: Option<Value> = serde_json::from_str(&seen.body).ok();
    match json {
        None if seen.body.is_empty() => "empty",
        None => "broken_json",
        Some(_) if seen.body.len() > 64 * 1024 => "oversized",
        Some(json) if json["user_id"] == 0 => "wrong_type",
        Some(json) if json.get("user_id").is_none() => "missing_field",
        Some(_) => "well",
    }
}

#[tokio::test]
async fn half_of_the_requests_are_malformed_in_all_ways_and_each_is_counted_with_its_answer() {
    let server = Server::start(|seen| vec![write(if way_of(seen) == "well" { OK } else { WRONG })]);
    let run = two_hundred_arrivals().play_tampered(&server, tampering(0.5, malformed())).await;
    let record = run.record();
    assert_balanced(&record);
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    for request in server.seen() {
        *seen.entry(way_of(&request)).or_default() += 1;
        assert_eq!(request.header("content-length"), Some(request.body.len().to_string().as_str()));
    }
    assert_eq!(seen.len(), 6, "{seen:?}");
    let counted = run.tampering().of(0).changed;
    for (way, count) in Way::ALL.iter().zip(counted) {
        assert_eq!(seen.get(way.name()).copied().unwrap_or_default(), count, "{way:?}");
    }
    let stream = &record.streams[0];
    let malformed: u64 = counted.iter().sum();
    assert!((60..=140).contains(&malformed), "{malformed} of 200");
    assert_eq!((stream.completed, stream.errors), (200, malformed));
    assert_eq!(stream.ended(Outcome::Status(422)), malformed);
    for (way, alike) in &stream.changed {
        assert_eq!((alike.outcome, alike.requests), (Outcome::Status(422), seen[way.name()]));
    }
    assert_eq!(stream.changed.len(), 5);
}

#[tokio::test]
async fn the_same_seed_changes_the_same_requests_and_nothing_else_changes() {
    let played = || async {
        let server = Server::start(|_| vec![write(OK)]);
        two_hundred_arrivals().play_tampered(&server, tampering(0.3, malformed())).await;
        let mut bodies: Vec<(String, String)> = Vec::new();
        for seen in server.seen() {
            let json: Value = serde_json::from_str(&seen.body).unwrap_or_default();
            // Names have the run's start in them; products have not.
            let product = json["product_id"].as_str().unwrap_or_default().to_owned();
            bodies.push((way_of(&seen).to_owned(), product));
        }
        bodies.sort();
        bodies
    };
    assert_eq!(played().await, played().await);
}

#[tokio::test]
async fn slow_bodies_arrive_over_their_time_and_hold_nobody_else_up() {
    let server = Server::start(|_| vec![write(OK)]);
    let (least, most) = (Duration::from_millis(400), Duration::from_millis(800));
    let setup = Setup { rate: 100.0, ..two_hundred_arrivals() };
    let run = setup.play_tampered(&server, tampering(0.3, Change::Slow { least, most })).await;
    let record = run.record();
    assert_balanced(&record);
    let slow = run.tampering().of(0).changed[Way::Slow.position()];
    assert!((14..=46).contains(&slow), "{slow} of 100");
    // From the first byte to the last, as the server read them. A busy machine may read late, never early.
    let took = |seen: &Seen| seen.at - seen.began;
    let arrived_slowly = server.seen().iter().filter(|seen| took(seen) >= least * 9 / 10).count() as u64;
    assert_eq!(arrived_slowly, slow);
    assert!(server.seen().iter().all(|seen| took(seen) < least || seen.reads >= 5));
    let stream = &record.streams[0];
    assert_eq!((stream.errors, stream.changed.len()), (0, 1));
    let percentiles = stream.changed[0].1.latency.percentiles();
    assert!(percentiles.p50 >= 400.0 && stream.latency().percentiles().p50 < 400.0, "{percentiles:?}");
}

#[tokio::test]
async fn a_slow_body_reaches_a_server_in_real_seconds() {
    let server = Server::start(|_| vec![write(OK)]);
    let (least, most) = (Duration::from_secs(2), Duration::from_millis(2_500));
    let setup = Setup { rate: 20.0, seconds: 0.5, begins_in: 0.3, ..Setup::default() };
    setup.play_tampered(&server, tampering(1.0, Change::Slow { least, most })).await;
    let seen = server.seen();
    assert_eq!(seen.len(), 10);
    for request in seen {
        let took = request.at - request.began;
        assert!(took >= Duration::from_millis(1_900), "{took:?}");
        assert_eq!(way_of(&request), "well");
    }
}

#[tokio::test]
async fn bloated_texts_have_as_many_characters_as_was_drawn() {
    let server = Server::start(|_| vec![write(OK)]);
    let change = Change::Bloat { least: 20_000, most: 30_000 };
    let setup = Setup { rate: 20.0, seconds: 0.5, begins_in: 0.3, ..Setup::default() };
    let run = setup.play_tampered(&server, tampering(1.0, change)).await;
    assert_balanced(&run.record());
    let mut lengths = Vec::new();
    for seen in server.seen() {
        let json: Value = serde_json::from_str(&seen.body).unwrap();
        let texts = json.as_object().unwrap().values().filter_map(Value::as_str);
        lengths.push(texts.map(|text| text.chars().count()).max().unwrap());
    }
    assert_eq!(lengths.len(), 10);
    assert!(lengths.iter().all(|length| (20_000..=30_000).contains(length)), "{lengths:?}");
    assert!(lengths.iter().any(|length| *length != lengths[0]), "{lengths:?}");
}

#[tokio::test]
async fn it_ends_when_its_time_is_over_and_when_it_is_taken_back() {
    let server = Server::start(|_| vec![write(OK)]);
    let run = Setup { seconds: 60.0, ..Setup::default() }.start(&server);
    let changed = || run.tampering().of(0).changed.iter().sum::<u64>();
    let reaches = async |count: u64| {
        let deadline = Instant::now() + DEADLINE;
        while changed() < count {
            assert!(Instant::now() < deadline, "{}", changed());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    run.tampering().set(0, Some(tampering(1.0, malformed())));
    reaches(5).await;
    assert!(run.tampering().set(0, None).is_some());
    let (then, sent) = (changed(), server.seen().len());
    let deadline = Instant::now() + DEADLINE;
    while server.seen().len() < sent + 20 {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // One may have been under way.
    assert!(changed() <= then + 1);
    let soon = Tampering { until_unix: unix_now() + 0.3, ..tampering(1.0, malformed()) };
    run.tampering().set(0, Some(soon));
    reaches(then + 5).await;
    let deadline = Instant::now() + DEADLINE;
    while run.tampering().of(0).tampering.is_some() {
        assert!(Instant::now() < deadline, "the dead man's switch");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    run.abandon();
    tokio::time::timeout(DEADLINE, run.ended()).await.unwrap();
}
