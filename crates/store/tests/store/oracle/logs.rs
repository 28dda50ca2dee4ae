//! Log records as `prost` has them, and as they come out of the store.

use detect::UnixMs;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as V;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::resource::v1::Resource;
use proptest::prelude::*;
use prost::Message;
use serde_json::{Value, json};
use store::{Ingested, LogSearch, Store, StoreLimits};

use super::{cases, generate, hex, json_of, map_of, name, service_of, sorted};
use crate::otlp::{NOW_S, encoded};

/// How many records a message has: all are taken.
pub(super) fn counted(message: &ExportLogsServiceRequest) -> Ingested {
    let scopes = message.resource_logs.iter().flat_map(|group| &group.scope_logs);
    Ingested { accepted: scopes.map(|scope| scope.log_records.len() as u64).sum(), rejected: 0 }
}

/// The text of the last attribute with this key; nothing if that is no text.
fn text(record: &LogRecord, key: &str) -> Option<String> {
    let last = record.attributes.iter().rfind(|attribute| attribute.key == key)?;
    match last.value.as_ref()?.value.as_ref()? {
        V::StringValue(text) if !text.is_empty() => Some(name(text)),
        _ => None,
    }
}

fn view(record: &LogRecord, resource: Option<&Resource>) -> Value {
    let words = ["trace", "debug", "info", "warn", "error", "fatal"];
    let severity = record.severity_number.clamp(0, 24).max(1) as usize;
    let times = [record.time_unix_nano, record.observed_time_unix_nano, NOW_S * 1_000_000_000];
    let at = times.into_iter().find(|at| *at != 0).unwrap_or_default();
    let body = match record.body.as_ref().and_then(|body| body.value.as_ref()) {
        None | Some(V::StringValueStrindex(_)) => String::new(),
        Some(V::StringValue(text)) => text.clone(),
        Some(_) => json_of(record.body.as_ref()).to_string(),
    };
    let id = |id: &[u8], length| (id.len() == length && id.iter().any(|byte| *byte != 0)).then(|| hex(id));
    json!({
        "at_unix_ms": at as f64 / 1e6,
        "service": service_of(resource),
        "severity": words[(severity - 1) / 4],
        "event": if record.event_name.is_empty() { text(record, "event.name") } else { Some(record.event_name.clone()) },
        "traffic_type": text(record, "traffic.type"),
        "body": body,
        "trace_id": id(&record.trace_id, 16),
        "span_id": id(&record.span_id, 8),
        "attributes": map_of(&record.attributes),
    })
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn every_field_of_every_record_comes_out_as_prost_has_it(messages in prop::collection::vec(generate::logs(), 1..4)) {
        let store = Store::new(StoreLimits::default(), Default::default());
        let mut expected = Vec::new();
        for message in &messages {
            // As `prost` decodes it: encoding forgets what protobuf does not tell apart.
            let message = &ExportLogsServiceRequest::decode(&encoded(message)[..]).expect("prost wrote it");
            let taken = store.ingest_logs(&encoded(message), UnixMs(NOW_S * 1000));
            prop_assert_eq!(taken, Ok(counted(message)));
            for group in &message.resource_logs {
                let records = group.scope_logs.iter().flat_map(|scope| &scope.log_records);
                expected.extend(records.map(|record| view(record, group.resource.as_ref())));
            }
        }
        let found = store.logs(&LogSearch { limit: Some(1000), ..LogSearch::default() });
        let found = found.iter().map(|log| serde_json::to_value(log).expect("JSON"));
        prop_assert_eq!(sorted(found), sorted(expected));
    }
}
