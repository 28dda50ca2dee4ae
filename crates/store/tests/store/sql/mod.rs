//! Questions in SQL: what they find, that SQLite and we agree, and that nobody can ask too much.

mod agreement;
mod answers;
mod guards;
mod on_disk;

use detect::UnixMs;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Otlp;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::{Event, SpanKind};
use serde_json::{Value, json};
use store::{SqlAnswer, SqlError, SqlLimits, Store, StoreLimits};

use crate::otlp::{NOW_S, attribute, encoded, failed, request, span, text, with};

const NOW: UnixMs = UnixMs(NOW_S * 1000);

/// 1,000 traces of three spans: a request, a call to the catalogue, and its statement; the request alone every fourth
/// time. Durations are 1 to 1,000 ms; each tenth request fails.
fn shop() -> Store {
    let store = Store::new(StoreLimits::default(), Default::default());
    for n in 1..=1000u64 {
        let trace = u128::from(n) << 64 | 7;
        let traffic = if n % 2 == 0 { "demo" } else { "baseline" };
        let ago_ms = (1000 - n) * 60;
        let mut root = with(
            span(trace, n * 10 + 1, "POST /api/checkout", ago_ms, n as f64),
            [text("traffic.type", traffic), attribute("cart.items", Otlp::IntValue((n % 7) as i64))],
        );
        if n % 10 == 0 {
            root = failed(root);
            root.events.push(Event { time_unix_nano: 5, name: "exception".into(), ..Event::default() });
        }
        send(&store, "frontend", vec![root]);
        if n % 4 == 0 {
            continue;
        }
        let child_of = |parent: u64, mut made: Span| {
            made.parent_span_id = parent.to_be_bytes().to_vec();
            made
        };
        let call = child_of(n * 10 + 1, span(trace, n * 10 + 2, "GET /products", ago_ms, n as f64 / 2.0));
        let index = if traffic == "demo" { "NONE" } else { "products_pkey" };
        let mut statement = child_of(
            n * 10 + 2,
            with(
                span(trace, n * 10 + 3, "SELECT products", ago_ms, n as f64 / 4.0),
                [
                    text("traffic.type", traffic),
                    text("db.system.name", "postgresql"),
                    text("db.index_used", index),
                    attribute("db.rows_scanned", Otlp::IntValue(if traffic == "demo" { 62_500 } else { 1 })),
                    attribute("cache.hit", Otlp::BoolValue(n % 3 == 0)),
                ],
            ),
        );
        statement.kind = SpanKind::Client.into();
        send(&store, "catalog", vec![call, statement]);
    }
    store
}

fn send(store: &Store, service: &str, spans: Vec<Span>) {
    store.ingest_traces(&encoded(&request(service, spans)), NOW).expect("OTLP");
}

fn ask(store: &Store, question: &str) -> SqlAnswer {
    store.sql(question, SqlLimits::default()).unwrap_or_else(|error| panic!("{question}: {error}"))
}

fn rows(store: &Store, question: &str) -> Value {
    json!(ask(store, question).rows)
}

fn refused(store: &Store, question: &str) -> SqlError {
    store.sql(question, SqlLimits::default()).err().unwrap_or_else(|| panic!("{question} has an answer"))
}
