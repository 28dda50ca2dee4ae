//! Traces in and out.

use detect::{SpanKind, SpanStatus, UnixMs};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::span::Event;
use store::{Ingested, SpanSearch, Store, StoreLimits};

use crate::otlp::{NOW_S, attribute, encoded, failed, request, span, text, with};

const NOW: UnixMs = UnixMs(NOW_S * 1000);

fn store() -> Store {
    Store::new(StoreLimits::default(), Default::default())
}

#[test]
fn a_trace_comes_out_as_it_went_in() {
    let store = store();
    let mut child = failed(span(7, 2, "SELECT orders", 10, 20.5));
    child.parent_span_id = 1u64.to_be_bytes().to_vec();
    child.attributes = vec![text("traffic.type", "demo"), attribute("db.rows_scanned", Value::IntValue(62_500))];
    child.events.push(Event { time_unix_nano: 5, name: "exception".into(), ..Event::default() });
    // The child's message comes first, from another service.
    store.ingest_traces(&encoded(&request("checkout", vec![child])), NOW).expect("it is OTLP");
    store
        .ingest_traces(&encoded(&request("frontend", vec![span(7, 1, "POST /api/checkout", 0, 50.0)])), NOW)
        .expect("it is OTLP");

    let trace = store.trace("00000000000000000000000000000007").expect("it is there");
    let [root, child] = &trace.spans[..] else { panic!("two spans, by start: {trace:?}") };
    assert_eq!(
        (root.service.as_str(), root.name.as_str(), root.kind),
        ("frontend", "POST /api/checkout", SpanKind::Server)
    );
    assert_eq!(root.parent_span_id, None);
    assert_eq!(child.parent_span_id.as_deref(), Some("0000000000000001"));
    assert_eq!((child.status, child.status_message.as_str()), (SpanStatus::Error, "broken"));
    assert_eq!(child.duration_ms, 20.5);
    assert_eq!(child.attributes["db.rows_scanned"], 62_500);
    assert_eq!(child.events[0].name, "exception");
    assert_eq!(child.resource["service.name"], "checkout");
}

#[test]
fn what_is_no_trace_id_finds_nothing() {
    let store = store();
    for id in ["", "7", "zz", "00000000000000000000000000000007", "+0000000000000000000000000000007"] {
        assert_eq!(store.trace(id), None, "{id}");
    }
}

#[test]
fn spans_without_valid_identifiers_or_with_time_running_backwards_are_rejected_and_counted() {
    let store = store();
    let mut backwards = span(1, 1, "a", 0, 1.0);
    backwards.end_time_unix_nano = backwards.start_time_unix_nano - 1;
    let mut short = span(1, 1, "a", 0, 1.0);
    short.trace_id.pop();
    let mut parent = span(1, 1, "a", 0, 1.0);
    parent.parent_span_id = vec![1];
    let spans =
        vec![span(0, 1, "a", 0, 1.0), span(1, 0, "a", 0, 1.0), short, backwards, parent, span(1, 1, "a", 0, 1.0)];
    assert_eq!(store.ingest_traces(&encoded(&request("s", spans)), NOW), Ok(Ingested { accepted: 1, rejected: 5 }));
    assert_eq!(store.stats().spans_rejected, 5);
}

#[test]
fn a_search_finds_traces_with_one_span_that_fits_everything_newest_first() {
    let store = store();
    for trace in 1..=10u128 {
        let traffic = if trace % 2 == 0 { "demo" } else { "baseline" };
        let mut root =
            with(span(trace, 1, "POST /api/checkout", 0, trace as f64 * 100.0), [text("traffic.type", traffic)]);
        if trace % 5 == 0 {
            root = failed(root);
        }
        store
            .ingest_traces(&encoded(&request("frontend", vec![root, with(span(trace, 2, "work", 0, 1.0), [])])), NOW)
            .expect("it is OTLP");
    }
    let found = |search: SpanSearch| -> Vec<u128> {
        let number = |id: String| u128::from_str_radix(&id, 16).expect("hex");
        store.search(&search).into_iter().map(|trace| number(trace.trace_id)).collect()
    };
    let all = SpanSearch::default;
    assert_eq!(found(SpanSearch { limit: Some(3), ..all() }), [10, 9, 8]);
    assert_eq!(found(SpanSearch { status: Some(SpanStatus::Error), ..all() }), [10, 5]);
    assert_eq!(
        found(SpanSearch { traffic_type: Some("demo".into()), min_duration_ms: Some(600.0), ..all() }),
        [10, 8, 6]
    );
    assert_eq!(
        found(SpanSearch {
            service: Some("frontend".into()),
            operation: Some("work".into()),
            status: Some(SpanStatus::Error),
            ..all()
        }),
        []
    );
    assert_eq!(found(SpanSearch { service: Some("nobody".into()), ..all() }), []);
    let summary = &store.search(&SpanSearch { limit: Some(1), ..all() })[0];
    assert_eq!((summary.root_service.as_str(), summary.root_operation.as_str()), ("frontend", "POST /api/checkout"));
    assert_eq!((summary.spans, summary.errors, summary.services), (2, 1, 1));
    assert_eq!(summary.duration_ms, 1000.0);
}

#[test]
fn a_message_that_is_cut_leaves_nothing_behind() {
    let store = store();
    store.ingest_traces(&encoded(&request("s", vec![span(1, 1, "a", 0, 1.0)])), NOW).expect("OTLP");
    let before = store.stats();
    let mut cut = encoded(&request("s", vec![span(2, 1, "a", 3_600_000, 1.0)]));
    // A second group of spans that ends within itself.
    cut.extend([0x0a, 0x7f, 0x12]);
    assert!(store.ingest_traces(&cut, NOW).is_err());
    let after = store.stats();
    assert_eq!((after.spans_kept, after.traces_kept), (1, 1));
    assert_eq!(after.oldest_span_unix_ms, before.oldest_span_unix_ms, "not even in the bounds of time");
}
