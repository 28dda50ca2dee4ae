//! Spans as `prost` has them, and as they come out of the store.

use std::collections::BTreeMap;

use detect::UnixMs;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ScopeSpans, Span};
use proptest::prelude::*;
use prost::Message;
use serde_json::{Value, json};
use store::{Ingested, Store, StoreLimits};

use super::{cases, generate, hex, map_of, service_of, sorted};
use crate::otlp::{NOW_S, encoded};

/// Whether the store takes a span, by its own documentation.
pub(super) fn is_valid(span: &Span) -> bool {
    let is_id = |id: &[u8], length| id.len() == length && id.iter().any(|byte| *byte != 0);
    is_id(&span.trace_id, 16)
        && is_id(&span.span_id, 8)
        && [0, 8].contains(&span.parent_span_id.len())
        && span.end_time_unix_nano >= span.start_time_unix_nano
}

/// How many spans of a message are valid, and how many not.
pub(super) fn counted(message: &ExportTraceServiceRequest) -> Ingested {
    let spans = message.resource_spans.iter().flat_map(|group| &group.scope_spans).flat_map(|scope| &scope.spans);
    let (valid, invalid): (Vec<_>, Vec<_>) = spans.partition(|span| is_valid(span));
    Ingested { accepted: valid.len() as u64, rejected: invalid.len() as u64 }
}

fn view(span: &Span, scope: &ScopeSpans, resource: Option<&Resource>) -> Value {
    let kind = ["internal", "internal", "server", "client", "producer", "consumer"];
    let message = span.status.as_ref().map_or("", |status| status.message.as_str());
    let is_error = span.status.as_ref().is_some_and(|status| status.code == 2);
    let mut made = json!({
        "span_id": hex(&span.span_id),
        "parent_span_id": span.parent_span_id.iter().any(|byte| *byte != 0).then(|| hex(&span.parent_span_id)),
        "service": service_of(resource),
        "name": span.name,
        "kind": usize::try_from(span.kind).ok().and_then(|number| kind.get(number)).unwrap_or(&"internal"),
        "start_unix_nanos": span.start_time_unix_nano.to_string(),
        "duration_ms": (span.end_time_unix_nano - span.start_time_unix_nano) as f64 / 1e6,
        "status": if is_error { "error" } else { "ok" },
        "attributes": map_of(&span.attributes),
        "resource": map_of(resource.map_or(&[], |resource| &resource.attributes)),
        "events": span.events.iter().map(|event| json!({
            "time_unix_nanos": event.time_unix_nano.to_string(),
            "name": event.name,
            "attributes": map_of(&event.attributes),
        })).collect::<Value>(),
    });
    // What is empty is left out of JSON.
    let scope = scope.scope.as_ref().map_or("", |scope| scope.name.as_str());
    for (field, text) in [("status_message", message), ("scope", scope), ("trace_state", &span.trace_state)] {
        if !text.is_empty() {
            made[field] = json!(text);
        }
    }
    if !span.links.is_empty() {
        let short = |id: &[u8]| hex(&id[..id.len().min(16)]);
        made["links"] = span
            .links
            .iter()
            .map(|link| {
                json!({
                    "trace_id": short(&link.trace_id),
                    "span_id": short(&link.span_id),
                    "attributes": map_of(&link.attributes),
                })
            })
            .collect();
    }
    made
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn every_field_of_every_span_comes_out_as_prost_has_it(messages in prop::collection::vec(generate::traces(), 1..4)) {
        let store = Store::new(StoreLimits::default(), Default::default());
        let mut expected: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for message in &messages {
            // As `prost` decodes it: encoding forgets what protobuf does not tell apart.
            let message = &ExportTraceServiceRequest::decode(&encoded(message)[..]).expect("prost wrote it");
            let taken = store.ingest_traces(&encoded(message), UnixMs(NOW_S * 1000));
            prop_assert_eq!(taken, Ok(counted(message)));
            for group in &message.resource_spans {
                for scope in &group.scope_spans {
                    for span in scope.spans.iter().filter(|span| is_valid(span)) {
                        let of_trace = expected.entry(hex(&span.trace_id)).or_default();
                        of_trace.push(view(span, scope, group.resource.as_ref()));
                    }
                }
            }
        }
        let stats = store.stats();
        prop_assert_eq!(stats.traces_kept, expected.len() as u64);
        prop_assert_eq!(stats.spans_kept, expected.values().map(|spans| spans.len() as u64).sum::<u64>());
        for (trace_id, spans) in expected {
            let found = store.trace(&trace_id).expect("it was taken");
            let found = found.spans.iter().map(|span| serde_json::to_value(span).expect("JSON"));
            prop_assert_eq!(sorted(found), sorted(spans));
        }
    }
}
