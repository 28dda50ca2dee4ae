//! A generator that is stopped in its tracks, as by a suspended laptop or a starved virtual machine, and goes on.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::*;

/// Tells a process that it is the generator: the server's address.
const SERVER: &str = "DOORBUSTER_TEST_PAUSED_SERVER";
const TEST: &str = "engine::tests::paused::what_was_due_while_the_generator_stood_still_is_sent_late_and_says_so";
const PAUSE: Duration = Duration::from_millis(500);

fn setup() -> Setup {
    Setup { rate: 100.0, seconds: 1.5, begins_in: 0.1, ..Setup::default() }
}

/// The generator in a process of its own, which is ended with its owner.
struct Generator(Child);

impl Generator {
    fn start(server: &Server) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", TEST, "--nocapture"]).env(SERVER, server.address.to_string());
        Self(command.stdout(Stdio::piped()).spawn().unwrap())
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }

    /// What it has printed, when it has ended.
    async fn said(mut self) -> String {
        let deadline = Instant::now() + DEADLINE;
        while self.0.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "the generator does not end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        std::io::read_to_string(self.0.stdout.take().unwrap()).unwrap()
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the other process does.
async fn generate(server: SocketAddr) {
    let run = setup().start_at(server);
    tokio::time::timeout(DEADLINE, run.ended()).await.unwrap();
    let record = run.record();
    assert_balanced(&record);
    let (stream, lag) = (&record.streams[0], record.lag.percentiles());
    let said = serde_json::json!({
        "due": stream.due, "skipped": stream.skipped, "dropped": stream.dropped, "errors": stream.errors,
        "lag_max": lag.max, "p90": latency_ms(&run, 0.9), "p50": latency_ms(&run, 0.5),
    });
    println!("\nREPORT {said}");
}

#[tokio::test]
async fn what_was_due_while_the_generator_stood_still_is_sent_late_and_says_so() {
    if let Ok(server) = std::env::var(SERVER) {
        return generate(server.parse().unwrap()).await;
    }
    let server = Server::start(|_| vec![write(OK)]);
    let generator = Generator::start(&server);
    let deadline = Instant::now() + DEADLINE;
    while server.seen().len() < 30 {
        assert!(Instant::now() < deadline, "the generator does not begin");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    generator.signal(Signal::STOP);
    // Not to wait for something: how long it stands still.
    tokio::time::sleep(PAUSE).await;
    generator.signal(Signal::CONT);

    let said = generator.said().await;
    let report = said.lines().find_map(|line| line.strip_prefix("REPORT ")).unwrap_or_else(|| panic!("{said}"));
    let report: serde_json::Value = serde_json::from_str(report).unwrap();
    for (name, expected) in [("due", 150), ("skipped", 0), ("dropped", 0), ("errors", 0)] {
        assert_eq!(report[name], expected, "{name}: {report}");
    }
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for seen in server.seen() {
        *times.entry(seen.header("idempotency-key").unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!((times.len(), times.values().max()), (150, Some(&1)), "everybody came, and once");
    // A third of all arrivals was due in that half second: from 500 ms down to nothing late.
    let ms = |name: &str| report[name].as_f64().unwrap();
    assert!((450.0..1_500.0).contains(&ms("lag_max")), "{report}");
    assert!(ms("p90") > 250.0, "the latency of who should have left has the wait in it: {report}");
    assert!(ms("p50") < 200.0, "and nobody else's has: {report}");
}
