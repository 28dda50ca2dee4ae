//! How late do arrivals leave, and what does a request cost? Against a fixed answer on loopback, in one process.
//!
//! `cargo run --release -p load --example lag [PER_SECOND...]`; Linux only. On a busy machine the figures are those of
//! the machine.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "an example prints, and stops where it can't go on")]

use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use load::{LoadGenerator, ServeOptions, Settings};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// One scenario minute at this speed.
const SPEED: f64 = 10.0;
const SECONDS: f64 = 60.0 / SPEED;

fn main() {
    let rates: Vec<f64> = std::env::args().skip(1).map(|rate| rate.parse().unwrap()).collect();
    let rates = if rates.is_empty() { vec![70.0, 2_000.0] } else { rates };
    println!("per second    sent  errors  lag p50 ms  lag p99 ms  lag max ms  engine CPU us per request");
    for rate in rates {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(measure(rate));
    }
}

async fn measure(rate: f64) {
    let frontend = frontend().await;
    let file = std::env::temp_dir().join(format!("doorbuster-lag-{}.yaml", std::process::id()));
    std::fs::write(&file, scenario(rate)).unwrap();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let start = (now.as_secs_f64() + 0.5).to_string();
    let variable = |name: &str| match name {
        "FRONTEND_URL" => Some(format!("http://{frontend}")),
        "DOORBUSTER_SCENARIO" => Some(file.display().to_string()),
        "DEMO_MODE" => Some("lag".to_owned()),
        "DEMO_SPEED" => Some(SPEED.to_string()),
        "DEMO_START_TIMESTAMP" => Some(start.clone()),
        _ => None,
    };
    let settings = Settings::from_vars(&variable).unwrap();
    std::fs::remove_file(&file).unwrap();
    let options = ServeOptions { port: Some(0), ..ServeOptions::default() };
    let generator = LoadGenerator::bind(&options, settings).await.unwrap();
    let address = generator.local_addr();
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(generator.run(shutdown.clone()));
    // The thread ends with the run, so its time is read shortly before.
    tokio::time::sleep(Duration::from_secs_f64(SECONDS)).await;
    let (cpu_seconds, before) = (engine_cpu_seconds(), status(address).await);
    let done = loop {
        let now = status(address).await;
        if now["state"] == "finished" {
            break now;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    shutdown.cancel();
    running.await.unwrap();
    let lag = |key: &str| done["schedule_lag_ms"][key].as_f64().unwrap();
    let cost = cpu_seconds * 1e6 / before["requests"].as_f64().unwrap();
    let (sent, errors) = (&done["requests"], &done["errors"]);
    println!(
        "{rate:>10} {sent:>7} {errors:>7} {:>11.3} {:>11.3} {:>11.3} {cost:>26.1}",
        lag("p50"),
        lag("p99"),
        lag("max"),
    );
}

fn scenario(rate: f64) -> String {
    format!(
        "name: lag\nworld: shop\nminutes: 1\nphases: [{{name: all, from: 0}}]\nstreams:\n  - name: demo\n    \
         arrivals_per_minute: [[0, {}]]\n    spacing: poisson\n    journeys: {{full_checkout: 1}}\n",
        rate * 60.0
    )
}

/// Answers every request with the same bytes.
async fn frontend() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            tokio::spawn(async move {
                let mut request = [0; 4096];
                // A request is one write and fits, so one read is one request.
                while stream.read(&mut request).await.is_ok_and(|bytes| bytes > 0) {
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{\"status\":\"success\"}";
                    if stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

async fn status(address: SocketAddr) -> Value {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET /admin/demo-status HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// CPU time of the thread `load-0`, user and system: nanoseconds on a CPU, the first number of its `schedstat`.
fn engine_cpu_seconds() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let is_engine =
        |task: &std::path::Path| std::fs::read_to_string(task.join("comm")).is_ok_and(|name| name.trim() == "load-0");
    let engine = tasks.map(|task| task.unwrap().path()).find(|task| is_engine(task)).unwrap();
    let times = std::fs::read_to_string(engine.join("schedstat")).unwrap();
    times.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}
