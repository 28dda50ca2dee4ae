//! What is written and exported, and what is not.

use super::*;
use crate::baggage::BaggageLogs;
use crate::context::Origin;
use opentelemetry::logs::AnyValue;
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter, SdkLogRecord, SimpleLogProcessor};
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Clone, Debug, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[derive(Clone, Debug, Default)]
struct Exported(Arc<Mutex<Vec<SdkLogRecord>>>);

impl LogExporter for Exported {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let records = batch.iter().map(|(record, _)| record.clone());
        self.0.lock().unwrap().extend(records);
        Ok(())
    }
}

/// What `work` writes, as lines and as exported records.
fn logged(directives: &str, work: impl FnOnce()) -> (Vec<Value>, Vec<SdkLogRecord>) {
    let (written, exported) = (Written::default(), Exported::default());
    let logs = SdkLoggerProvider::builder()
        .with_log_processor(BaggageLogs::new(SimpleLogProcessor::new(exported.clone())))
        .build();
    let writer = written.clone();
    let subscriber = tracing_subscriber::registry()
        .with(filter(directives))
        .with(lines("shop", move || writer.clone()))
        .with(bridge(&logs));
    tracing::subscriber::with_default(subscriber, work);
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let records = exported.0.lock().unwrap().clone();
    (lines.collect(), records)
}

fn request() -> Context {
    let span = SpanContext::new(
        TraceId::from_bytes([0xab; 16]),
        SpanId::from_bytes([0xcd; 8]),
        TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    );
    let origin = Origin::new("demo").session("s-1");
    origin.attach_to(&Context::new()).with_remote_span_context(span)
}

#[test]
fn a_line_and_its_record_carry_the_trace_and_the_origin() {
    let (lines, records) = logged("", || {
        let _inside = request().attach();
        tracing::warn!(item = "prod-1", quantity = 2, "out of stock");
    });
    let line = &lines[0];
    for (key, value) in [
        ("level", "WARN"),
        ("service", "shop"),
        ("message", "out of stock"),
        ("item", "prod-1"),
        ("trace_id", "abababababababababababababababab"),
        ("span_id", "cdcdcdcdcdcdcdcd"),
        ("traffic.type", "demo"),
        ("session.id", "s-1"),
    ] {
        assert_eq!(line[key], value, "{line}");
    }
    assert_eq!(line["quantity"], 2);
    assert_eq!(line.get("event"), None);

    let record = &records[0];
    let trace = record.trace_context().unwrap();
    assert_eq!(trace.trace_id.to_string(), line["trace_id"].as_str().unwrap());
    assert_eq!(record.event_name(), Some(""));
    let attribute = |key: &str| {
        let found: Vec<_> = record.attributes_iter().filter(|(k, _)| k.as_str() == key).collect();
        assert_eq!(found.len(), 1, "{key}");
        found[0].1.clone()
    };
    assert_eq!(attribute("traffic.type"), AnyValue::from("demo"));
    assert_eq!(attribute("session.id"), AnyValue::from("s-1"));
    assert_eq!(attribute("item"), AnyValue::from("prod-1"));
}

#[test]
fn the_events_of_the_contract_keep_their_names_and_fields() {
    let (lines, records) = logged("", || {
        let _inside = request().attach();
        crate::events::slow_query(&crate::events::SlowQuery {
            summary: "SELECT recommendable_products",
            duration_ms: 1_100.0,
            index_used: "NONE",
            is_full_table_scan: true,
            rows_scanned: 62_500,
        });
        crate::events::pool_exhaustion("recommendations", 20, 2_100.0, 7);
        crate::events::checkout_failed(&crate::events::FailedCheckout {
            reason: "recommendations-timeout",
            user_id: "user-1",
            total: 12.5,
        });
        crate::events::feature_flag("recommendations", "on", "targeting_match");
    });
    let text: Vec<String> = lines
        .into_iter()
        .map(|mut line| {
            line.as_object_mut().unwrap().shift_remove("timestamp");
            serde_json::to_string_pretty(&line).unwrap()
        })
        .collect();
    insta::assert_snapshot!("events", text.join("\n"));
    let names: Vec<_> = records.iter().filter_map(SdkLogRecord::event_name).collect();
    assert_eq!(
        names,
        ["demo_slow_query_triggered", "demo_pool_exhaustion", "demo_checkout_failed", "feature_flag.evaluation"]
    );
}

#[test]
fn flag_evaluations_are_seen_unless_they_are_turned_off_and_the_other_events_then_stay() {
    let work = || {
        crate::events::feature_flag("recommendations", "on", "targeting_match");
        crate::events::pool_exhaustion("recommendations", 20, 2_100.0, 7);
    };
    for (directives, expected) in [("", 2), ("info,telemetry::events=warn", 1)] {
        let (lines, records) = logged(directives, work);
        assert_eq!((lines.len(), records.len()), (expected, expected), "{directives:?}");
    }
}

#[test]
fn the_exporters_own_lines_are_neither_written_nor_exported() {
    let work = || {
        tracing::error!(target: "opentelemetry_sdk", "a");
        tracing::error!(target: "h2::codec", "b");
        tracing::error!(target: "hyper_util::client", "c");
        tracing::error!(target: "tonic::transport", "d");
        tracing::error!(target: "shop::cart", "e");
    };
    let (lines, records) = logged("", work);
    assert_eq!((lines.len(), records.len()), (1, 1));
    let (lines, records) = logged("debug,h2=debug", work);
    assert_eq!((lines.len(), records.len()), (2, 1), "written when asked for, never exported");
}

#[test]
fn the_filter_starts_at_info_and_follows_its_directives() {
    let work = || {
        tracing::debug!(target: "shop", "a");
        tracing::info!(target: "shop", "b");
    };
    for (directives, expected) in [("", 1), ("debug", 2), ("shop=debug", 2), ("off", 0), ("=nonsense=", 1)] {
        assert_eq!(logged(directives, work).0.len(), expected, "{directives:?}");
    }
}

#[test]
fn timestamps_are_rfc_3339() {
    for (milliseconds, expected) in [
        (0, "1970-01-01T00:00:00.000Z"),
        (951_782_400_007, "2000-02-29T00:00:00.007Z"),
        (1_795_996_799_999, "2026-11-29T23:59:59.999Z"),
    ] {
        let time = UNIX_EPOCH + Duration::from_millis(milliseconds);
        assert_eq!(timestamp(time), expected);
    }
}
