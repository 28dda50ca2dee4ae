//! `doorbuster console --data`: a process that is killed says afterwards what was lost, and serves the rest.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

/// A console of its own process; killed with the test.
struct Console {
    process: Child,
    pages: u16,
    otlp: u16,
}

impl Drop for Console {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound").port()
}

/// Polls until `look` finds something.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: not within a minute");
        sleep(Duration::from_millis(20));
    }
}

/// Status and body of an answer.
fn ask(port: u16, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer.split_once("\r\n\r\n")?.1.to_owned()))
}

impl Console {
    fn start(data: &Path) -> Self {
        let (pages, grpc, otlp) = (free_port(), free_port(), free_port());
        let process = Command::new(env!("CARGO_BIN_EXE_doorbuster"))
            .args(["console", "--memory", "16", "--data"])
            .arg(data)
            .args(["--port", &pages.to_string()])
            .args(["--otlp-grpc-port", &grpc.to_string(), "--otlp-http-port", &otlp.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        let console = Self { process, pages, otlp };
        until("the console answers", || ask(pages, "GET", "/api/health", "").filter(|(status, _)| *status == 200));
        console
    }

    fn health(&self) -> Value {
        let (_, body) = ask(self.pages, "GET", "/api/health", "").expect("it answers");
        serde_json::from_str(&body).expect("JSON")
    }

    /// Sends 500 spans, each of a trace of its own, the first of which is `first`.
    fn send(&self, first: u64) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_nanos();
        let span = |trace: u64| {
            json!({
                "traceId": format!("{trace:032x}"), "spanId": "00000000000000aa", "name": "GET /", "kind": 2,
                "startTimeUnixNano": (now - 1_000_000).to_string(), "endTimeUnixNano": now.to_string(),
            })
        };
        let spans: Vec<Value> = (first..first + 500).map(span).collect();
        let body = json!({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).to_string();
        until("it is taken", || {
            let (status, answer) = ask(self.otlp, "POST", "/v1/traces", &body).expect("it answers");
            assert!(status == 200 || status == 429, "{status}: {answer}");
            (status == 200).then_some(())
        });
    }
}

#[test]
fn a_killed_console_says_afterwards_what_was_lost_and_serves_the_rest() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let mut console = Console::start(&data);
    const SENT: u64 = 10_000;
    (0..SENT / 500).for_each(|batch| console.send(1 + batch * 500));
    // The last maintenance knows of all of it, and the chunk that was full is on disk.
    until("the account is complete", || {
        let account: Value = serde_json::from_slice(&std::fs::read(data.join("account.json")).ok()?).ok()?;
        let is_written = console.health()["store"]["disk_files"] != 0;
        (account["spans"]["received"] == SENT && is_written).then_some(())
    });
    console.process.kill().expect("it runs");
    console.process.wait().expect("it was killed");

    let console = Console::start(&data);
    let recovered = &console.health()["recovered"];
    let number = |name: &str| recovered[name].as_u64().unwrap_or_else(|| panic!("{name}: {recovered}"));
    assert_eq!(recovered["clean"], false, "{recovered}");
    assert!(number("spans") > 0 && number("lost_spans") > 0, "{recovered}");
    assert_eq!(number("spans") + number("lost_spans"), SENT, "{recovered}");
    let there = |trace: u64| ask(console.pages, "GET", &format!("/api/traces/{trace:032x}"), "").expect("it answers").0;
    assert_eq!(there(1), 200);
    assert_eq!(there(number("spans")), 200, "the last that was written");
    assert_eq!(there(number("spans") + 1), 404, "the first that was not");
}
