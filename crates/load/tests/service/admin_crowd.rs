//! `/admin` while a hundred clients use it at once: one start wins, stopping is always fine, and whoever looks sees
//! figures that fit together.

use std::collections::{HashMap, HashSet};

use serde::Deserialize as _;

use super::*;

const CLIENTS: usize = 100;
/// Longest that any call may take in the crowd. Far more than one does, far less than for ever.
const PATIENCE: Duration = Duration::from_secs(10);
const START: &str = r#"{"scenario": "black-friday", "peak_rpm": 6000, "speed": 100, "seed": 5}"#;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Start,
    Stop,
    Status,
    Stats,
    Measurements,
}

/// What a client has seen, to hold later answers against.
#[derive(Debug, Default)]
struct Memory {
    /// Due and requests, by run: they never go back.
    seen: HashMap<String, (u64, u64)>,
    started: Vec<String>,
    statuses: Vec<(Call, u16)>,
}

impl Memory {
    async fn call(&mut self, service: &Service, call: Call) {
        let answered = async {
            match call {
                Call::Start => service.post("/admin/start-demo", START).await,
                Call::Stop => service.post("/admin/stop-demo", "").await,
                Call::Status => service.get("/admin/demo-status").await,
                Call::Stats => service.get("/admin/traffic-stats").await,
                Call::Measurements => service.get("/admin/measurements").await,
            }
        };
        let answered = tokio::time::timeout(PATIENCE, answered).await;
        let (status, answer) = answered.unwrap_or_else(|_| panic!("{call:?} got no answer in {PATIENCE:?}"));
        self.statuses.push((call, status));
        match (call, status) {
            (Call::Start | Call::Stop, 200) => self.look(&answer["demo"]),
            (Call::Start, 409) => {
                assert_eq!(answer["error"]["code"], "already_running", "{answer}");
                self.look(&answer["demo"]);
            }
            (Call::Status, 200) => self.look(&answer),
            (Call::Stats, 200) => stats_fit_together(&answer),
            (Call::Measurements, 200) => report_fits_together(&answer),
            _ => panic!("{call:?} was answered with {status}: {answer}"),
        }
        if (call, status) == (Call::Start, 200) {
            self.started.push(run(&answer["demo"]));
        }
    }

    /// Whether a status fits together, and what was seen of its run before.
    fn look(&mut self, status: &Value) {
        let state = status["state"].as_str().unwrap_or_default();
        let is_running = matches!(state, "waiting" | "running" | "draining");
        assert_eq!(status["running"], json!(is_running), "{status}");
        let count = |name: &str| status[name].as_u64().unwrap_or_else(|| panic!("no {name}: {status}"));
        let (requests, errors) = (count("requests"), count("errors"));
        assert!(errors <= requests, "{status}");
        if state == "idle" {
            assert_eq!(requests, 0, "{status}");
            return;
        }
        assert!(is_running || matches!(state, "stopping" | "stopped" | "finished"), "{status}");
        let due = count("due");
        assert!(requests + count("dropped") <= due, "{status}");
        assert!(count("in_flight") <= count("in_flight_max"), "{status}");
        let lag = |name: &str| status["schedule_lag_ms"][name].as_f64().unwrap();
        assert!(lag("p50") <= lag("p99") && lag("p99") <= lag("max"), "{status}");
        let before = self.seen.insert(run(status), (due, requests)).unwrap_or_default();
        assert!(before.0 <= due && before.1 <= requests, "first {before:?}, then {status}");
    }

    fn times(&self, call: Call, status: u16) -> usize {
        self.statuses.iter().filter(|seen| **seen == (call, status)).count()
    }
}

/// Which run a status is about. Its id has the second of its start, and a crowd starts more than one in that.
fn run(status: &Value) -> String {
    format!("{} {}", status["run_id"], status["start_timestamp"])
}

fn stats_fit_together(stats: &Value) {
    for (stream, stats) in stats.as_object().unwrap() {
        let count = |name: &str| stats[name].as_u64().unwrap_or_else(|| panic!("no {name} of {stream}: {stats}"));
        assert!(count("errors") <= count("requests"), "{stream}: {stats}");
    }
}

fn report_fits_together(report: &Value) {
    let report = LoadReport::deserialize(report).unwrap();
    for bucket in report.streams.iter().flat_map(|stream| &stream.buckets) {
        assert!(bucket.errors <= bucket.completed && bucket.completed <= bucket.due, "{bucket:?}");
        assert_eq!(bucket.latency.count(), bucket.completed, "{bucket:?}");
    }
}

/// All clients at once; what client `i` does is `calls(i)`, one call after another.
async fn crowd(service: &Arc<Service>, calls: impl Fn(usize) -> Vec<Call>) -> Vec<Memory> {
    let mut clients = tokio::task::JoinSet::new();
    let everybody = Arc::new(tokio::sync::Barrier::new(CLIENTS));
    for client in 0..CLIENTS {
        let (service, calls, everybody) = (Arc::clone(service), calls(client), Arc::clone(&everybody));
        clients.spawn(async move {
            let mut memory = Memory::default();
            everybody.wait().await;
            for call in calls {
                memory.call(&service, call).await;
            }
            memory
        });
    }
    clients.join_all().await
}

async fn end(service: Arc<Service>) {
    Arc::try_unwrap(service).ok().unwrap().end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_start_of_the_crowd_wins_and_every_stop_is_fine_round_after_round() {
    let (frontend, requests) = frontend().await;
    let service = Arc::new(Service::start(frontend, &[]).await);
    let looks = [Call::Status, Call::Stats, Call::Measurements];
    let mut runs = HashSet::new();
    for round in 0..4 {
        let at_first = requests.load(Ordering::Relaxed);
        let changing = |call: Call| {
            move |client: usize| match client % 2 {
                0 => vec![call],
                _ => vec![looks[client % 3], Call::Status, looks[(client + 1) % 3], Call::Status],
            }
        };
        let seen = crowd(&service, changing(Call::Start)).await;
        let sum = |call, status| seen.iter().map(|memory| memory.times(call, status)).sum::<usize>();
        assert_eq!((sum(Call::Start, 200), sum(Call::Start, 409)), (1, CLIENTS / 2 - 1), "round {round}");
        let won = seen.iter().find_map(|memory| memory.started.first()).unwrap().clone();
        for memory in &seen {
            let strange = memory.seen.keys().find(|run| **run != won && !runs.contains(*run));
            assert_eq!(strange, None, "a run that nobody was told of, in round {round}");
        }
        assert!(runs.insert(won), "the same run again in round {round}");

        // It does what it was started for, not only say so.
        let deadline = Instant::now() + DEADLINE;
        while requests.load(Ordering::Relaxed) < at_first + 20 {
            assert!(Instant::now() < deadline, "round {round} sends nothing");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let seen = crowd(&service, changing(Call::Stop)).await;
        let sum = |call, status| seen.iter().map(|memory| memory.times(call, status)).sum::<usize>();
        assert_eq!(sum(Call::Stop, 200), CLIENTS / 2, "round {round}");
    }
    let stopped = service.until(|status| status["state"] == "stopped").await;
    let count = |name: &str| stopped[name].as_u64().unwrap();
    assert_eq!(count("due"), count("requests") + count("dropped"), "{stopped}");
    assert_eq!(count("in_flight"), 0, "{stopped}");
    end(service).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn starts_and_stops_in_any_order_from_everybody_leave_one_whole_run() {
    let (frontend, requests) = frontend().await;
    let service = Arc::new(Service::start(frontend, &[]).await);
    let deck = [Call::Start, Call::Stop, Call::Status, Call::Measurements, Call::Start, Call::Stats, Call::Stop];
    // Each in an order of its own: 3 and 5 share no divisor with the 7 cards.
    let calls = |client: usize| (0..14).map(|turn| deck[(client * 3 + turn * 5) % deck.len()]).collect();
    let seen = crowd(&service, calls).await;
    let started: Vec<&String> = seen.iter().flat_map(|memory| &memory.started).collect();
    let sum = |call, status| seen.iter().map(|memory| memory.times(call, status)).sum::<usize>();
    assert_eq!(started.len() + sum(Call::Start, 409), CLIENTS * 4, "each start has won or was told who has");
    assert_eq!(sum(Call::Stop, 200), CLIENTS * 4);
    assert_eq!(started.len(), started.iter().collect::<HashSet<_>>().len(), "two starts have won the same run");
    assert!(!started.is_empty());

    // Whatever is left of it can be stopped for good, and the next one starts and sends.
    service.post("/admin/stop-demo", "").await;
    let (_, last) = service.get("/admin/demo-status").await;
    assert!(started.contains(&&run(&last)), "{last}");
    let is_over = |status: &Value| matches!(status["state"].as_str(), Some("stopped" | "finished"));
    let over = service.until(is_over).await;
    assert_eq!(over["in_flight"], 0, "{over}");
    let sent = requests.load(Ordering::Relaxed);
    let (_, status) = service.post("/admin/start-demo", START).await;
    assert_eq!(status["status"], "started", "{status}");
    let running = service.until(|status| status["requests"].as_u64() > Some(20)).await;
    assert!(requests.load(Ordering::Relaxed) > sent, "{running}");
    end(service).await;
}
