//! A server on this machine that keeps what it was asked and answers what it was told to, in order; the last answer repeats.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;
use tokio::task::JoinHandle;

/// Longest request that the stub reads, bytes.
const MAX_BODY: usize = 4 * 1024 * 1024;

pub(super) struct Stub {
    port: u16,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    seen: Mutex<Vec<Seen>>,
    answers: Vec<Says>,
}

/// One request that arrived.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

/// What is answered.
#[derive(Debug, Clone)]
pub(super) enum Says {
    Answer {
        status: u16,
        header: Option<(&'static str, String)>,
        body: String,
    },
    /// Nothing, ever.
    Hang,
}

impl Says {
    pub(super) fn ok(body: impl Into<String>) -> Self {
        Self::status(200, body)
    }

    pub(super) fn status(status: u16, body: impl Into<String>) -> Self {
        Self::Answer { status, header: None, body: body.into() }
    }

    /// 429 with `Retry-After`.
    pub(super) fn busy(retry_after: impl Into<String>) -> Self {
        Self::Answer { status: 429, header: Some(("retry-after", retry_after.into())), body: String::new() }
    }
}

impl Stub {
    pub(super) async fn start(answers: impl Into<Vec<Says>>) -> Self {
        let shared = Arc::new(Shared { seen: Mutex::default(), answers: answers.into() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, shared, server }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Every request so far.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// The only request so far.
    pub(super) fn only(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, MAX_BODY).await.unwrap();
    // Everything that a model is asked is JSON; a token is asked for with a form.
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let number = {
        let mut seen = shared.seen.lock().unwrap();
        seen.push(Seen { method: head.method, path: head.uri.to_string(), headers: head.headers, body });
        seen.len() - 1
    };
    match shared.answers.get(number).or_else(|| shared.answers.last()) {
        Some(Says::Answer { status, header, body }) => {
            let mut response = Response::new(Body::from(body.clone()));
            *response.status_mut() = StatusCode::from_u16(*status).unwrap();
            if let Some((name, value)) = header {
                response.headers_mut().insert(*name, value.parse().unwrap());
            }
            response
        }
        Some(Says::Hang) | None => std::future::pending().await,
    }
}
