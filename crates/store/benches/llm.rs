//! What the pages of models and incidents ask of two million spans, a third of which are about models.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use detect::{Counted, SpanFilter, SpanKind, UnixMs};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, span};
use prost::Message;
use store::{Criterion as Bad, LlmFilter, Store, StoreLimits};

const SECONDS: u64 = 3600;
const A_SECOND: u64 = 556;
const START_S: u64 = 1_800_000_000;
const NOW: UnixMs = UnixMs((START_S + SECONDS) * 1000);

fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.into()))
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

/// The `n`th span of a second: a request, its call, or something else.
fn made(second: u64, n: u64) -> Span {
    let number = second * A_SECOND + n + 1;
    let end = (START_S + second) * 1_000_000_000 + n * 1_000_000;
    let traffic = ["normal_traffic", "latency_injection", "error_injection", "token_bloat"][(number % 4) as usize];
    let whole = |key: &str, value: u64| attribute(key, Value::IntValue(value as i64));
    let (name, kind, mut attributes) = match n % 6 {
        0 => (
            "POST /hackathon/classify",
            span::SpanKind::Server,
            vec![
                text("llm.endpoint", "classify"),
                whole("http.response.status_code", if number.is_multiple_of(12) { 400 } else { 200 }),
                whole("llm.usage.total_tokens", 200 + number % 6000),
                attribute("llm.cost_usd", Value::DoubleValue(number as f64 * 1e-9)),
            ],
        ),
        1 => (
            "chat mail-1",
            span::SpanKind::Client,
            vec![
                text("gen_ai.operation.name", "chat"),
                text("gen_ai.request.model", ["mail-1", "mail-2", "mail-3"][(number % 3) as usize]),
                whole("gen_ai.usage.input_tokens", 200 + number % 6000),
                whole("gen_ai.usage.output_tokens", number % 60),
                attribute("llm.cost_usd", Value::DoubleValue(number as f64 * 1e-9)),
            ],
        ),
        _ => ("GET /products", span::SpanKind::Server, vec![whole("http.response.status_code", 200)]),
    };
    attributes.push(text("traffic.type", traffic));
    Span {
        trace_id: u128::from(number / 2 + 1).to_be_bytes().to_vec(),
        span_id: number.to_be_bytes().to_vec(),
        name: name.into(),
        kind: kind.into(),
        start_time_unix_nano: end - (1 + number.wrapping_mul(2_654_435_761) % 4000) * 1_000_000,
        end_time_unix_nano: end,
        attributes,
        ..Span::default()
    }
}

fn filled() -> Store {
    let store = Store::new(StoreLimits { budget_bytes: 2 << 30 }, Counted::default());
    for second in 0..SECONDS {
        let spans = (0..A_SECOND).map(|n| made(second, n)).collect();
        let resource = Some(Resource { attributes: vec![text("service.name", "inbox")], ..Resource::default() });
        let scope_spans = vec![ScopeSpans { spans, ..ScopeSpans::default() }];
        let request = ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans { resource, scope_spans, ..ResourceSpans::default() }],
        };
        store.ingest_traces(&request.encode_to_vec(), UnixMs((START_S + second) * 1000 + 999)).expect("it is OTLP");
    }
    assert_eq!(store.stats().spans_kept, SECONDS * A_SECOND);
    store
}

fn questions(criterion: &mut Criterion) {
    let store = filled();
    let mut group = criterion.benchmark_group("two million spans");
    group.sample_size(10);
    for (name, seconds) in [("models, 15 minutes", 900), ("models, an hour", SECONDS)] {
        let filter = LlmFilter { from_unix_ms: NOW.0 - seconds * 1000, ..LlmFilter::default() };
        group.bench_function(name, |bencher| bencher.iter(|| black_box(store.llm(&filter, NOW))));
    }
    let filter = SpanFilter { kind: Some(SpanKind::Server), ..SpanFilter::default() };
    group.bench_function("what differs, an hour", |bencher| {
        bencher.iter(|| black_box(store.differences(&filter, (NOW.0 - SECONDS * 1000, NOW.0), &Bad::Failed)));
    });
    group.finish();
}

criterion_group!(benches, questions);
criterion_main!(benches);
