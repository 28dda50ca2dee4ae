//! The trap of the closed model: a server that is ten times too slow, and few who may wait for it.

use scenario::{LoadTest, LoadTestReport};
use serde_json::json;

use super::*;
use crate::load_test::{LoadTestOptions, LoadTestRun, start_load_test};

/// What arrives, in a second.
const RATE: f64 = 200.0;
const SECONDS: f64 = 2.0;
const MAX_IN_FLIGHT: u64 = 10;
/// What the server takes for each, one after another: 20 a second.
const SERVICE_TIME: Duration = Duration::from_millis(50);

/// Serves one at a time, in the order in which they came.
fn slow_server() -> Server {
    let free_at = std::sync::Mutex::new(Instant::now());
    Server::start(move |seen| {
        let mut free_at = free_at.lock().unwrap();
        *free_at = seen.at.max(*free_at) + SERVICE_TIME;
        vec![Act::Until(*free_at), write(OK)]
    })
}

fn too_much_for(server: &Server) -> LoadTest {
    let test = json!({
        "name": "trap", "minutes": SECONDS / 60.0, "targets": {"it": format!("http://{}", server.address)},
        "streams": [{
            "name": "buyers", "arrivals_per_minute": RATE * 60.0, "spacing": "uniform", "journeys": {"look": 1},
        }],
        "journeys": {"look": [{"path": "/${arrival_index}"}]},
        "max_in_flight": MAX_IN_FLIGHT,
    });
    serde_json::from_value(test).unwrap()
}

/// How many are due by then.
fn due_by(moment: Duration) -> f64 {
    (moment.as_secs_f64() * RATE).min(SECONDS * RATE)
}

/// Plays it and holds what it says on the way against the schedule.
async fn watch(run: &LoadTestRun) {
    let began = Instant::now();
    let mut looks = 0;
    loop {
        let before = run.progress().elapsed;
        let seen = run.progress();
        assert!(seen.in_flight as u64 <= MAX_IN_FLIGHT, "{seen:?}");
        // Never ahead of the schedule, and behind it by what a busy machine explains: the server's pace would be 90 %
        // behind.
        assert!(seen.due as f64 <= due_by(seen.elapsed) + 1.0, "{seen:?}");
        let by_then = due_by(before.saturating_sub(Duration::from_millis(250)));
        assert!(seen.due as f64 >= by_then - 1.0, "{by_then} should have been due: {seen:?}");
        assert!(seen.completed + seen.dropped <= seen.due, "{seen:?}");
        if matches!(seen.state, RunState::Finished) {
            assert!(looks > 10, "{looks} looks in {:?}", began.elapsed());
            return;
        }
        looks += 1;
        assert!(began.elapsed() < DEADLINE, "{seen:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn play(test: LoadTest, options: LoadTestOptions) -> (LoadTestRun, LoadTestReport) {
    let run = start_load_test(test, &options).await.unwrap();
    if options.closed.is_none() {
        watch(&run).await;
    }
    tokio::time::timeout(DEADLINE, run.ended()).await.unwrap();
    let report = run.report();
    (run, report)
}

#[tokio::test]
async fn a_server_ten_times_too_slow_is_asked_on_schedule_and_the_report_is_invalid() {
    let server = slow_server();
    let (run, report) = play(too_much_for(&server), LoadTestOptions::default()).await;
    let stream = &report.streams[0];
    assert_eq!((stream.due, stream.skipped, stream.errors), (400, 0, 0));
    let by_second: Vec<u64> = stream.seconds.iter().map(|second| second.due).collect();
    assert_eq!(by_second, [200, 200], "the schedule does not wait for the server");
    assert_eq!(stream.dropped + stream.completed, 400);
    // 20 a second for two seconds and the last ten, at most; under way are ten all along.
    assert!((30..=50).contains(&stream.completed), "{}", stream.completed);
    assert_eq!((report.most_in_flight, run.progress().in_flight), (MAX_IN_FLIGHT, 0));
    // The ten who are there wait for each other: half a second each.
    let p90 = stream.latency.quantile_ms(0.9).unwrap();
    assert!((350.0..900.0).contains(&p90), "{p90}");
    let reasons = report.validity();
    assert!(reasons.iter().any(|reason| reason.contains(&format!("{} arrivals", stream.dropped))), "{reasons:?}");

    let mut indexes: Vec<String> =
        server.seen().iter().map(|seen| seen.head.split(' ').nth(1).unwrap().to_owned()).collect();
    assert_eq!(indexes.len() as u64, stream.completed, "what was dropped was never sent");
    indexes.sort_unstable();
    indexes.dedup();
    assert_eq!(indexes.len() as u64, stream.completed, "nobody came twice");
}

#[tokio::test]
async fn the_closed_model_walks_into_the_trap_and_nobody_is_missed() {
    let server = slow_server();
    let options = LoadTestOptions { closed: Some(10), ..LoadTestOptions::default() };
    let (_, report) = play(too_much_for(&server), options).await;
    let stream = &report.streams[0];
    assert_eq!((report.model.as_str(), stream.dropped, stream.due), ("closed", 0, stream.completed));
    assert!((30..=60).contains(&stream.due), "a tenth of what should have arrived: {}", stream.due);
    assert_eq!(report.validity(), Vec::<String>::new());
}
