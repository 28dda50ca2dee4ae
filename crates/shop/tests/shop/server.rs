//! What the chassis promises of every service: bounds, drains, announcements.

use std::time::Duration;

use shop::{ServeError, ServeOptions, ServiceName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

async fn currency(shutdown: &CancellationToken) -> shop::Running {
    let options = ServeOptions { port: Some(0), ..ServeOptions::default() };
    shop::start(ServiceName::Currency, options, &|_| None, shutdown.clone()).await.unwrap()
}

async fn exchange(stream: &mut TcpStream, text: &[u8]) -> String {
    stream.write_all(text).await.unwrap();
    let mut answer = vec![0; 4096];
    let read = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_are_too_large_are_refused() {
    let shutdown = CancellationToken::new();
    let running = currency(&shutdown).await;
    let mut many = TcpStream::connect(running.address()).await.unwrap();
    let headers: String = (0..200).map(|n| format!("x-{n}: 1\r\n")).collect();
    let answer = exchange(&mut many, format!("GET /rates HTTP/1.1\r\nhost: x\r\n{headers}\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let mut long = TcpStream::connect(running.address()).await.unwrap();
    let head = format!("GET /rates HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(100_000));
    let answer = exchange(&mut long, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_never_ends_is_cut_off() {
    let shutdown = CancellationToken::new();
    let options = ServeOptions { port: Some(0), ..ServeOptions::default() };
    let running = shop::start(ServiceName::PaymentService, options, &|_| None, shutdown.clone()).await.unwrap();
    let mut slow = TcpStream::connect(running.address()).await.unwrap();
    let head = "POST /api/payment/process HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{";
    let answer = tokio::time::timeout(Duration::from_secs(9), exchange(&mut slow, head.as_bytes())).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_told_to_stop_finishes_what_it_has_begun() {
    let shutdown = CancellationToken::new();
    let running = currency(&shutdown).await;
    let address = running.address();
    let mut idle = TcpStream::connect(address).await.unwrap();
    let mut half = TcpStream::connect(address).await.unwrap();
    assert!(exchange(&mut idle, b"GET /rates HTTP/1.1\r\nhost: x\r\n\r\n").await.starts_with("HTTP/1.1 200"));
    half.write_all(b"GET /rates HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(7), running.finished()).await.expect("a drain ends");
    let refused = TcpStream::connect(address).await;
    assert!(refused.is_err(), "nothing listens any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_and_a_wrong_environment_say_what_to_do() {
    let shutdown = CancellationToken::new();
    let running = currency(&shutdown).await;
    let options = ServeOptions { port: Some(running.address().port()), ..ServeOptions::default() };
    let error = shop::start(ServiceName::Currency, options, &|_| None, shutdown.clone()).await.unwrap_err();
    assert!(matches!(error, ServeError::Listen { .. }) && error.to_string().contains("--port"), "{error}");
    let vars = |name: &str| (name == "DEMO_SPEED").then(|| "fast".to_owned());
    let options = ServeOptions { port: Some(0), ..ServeOptions::default() };
    let error = shop::start(ServiceName::Currency, options, &vars, shutdown.clone()).await.unwrap_err();
    assert!(error.to_string().contains("DEMO_SPEED is \"fast\""), "{error}");
    shutdown.cancel();
    let unknown: Result<ServiceName, _> = "inbox".parse();
    assert_eq!(unknown.unwrap_err().to_string(), "the shop has no service \"inbox\"");
}
