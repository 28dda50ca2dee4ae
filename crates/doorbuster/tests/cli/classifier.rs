//! A service that takes mails as the e-mail classifier does, on loopback, and notes what it was sent.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use axum::routing::{get, post, put};
use serde_json::{Value, json};

/// Largest body that it takes, in bytes.
const LARGEST: usize = 64 * 1024;

/// A mail as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) traffic_type: String,
    pub(crate) baggage: String,
    pub(crate) body: String,
    /// From its head to the end of its body.
    pub(crate) took: Duration,
    pub(crate) status: u16,
}

#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) mails: Vec<Mail>,
    /// Faults that are in, and all that ever were.
    pub(crate) faults: BTreeMap<String, Value>,
    pub(crate) ordered: Vec<Value>,
}

/// A running service. It ends with the test's process.
#[derive(Debug, Clone)]
pub(crate) struct Classifier {
    pub(crate) address: SocketAddr,
    notes: Arc<Mutex<Notes>>,
}

impl Classifier {
    /// One that takes faults as well, or not; and one that answers `always` with the same status.
    pub(crate) fn start(takes_faults: bool, always: Option<u16>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("bound");
        let notes: Arc<Mutex<Notes>> = Arc::default();
        let mut router =
            Router::new().route("/hackathon/classify", post(move |notes, h, b| classify(notes, h, b, always)));
        if takes_faults {
            router = router.route("/admin/faults", get(list)).route("/admin/faults/{id}", put(put_in).delete(take_out));
        }
        let router = router.with_state(Arc::clone(&notes));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                axum::serve(listener, router).await
            })
        });
        Self { address, notes }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().expect("no panic")
    }
}

type Shared = State<Arc<Mutex<Notes>>>;

async fn classify(
    State(notes): Shared,
    headers: HeaderMap,
    body: Body,
    always: Option<u16>,
) -> (StatusCode, Json<Value>) {
    let began = Instant::now();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    let took = began.elapsed();
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let json: Option<Value> = serde_json::from_slice(&body).ok();
    let status = match json {
        _ if always.is_some() => always.unwrap_or_default(),
        _ if body.len() > LARGEST => 413,
        None => 400,
        Some(mail) if !mail["subject"].is_string() || !mail["snippet"].is_string() => 422,
        Some(_) => 200,
    };
    let mail = Mail {
        traffic_type: header("x-traffic-type"),
        baggage: header("baggage"),
        body: String::from_utf8_lossy(&body).into_owned(),
        took,
        status,
    };
    notes.lock().expect("no panic").mails.push(mail);
    (StatusCode::from_u16(status).expect("a status"), Json(json!({"intent": "other"})))
}

async fn put_in(State(notes): Shared, Path(id): Path<String>, Json(order): Json<Value>) -> Json<Value> {
    let mut notes = notes.lock().expect("no panic");
    notes.ordered.push(order.clone());
    notes.faults.insert(id, order.clone());
    Json(order)
}

async fn take_out(State(notes): Shared, Path(id): Path<String>) -> Json<Value> {
    let removed = notes.lock().expect("no panic").faults.remove(&id);
    Json(json!({"removed": removed.is_some()}))
}

/// Each filter has as many hits as there were mails: the command is to tell what the service says.
async fn list(State(notes): Shared) -> Json<Value> {
    let notes = notes.lock().expect("no panic");
    let hits = notes.mails.len();
    let faults: Vec<Value> = notes.faults.keys().map(|id| json!({"id": id, "hits": hits})).collect();
    Json(json!({"faults": faults}))
}
