//! Whatever the server does, every arrival of the schedule ends exactly once, and reaches the server once.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::scripted::Seen;

/// How long arrivals are due.
const SECONDS: f64 = 0.4;
/// Longest that a request may take: more than any pause below, so that only who is never answered times out.
const TIMEOUT_MS: u64 = 700;

/// What the server makes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Fine,
    Slow,
    /// Says no, and closes.
    Busy,
    /// Ends in the middle of the answer, in good order or not.
    HalfThenClose,
    HalfThenReset,
    Garbage,
    /// Ends before the first byte: on a kept connection the request is sent once more.
    Close,
    Reset,
    Hang,
}

impl Mood {
    const ALL: [Self; 9] = [
        Self::Fine,
        Self::Slow,
        Self::Busy,
        Self::HalfThenClose,
        Self::HalfThenReset,
        Self::Garbage,
        Self::Close,
        Self::Reset,
        Self::Hang,
    ];

    fn acts(self) -> Vec<Act> {
        let half = || write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
        match self {
            Self::Fine => vec![write(OK)],
            Self::Slow => vec![Act::Wait(Duration::from_millis(40)), write(OK)],
            Self::Busy => {
                vec![write("HTTP/1.1 503 No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"), Act::Close]
            }
            Self::HalfThenClose => vec![half(), Act::Close],
            Self::HalfThenReset => vec![half(), Act::Wait(Duration::from_millis(5)), Act::Reset],
            Self::Garbage => vec![write("220 mail.test ESMTP\r\n\r\n"), Act::Close],
            Self::Close => vec![Act::Close],
            Self::Reset => vec![Act::Reset],
            Self::Hang => vec![Act::Hang],
        }
    }

    fn is_silent_end(self) -> bool {
        matches!(self, Self::Close | Self::Reset)
    }
}

/// A run and a server, drawn.
#[derive(Debug, Clone)]
struct Case {
    per_second: f64,
    spacing: &'static str,
    threads: usize,
    max_in_flight: usize,
    seed: u64,
    /// Besides the fine one.
    moods: Vec<Mood>,
    /// The server answers nobody from then to then, in milliseconds after minute 0.
    pause: Option<(u64, u64)>,
    joined_late_ms: u64,
    /// Told to stop after as many requests.
    stop_after: Option<usize>,
}

fn cases() -> impl Strategy<Value = Case> {
    let run = (20.0..1_500.0_f64, any::<bool>(), 1..=3_usize, prop_oneof![Just(20_000_usize), 1..40_usize], 0..100_u64);
    let server = (
        prop::collection::vec(prop::sample::select(&Mood::ALL[..]), 0..5),
        prop::option::of((0..300_u64, 50..250_u64)),
        prop_oneof![Just(0_u64), 1..200_u64],
        prop::option::of(1..60_usize),
    );
    (run, server).prop_map(|((per_second, is_even, threads, max_in_flight, seed), server)| {
        let (moods, pause, joined_late_ms, stop_after) = server;
        let spacing = if is_even { "uniform" } else { "poisson" };
        let pause = pause.map(|(from, length)| (from, from + length));
        Case { per_second, spacing, threads, max_in_flight, seed, moods, pause, joined_late_ms, stop_after }
    })
}

impl Case {
    /// The same mood for the same request, whenever it is asked for. Every other request is met by the fine one.
    fn mood(&self, number: usize) -> Mood {
        let drawn = number.wrapping_mul(0x9e37_79b9) >> 7;
        match self.moods.len() {
            0 => Mood::Fine,
            _ if drawn.is_multiple_of(2) => Mood::Fine,
            moods => self.moods[drawn / 2 % moods],
        }
    }

    fn server(&self, minute_zero: Instant) -> Server {
        let case = self.clone();
        let after = move |ms: u64| minute_zero + Duration::from_millis(ms);
        Server::start(move |seen| {
            let pause = case.pause.filter(|(from, to)| (after(*from)..after(*to)).contains(&seen.at));
            let wait = pause.map(|(_, to)| Act::Until(after(to)));
            wait.into_iter().chain(case.mood(seen.number).acts()).collect()
        })
    }

    fn plan(&self, address: SocketAddr, start_unix: f64) -> Plan {
        let stream = |name: &str, journey: &str| {
            json!({
                "name": name, "arrivals_per_minute": self.per_second * 30.0, "spacing": self.spacing,
                "journeys": {journey: 1},
            })
        };
        let step = |path: &str| json!([{"path": path, "timeout_ms": TIMEOUT_MS}]);
        let test = json!({
            "name": "any", "minutes": SECONDS / 60.0, "targets": {"it": "http://127.0.0.1"},
            "streams": [stream("a", "to_a"), stream("b", "to_b")],
            "journeys": {"to_a": step("/0/${arrival_index}"), "to_b": step("/1/${arrival_index}")},
        });
        let limits = Limits { threads: self.threads, max_in_flight: self.max_in_flight, ..drain(2.0) };
        let clock = Clock { start_unix, speed: 1.0 };
        let test = serde_json::from_value(test).unwrap();
        Plan::of_test(&test, at(address), self.seed, clock, None, limits).unwrap()
    }

    async fn check(&self) {
        // Late joiners were started by a clock that had gone on; the others have time to be there.
        let begins_in = if self.joined_late_ms > 0 { -(self.joined_late_ms as f64) / 1e3 } else { 0.03 };
        let (now, now_unix) = (Instant::now(), unix_now());
        let late = Duration::from_millis(self.joined_late_ms);
        let minute_zero = if begins_in < 0.0 { now - late } else { now + Duration::from_secs_f64(begins_in) };
        let server = self.server(minute_zero);
        let run = Run::start(self.plan(server.address, now_unix + begins_in)).unwrap();
        let ended = async {
            if let Some(requests) = self.stop_after {
                while server.seen().len() < requests && run.state() != RunState::Finished {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                run.stop();
            }
            run.ended().await;
        };
        tokio::time::timeout(DEADLINE, ended).await.unwrap();

        let record = run.record();
        let bound = (self.max_in_flight / self.threads).max(1) * self.threads;
        assert_eq!(run.in_flight().0, 0, "nobody is left");
        assert!(run.in_flight().1 <= bound, "{} at once, of {bound}", run.in_flight().1);
        assert_balanced(&record);
        let sum = |of: fn(&crate::record::StreamRecord) -> u64| record.sum(of);
        let (due, dropped, skipped, completed) =
            (sum(|s| s.due), sum(|s| s.dropped), sum(|s| s.skipped), sum(|s| s.completed));
        let whole = run.plan().traffic.schedule(self.seed, run.plan().clock, 0, 1).count() as u64;
        match run.state() {
            RunState::Finished => assert_eq!(due + skipped, whole, "nobody is forgotten"),
            RunState::Stopped => assert!(due + skipped <= whole),
            state => panic!("{state:?} when it has ended"),
        }
        let ended: u64 = record.streams.iter().flat_map(|stream| stream.outcomes()).map(|(_, requests)| requests).sum();
        assert_eq!(completed, ended, "every visit has one step, which ends once");
        let well: u64 = record.streams.iter().map(|stream| stream.ended(Outcome::Status(200))).sum();
        assert_eq!(completed - well, sum(|s| s.errors), "whatever is not well has failed");

        let sightings = self.sightings(&server, completed).await;
        self.nobody_came_twice(&sightings);
        self.the_right_ones_came(&run, &sightings, dropped);
    }

    /// What came, by stream and index. The server may be a little behind the engine that gave it up.
    async fn sightings(&self, server: &Server, completed: u64) -> BTreeMap<(usize, u64), Vec<Seen>> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let mut sightings: BTreeMap<(usize, u64), Vec<Seen>> = BTreeMap::new();
            for seen in server.seen() {
                let mut path =
                    seen.head.split(' ').nth(1).unwrap().split('/').skip(1).map(|part| part.parse().unwrap());
                let (stream, index) = (path.next().unwrap(), path.next().unwrap());
                sightings.entry((stream as usize, index)).or_default().push(seen);
            }
            if sightings.len() as u64 == completed {
                return sightings;
            }
            assert!(sightings.len() as u64 <= completed, "more came than were sent");
            assert!(Instant::now() < deadline, "{} came of {completed} that were sent", sightings.len());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// But who was met by silence on a kept connection at once, as the client promises.
    fn nobody_came_twice(&self, sightings: &BTreeMap<(usize, u64), Vec<Seen>>) {
        for (arrival, times) in sightings {
            let first = &times[0];
            let is_stale = first.on_connection > 0 && self.mood(first.number).is_silent_end();
            let most = if is_stale { 2 } else { 1 };
            assert!((1..=most).contains(&times.len()), "{arrival:?}: {times:#?}");
        }
    }

    /// Of each thread's part of the schedule those that were not skipped, from the first on and without a gap, unless
    /// some were dropped.
    fn the_right_ones_came(&self, run: &Run, sightings: &BTreeMap<(usize, u64), Vec<Seen>>, dropped: u64) {
        let came: BTreeSet<(usize, u64)> = sightings.keys().copied().collect();
        let mut found = 0;
        for thread in 0..self.threads {
            let mine: Vec<(usize, u64)> = run.plan().schedule(thread).map(|a| (a.stream, a.index)).collect();
            let came: Vec<usize> = (0..mine.len()).filter(|at| came.contains(&mine[*at])).collect();
            found += came.len();
            if let (Some(first), Some(last), 0) = (came.first(), came.last(), dropped) {
                assert_eq!(last - first + 1, came.len(), "thread {thread} left somebody out");
                assert!(*first == 0 || self.joined_late_ms > 0, "thread {thread} began with its {first}th");
            }
        }
        assert_eq!(found, came.len(), "nobody came who is not in the schedule");
    }
}

fn play(case: &Case) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(case.check());
}

proptest! {
    // Each case takes half a second and is timed by the clock: few of them, and little shrinking.
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_arrival_ends_once_and_comes_once_whatever_the_server_does(case in cases()) {
        play(&case);
    }
}

/// 600 a second without trouble.
fn calm() -> Case {
    Case {
        per_second: 600.0,
        spacing: "poisson",
        threads: 1,
        max_in_flight: 20_000,
        seed: 3,
        moods: Vec::new(),
        pause: None,
        joined_late_ms: 0,
        stop_after: None,
    }
}

#[test]
fn nobody_is_lost_or_doubled_while_the_server_pauses() {
    play(&Case { pause: Some((100, 350)), ..calm() });
    play(&Case { pause: Some((0, 400)), threads: 3, ..calm() });
    play(&Case { pause: Some((100, 350)), max_in_flight: 30, ..calm() });
}

#[test]
fn nobody_is_lost_or_doubled_when_connections_break() {
    for mood in [Mood::HalfThenReset, Mood::HalfThenClose, Mood::Close, Mood::Reset, Mood::Garbage] {
        play(&Case { moods: vec![mood], ..calm() });
    }
}

#[test]
fn nobody_is_lost_or_doubled_by_a_stop_in_the_middle() {
    for stop_after in [1, 50, 150] {
        play(&Case { stop_after: Some(stop_after), moods: vec![Mood::Slow, Mood::HalfThenReset], ..calm() });
        play(&Case { stop_after: Some(stop_after), pause: Some((50, 400)), threads: 2, ..calm() });
    }
}

#[test]
fn nobody_is_lost_or_doubled_where_the_bound_is_reached() {
    for max_in_flight in [1, 7] {
        play(&Case { max_in_flight, moods: vec![Mood::Slow], ..calm() });
        play(&Case { max_in_flight, pause: Some((100, 300)), threads: 2, ..calm() });
    }
}

#[test]
fn who_joins_late_skips_some_and_sends_the_others_once() {
    for joined_late_ms in [1, 150, 390] {
        play(&Case { joined_late_ms, ..calm() });
        play(&Case { joined_late_ms, threads: 3, ..calm() });
    }
}
