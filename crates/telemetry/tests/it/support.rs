//! A server on a free port, and spans as text.

use axum::Router;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::future::IntoFuture;
use std::time::{Duration, Instant};
use telemetry::capture::{Capture, SpanData};
use telemetry::context::{FutureExt, Origin};
use telemetry::http_client::Peer;
use telemetry::span::{Kind, Span};

/// Long enough for a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// Serves `router` on a free port until the test's runtime ends.
pub(crate) async fn serve(service: &str, router: Router) -> Peer {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, router).into_future());
    Peer::new(service, &format!("http://{address}")).unwrap()
}

/// Runs `work` in a new trace of demo traffic; returns what it returned and the trace's id.
pub(crate) async fn in_trace<T>(work: impl Future<Output = T>) -> (T, String) {
    let origin = Origin::new("demo").session("s-1").user("user-0042").run("r-7");
    let root = Span::root("test", Kind::Internal, &origin, Vec::new(), None);
    let inside = async { (work.await, telemetry::context::trace_id().unwrap()) };
    let done = inside.with_context(root.context().clone()).await;
    root.end();
    done
}

/// The spans of a trace once there are `count` of them: a server's span may end after its client has the answer.
pub(crate) async fn spans(capture: &Capture, trace_id: &str, count: usize) -> Vec<SpanData> {
    let began = Instant::now();
    loop {
        let spans = capture.trace(trace_id);
        if spans.len() >= count {
            return spans;
        }
        assert!(began.elapsed() < DEADLINE, "{count} spans expected, seen {spans:#?}");
        tokio::task::yield_now().await;
    }
}

pub(crate) fn named<'a>(spans: &'a [SpanData], name: &str) -> &'a SpanData {
    let names: Vec<_> = spans.iter().map(|span| &span.name).collect();
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no span {name:?} in {names:?}"))
}

pub(crate) fn has_each_key_once(span: &SpanData) -> bool {
    let keys: BTreeSet<_> = span.attributes.iter().map(|a| a.key.as_str()).collect();
    keys.len() == span.attributes.len()
}

/// Kind, name, status and sorted attributes; what differs from run to run is masked.
pub(crate) fn described(span: &SpanData) -> String {
    const MASKED: [&str; 7] = [
        "server.port",
        "net.peer.port",
        "url.full",
        "db.duration_ms",
        "db.connection.pool.wait_time_ms",
        "server.address",
        "net.peer.name",
    ];
    let mut text = format!("{:?} {} {:?}\n", span.span_kind, span.name, span.status);
    let mut attributes: Vec<_> = span
        .attributes
        .iter()
        .map(|a| {
            let key = a.key.as_str();
            match MASKED.contains(&key) {
                true => format!("{key} = *"),
                false => format!("{key} = {}", typed(&a.value)),
            }
        })
        .collect();
    attributes.sort();
    for attribute in attributes {
        writeln!(text, "  {attribute}").unwrap();
    }
    text
}

/// The value with quotes if it is text.
fn typed(value: &telemetry::Value) -> String {
    match value {
        telemetry::Value::String(text) => format!("{:?}", text.as_str()),
        other => other.to_string(),
    }
}
