//! Server and calibrator as programs, on this machine, for a moment: whether they work, not what they measure.
#![cfg(target_os = "linux")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_loadbench");

/// A server that ends with its test.
struct Server {
    child: Child,
    words: ChildStdin,
    lines: BufReader<ChildStdout>,
    port: u16,
}

impl Server {
    fn start(options: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["server", "--control"])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let words = child.stdin.take().expect("piped");
        let mut lines = BufReader::new(child.stdout.take().expect("piped"));
        let mut url = String::new();
        lines.read_line(&mut url).expect("it says where it listens");
        let port = url.trim().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        Self { child, words, lines, port }
    }

    fn ask(&mut self, word: &str) -> Value {
        writeln!(self.words, "{word}").expect("asked");
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("answered");
        serde_json::from_str(&line).expect("JSON")
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        stream
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What comes until the server closes.
fn all_of(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("text until the end");
    text
}

#[test]
fn the_calibrator_and_the_server_count_the_same() {
    let mut server = Server::start(&[]);
    let output = Command::new(PROGRAM)
        .args(["calibrate", "--length", "1s", "--connections", "50", "--port", &server.port.to_string()])
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let cost: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let answered = cost["requests"].as_u64().expect("a count");
    let served = server.ask("stats")["requests"].as_u64().expect("a count");
    // Each of 50 connections may have had a request under way when time was up.
    assert!(answered > 100, "{cost}");
    assert!((answered..=answered + 50).contains(&served), "{answered} answered, {served} served");
    assert!(cost["requests_per_cpu_second"].as_f64().expect("a rate") > 1000.0, "{cost}");
}

#[test]
fn requests_are_found_however_their_bytes_come() {
    let mut server = Server::start(&["--record", "10"]);
    let mut stream = server.connect();
    stream.set_nodelay(true).expect("no delay");
    for piece in [
        "GET /a HTTP/1.1\r\n\r",
        "\nPOST /b HTTP/1.1\r\ncontent-length: 5\r\n\r\n12",
        "345GET /c HTTP/1.1\r\n\r\nGET /d",
    ] {
        stream.write_all(piece.as_bytes()).expect("sent");
    }
    stream.write_all(b" HTTP/1.1\r\nConnection: close\r\n\r\n").expect("sent");
    let answers = all_of(stream);
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 4, "{answers}");
    let arrivals = server.ask("arrivals");
    let at: Vec<u64> = serde_json::from_value(arrivals["at_ns"].clone()).expect("times");
    assert_eq!((at.len(), arrivals["not_recorded"].as_u64()), (4, Some(0)));
    assert!(at.is_sorted());
}

#[test]
fn an_answer_to_somebody_who_has_said_all_still_comes() {
    let server = Server::start(&[]);
    let mut stream = server.connect();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("sent");
    stream.shutdown(Shutdown::Write).expect("half closed");
    assert!(all_of(stream).ends_with('}'));
}

#[test]
fn held_answers_come_late_and_are_counted() {
    let mut server = Server::start(&["--hold", "300ms"]);
    let began = Instant::now();
    let streams: Vec<TcpStream> = (0..40)
        .map(|_| {
            let mut stream = server.connect();
            stream.write_all(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").expect("sent");
            stream
        })
        .collect();
    for stream in streams {
        assert!(all_of(stream).starts_with("HTTP/1.1 200"));
    }
    assert!(began.elapsed() >= Duration::from_millis(300));
    let most = server.ask("stats")["most_in_flight"].as_u64().expect("a count");
    assert!((1..=40).contains(&most), "{most}");
}

#[test]
fn a_stall_is_as_long_as_it_was_asked_for_and_remembered() {
    let mut server = Server::start(&["--stall", "200ms", "--every", "1s"]);
    let mut stream = server.connect();
    let mut answer = [0; 1024];
    let mut longest = Duration::ZERO;
    // The first stall is 0.4 s to 0.6 s after the first request.
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(900) {
        let sent = Instant::now();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("sent");
        assert!(stream.read(&mut answer).expect("answered") > 0);
        longest = longest.max(sent.elapsed());
    }
    let stalls = server.ask("stalls");
    let (from, until) = (stalls[0]["from_ns"].as_u64().expect("from"), stalls[0]["until_ns"].as_u64().expect("until"));
    assert!(until - from >= 200_000_000, "{stalls}");
    assert!(longest >= Duration::from_millis(150), "{longest:?}");
    assert!(stalls[0]["drained"].as_u64() >= Some(1), "{stalls}");
}

#[test]
fn the_server_ends_when_nobody_asks_any_more() {
    let mut child = Command::new(PROGRAM)
        .args(["server", "--control"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    drop(child.stdin.take());
    assert!(child.wait().expect("it ends by itself").success());
}

#[test]
fn a_pinned_program_dies_with_who_started_it() {
    // A shell starts a server as the suite does, says its number and ends; the server's stdin stays open meanwhile.
    let mut shell = Command::new("sh")
        .args(["-c", r#""$0" on-core --core "$1" --parent $$ -- sleep 600 & echo $!; read -r _"#, PROGRAM])
        .arg(first_core().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut pid = String::new();
    BufReader::new(shell.stdout.take().expect("piped")).read_line(&mut pid).expect("a number");
    let name = format!("/proc/{}/comm", pid.trim());
    wait_until("it has become the other program", || {
        std::fs::read_to_string(&name).is_ok_and(|name| name == "sleep\n")
    });
    drop(shell.stdin.take());
    shell.wait().expect("the shell ends");
    wait_until("it is gone with its parent", || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
        // Whoever adopts it may take a while to reap it.
        stat.map_or(true, |stat| stat.contains(") Z "))
    });
}

/// A core that this process may use.
fn first_core() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).expect("a list");
    list.trim().split([',', '-']).next().and_then(|core| core.parse().ok()).expect("a core")
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}: not within 20 s");
        std::thread::yield_now();
    }
}
