//! OTLP's inputs under fuzzing: whatever bytes come, the store and the console's JSON stay whole and within bounds.
//!
//! Each target keeps one store of 16 MiB over all inputs, so that what one leaves behind meets what the next brings. See
//! `../scripts/fuzz.sh`.

pub mod otlp;

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use detect::UnixMs;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use prost::Message;
use store::{IngestError, Ingested, LogSearch, MetricSearch, RedFilter, SpanSearch, Store, StoreLimits};

/// When everything happens: 2027, in Unix milliseconds. What is in `seeds` ended a second before.
pub const NOW: UnixMs = UnixMs(1_800_000_000_000);
const BUDGET_BYTES: usize = 16 << 20;
/// How often the store is asked everything.
const ASK_EVERY: u64 = 4096;

fn store() -> &'static Store {
    static STORE: OnceLock<Store> = OnceLock::new();
    STORE.get_or_init(|| Store::new(StoreLimits { budget_bytes: BUDGET_BYTES, ..Default::default() }, BTreeSet::new()))
}

pub fn traces(message: &[u8]) {
    let spans = ExportTraceServiceRequest::decode(message).map(|request| {
        let scopes = request.resource_spans.iter().flat_map(|group| &group.scope_spans);
        scopes.map(|scope| scope.spans.len()).sum()
    });
    check(message, spans, store().ingest_traces(message, NOW));
}

pub fn logs(message: &[u8]) {
    let records = ExportLogsServiceRequest::decode(message).map(|request| {
        let scopes = request.resource_logs.iter().flat_map(|group| &group.scope_logs);
        scopes.map(|scope| scope.log_records.len()).sum()
    });
    check(message, records, store().ingest_logs(message, NOW));
}

pub fn metrics(message: &[u8]) {
    let points = ExportMetricsServiceRequest::decode(message).map(|request| {
        let scopes = request.resource_metrics.iter().flat_map(|group| &group.scope_metrics);
        let metrics = scopes.flat_map(|scope| &scope.metrics);
        metrics
            .map(|metric| match &metric.data {
                None => 0,
                Some(Data::Gauge(gauge)) => gauge.data_points.len(),
                Some(Data::Sum(sum)) => sum.data_points.len(),
                Some(Data::Histogram(histogram)) => histogram.data_points.len(),
                Some(Data::ExponentialHistogram(histogram)) => histogram.data_points.len(),
                Some(Data::Summary(summary)) => summary.data_points.len(),
            })
            .sum()
    });
    check(message, points, store().ingest_metrics(message));
}

/// The oracle: what prost reads the store must take, and of that each span is accepted or rejected. The other way round the
/// store may be lenient: it does not look into what it does not keep.
fn check(message: &[u8], oracle: Result<usize, prost::DecodeError>, taken: Result<Ingested, IngestError>) {
    match (oracle, taken) {
        (Ok(count), Ok(ingested)) => {
            assert_eq!(count as u64, ingested.accepted + ingested.rejected, "of {message:02x?}");
        }
        (Ok(count), Err(IngestError::Malformed(problem))) => panic!("{count}, but {problem}, of {message:02x?}"),
        (Ok(_), Err(IngestError::Full)) | (Err(_), _) => {}
    }
    look();
}

/// What is kept is within the budget, and can be asked for.
fn look() {
    static INPUTS: AtomicU64 = AtomicU64::new(0);
    let stats = store().stats();
    assert!(stats.bytes_kept <= BUDGET_BYTES as u64, "{stats:?}");
    if !INPUTS.fetch_add(1, Ordering::Relaxed).is_multiple_of(ASK_EVERY) {
        return;
    }
    let everything = RedFilter::default();
    for trace in store().search(&SpanSearch::default()) {
        assert!(store().trace(&trace.trace_id).is_some(), "{} was found and is not there", trace.trace_id);
    }
    store().red(&everything, NOW);
    store().timeline(&everything, 10, NOW);
    store().statements(&everything, NOW);
    store().map(&everything, NOW);
    store().logs(&LogSearch::default());
    store().metrics(None, None);
    store().metric_series(&MetricSearch::default());
}

/// JSON of any of the three kinds, by the first byte: what is taken is protobuf that prost and the store take too.
pub fn json(input: &[u8]) {
    let Some((first, text)) = input.split_first() else { return };
    let signal = usize::from(*first) % 3;
    let Ok(message) = otlp::to_protobuf(signal, text) else { return };
    let read = match signal {
        0 => ExportTraceServiceRequest::decode(&message[..]).map(drop),
        1 => ExportMetricsServiceRequest::decode(&message[..]).map(drop),
        _ => ExportLogsServiceRequest::decode(&message[..]).map(drop),
    };
    assert!(read.is_ok(), "{read:?} of what we made of {:?}", String::from_utf8_lossy(text));
    match signal {
        0 => traces(&message),
        1 => metrics(&message),
        _ => logs(&message),
    }
}
