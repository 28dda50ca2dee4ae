//! A console for one test.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use console::api::Health;
use console::{ConsoleOptions, ServeError};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde::de::DeserializeOwned;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::otlp::request;

/// A console that listens; it ends with the test.
pub(crate) struct Started {
    pub(crate) pages: String,
    pub(crate) otlp_http: String,
    pub(crate) otlp_grpc: String,
    pub(crate) client: reqwest::Client,
    shutdown: CancellationToken,
    task: Option<JoinHandle<Result<(), ServeError>>>,
}

/// A port that was free a moment ago: the pages' port must be known beforehand, the others are asked for.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    listener.local_addr().expect("bound").port()
}

impl Started {
    pub(crate) async fn new() -> Self {
        Self::with(ConsoleOptions::default()).await
    }

    /// With these options, but on free ports.
    pub(crate) async fn with(options: ConsoleOptions) -> Self {
        let http_port = free_port();
        let options = ConsoleOptions { http_port, otlp_grpc_port: 0, otlp_http_port: 0, ..options };
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(console::serve(options, shutdown.clone()));
        let client = reqwest::Client::new();
        let pages = format!("http://127.0.0.1:{http_port}");
        let health: Health = until("the console answers", async || {
            client.get(format!("{pages}/api/health")).send().await.ok()?.json().await.ok()
        })
        .await;
        Self {
            otlp_http: format!("http://127.0.0.1:{}", health.otlp_http_port),
            otlp_grpc: format!("http://127.0.0.1:{}", health.otlp_grpc_port),
            pages,
            client,
            shutdown,
            task: Some(task),
        }
    }

    /// What a path of the API answers.
    pub(crate) async fn json<T: DeserializeOwned>(&self, path: &str) -> T {
        let response = self.client.get(format!("{}{path}", self.pages)).send().await.expect("it answers");
        assert!(response.status().is_success(), "{path}: {}", response.status());
        response.json().await.expect("it is the JSON that was asked for")
    }

    /// Sends spans of one service as OTLP/HTTP.
    pub(crate) async fn send(&self, service: &str, spans: Vec<Span>) {
        let body = request(service, spans).encode_to_vec();
        let url = format!("{}/v1/traces", self.otlp_http);
        let answer = self.client.post(url).header("content-type", "application/x-protobuf").body(body).send().await;
        assert!(answer.expect("it answers").status().is_success());
    }

    pub(crate) async fn health(&self) -> Health {
        self.json("/api/health").await
    }

    /// Ends it as Ctrl-C would.
    pub(crate) async fn end(mut self) -> Result<(), ServeError> {
        self.shutdown.cancel();
        self.task.take().expect("ended once").await.expect("no panic")
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// Polls until `look` finds something, for ten seconds at most.
pub(crate) async fn until<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    within(Duration::from_secs(10), what, look).await
}

/// Polls until `look` finds something, for `patience` at most.
pub(crate) async fn within<T>(patience: Duration, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
