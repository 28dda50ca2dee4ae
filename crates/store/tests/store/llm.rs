//! Requests that want an answer of a model, and the models' calls, counted while spans come in.

use detect::{Counted, UnixMs};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use store::{LlmFilter, LlmGroup, LlmKind, Store, StoreLimits};

use crate::otlp::{NOW_S, attribute, encoded, failed, request, span, text, with};

/// A power of two, so that sums are exact whatever their order.
const USD_A_TOKEN: f64 = 1.0 / 1_048_576.0;
const NOW: UnixMs = UnixMs(NOW_S * 1000 + 999);

fn whole(key: &str, value: i64) -> opentelemetry_proto::tonic::common::v1::KeyValue {
    attribute(key, Value::IntValue(value))
}

/// A request of a kind of traffic that ended so long ago.
fn asked(n: u64, traffic: &str, ago_ms: u64, ms: f64, status: i64) -> Span {
    let made = span(u128::from(n) + 1, n * 2 + 1, "POST /hackathon/classify", ago_ms, ms);
    with(
        made,
        [text("llm.endpoint", "classify"), text("traffic.type", traffic), whole("http.response.status_code", status)],
    )
}

/// The call below it.
fn call(n: u64, traffic: &str, ago_ms: u64, ms: f64, tokens: (i64, i64), cost: f64) -> Span {
    let mut made = span(u128::from(n) + 1, n * 2 + 2, "chat m1", ago_ms, ms);
    made.kind = SpanKind::Client.into();
    with(
        made,
        [
            text("gen_ai.operation.name", "chat"),
            text("gen_ai.request.model", "m1"),
            text("traffic.type", traffic),
            whole("gen_ai.usage.input_tokens", tokens.0),
            whole("gen_ai.usage.output_tokens", tokens.1),
            attribute("llm.cost_usd", Value::DoubleValue(cost)),
        ],
    )
}

/// Ten good requests a second for a minute, of which each fifth is bloated; half a minute ago ten malformed ones; two
/// calls of another model that failed; and what is no call of a model.
fn filled(store: &Store) {
    let mut spans = Vec::new();
    for n in 0..600u64 {
        let (traffic, tokens) = if n % 5 == 0 { ("token_bloat", (5900, 100)) } else { ("normal_traffic", (180, 20)) };
        let total = tokens.0 + tokens.1;
        let mut server = asked(n, traffic, n * 100, 50.0, 200);
        server.attributes.extend([
            whole("llm.usage.total_tokens", total),
            attribute("llm.cost_usd", Value::DoubleValue(total as f64 * USD_A_TOKEN)),
            attribute("llm.prompt_truncated", Value::BoolValue(n % 100 == 0)),
        ]);
        spans.extend([server, call(n, traffic, n * 100, 40.0, tokens, total as f64 * USD_A_TOKEN)]);
    }
    for n in 600..610 {
        spans.push(with(asked(n, "error_injection", 30_000, 2.0, 400), [text("error.type", "invalid_input")]));
    }
    for n in 610..612 {
        let mut made = failed(call(n, "normal_traffic", 500, 900.0, (0, 0), 0.0));
        made.attributes.retain(|one| one.key.starts_with("gen_ai.op") || one.key.starts_with("traffic"));
        spans.push(with(made, [text("gen_ai.request.model", "m2"), text("error.type", "llm_timeout")]));
    }
    let agent = with(span(700, 1, "invoke_agent", 500, 5000.0), [text("gen_ai.operation.name", "invoke_agent")]);
    let other = span(701, 1, "GET /health", 500, 1.0);
    let mut client = asked(702, "normal_traffic", 500, 9000.0, 200);
    client.kind = SpanKind::Client.into();
    spans.extend([agent, other, client]);
    for some in spans.chunks(100) {
        store.ingest_traces(&encoded(&request("inbox", some.to_vec())), NOW).expect("it is OTLP");
    }
}

fn last_minute() -> LlmFilter {
    LlmFilter { from_unix_ms: (NOW_S - 59) * 1000, ..LlmFilter::default() }
}

#[test]
fn requests_and_calls_are_counted_apart_with_tokens_cost_and_errors() {
    let store = Store::new(StoreLimits::default(), Counted::default());
    filled(&store);
    let found = store.llm(&last_minute(), NOW);
    // The seconds from 59 before now: what ended 59.1 s ago and longer is out.
    let (requests, calls) = (&found.requests, &found.calls);
    assert_eq!((requests.count, requests.failed), (591 + 10, 10));
    assert_eq!((calls.count, calls.failed), (591 + 2, 2));
    assert!((requests.p50_ms / 50.0 - 1.0).abs() < 0.02 && (calls.p50_ms / 40.0 - 1.0).abs() < 0.02);
    assert!(requests.p99_ms < 60.0, "a client's span is no request: {}", requests.p99_ms);
    let bloated = 119.0;
    let tokens = bloated * 6000.0 + (591.0 - bloated) * 200.0;
    assert!((requests.tokens.expect("tokens") - tokens / 591.0).abs() < 1e-6, "over those that said");
    assert!((calls.tokens_in.expect("in") - (bloated * 5900.0 + (591.0 - bloated) * 180.0) / 591.0).abs() < 1e-6);
    assert!((requests.cost_usd.expect("cost") - tokens * USD_A_TOKEN).abs() < 1e-9);
    assert!((requests.cost_usd_per_hour.expect("cost") / (tokens * USD_A_TOKEN * 60.0) - 1.0).abs() < 0.001);
    assert_eq!((requests.truncated, requests.fallbacks), (6, 0));
    let errors: Vec<_> =
        found.errors.iter().map(|one| (one.kind, one.error_type.as_deref(), one.status, one.count)).collect();
    assert_eq!(
        errors,
        [(LlmKind::Request, Some("invalid_input"), Some(400), 10), (LlmKind::Call, Some("llm_timeout"), None, 2)]
    );
    let models: Vec<_> = found.models.iter().map(|one| (one.name.as_str(), one.calls.count)).collect();
    assert_eq!(models, [("m1", 591), ("m2", 2)]);
    let names = |groups: &[LlmGroup]| groups.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&found.traffic), ["error_injection", "normal_traffic", "token_bloat"]);
    assert_eq!(names(&found.operations), ["chat", "classify"], "an agent's span is no call of a model");
    assert_eq!(found.points.len(), 60);
    assert_eq!(found.points.iter().map(|point| point.requests.count).sum::<u64>(), requests.count);
    assert!((found.points[10].requests.rate_per_minute - 600.0).abs() < 1.0);
}

#[test]
fn figures_are_narrowed_to_a_kind_of_traffic_and_a_service() {
    let store = Store::new(StoreLimits::default(), Counted::default());
    filled(&store);
    let of = |traffic: &str| store.llm(&LlmFilter { traffic_type: Some(traffic.into()), ..last_minute() }, NOW);
    let bloat = of("token_bloat");
    assert_eq!((bloat.requests.count, bloat.requests.tokens, bloat.errors.len()), (119, Some(6000.0), 0));
    assert_eq!(
        bloat.traffic_types,
        ["error_injection", "normal_traffic", "token_bloat"],
        "what there is to choose from"
    );
    assert_eq!(of("nobody").requests.count, 0);
    let elsewhere = store.llm(&LlmFilter { service: Some("elsewhere".into()), ..last_minute() }, NOW);
    assert_eq!((elsewhere.calls.count, elsewhere.points.len()), (0, 0));
    let never = LlmFilter { from_unix_ms: NOW.0 + 5000, to_unix_ms: Some(NOW.0), ..LlmFilter::default() };
    assert_eq!(store.llm(&never, NOW).requests.count, 0, "a stretch that ends before it begins");
}

#[test]
fn rates_are_over_the_time_of_which_something_is_known() {
    let store = Store::new(StoreLimits::default(), Counted::default());
    let made = (0..120).map(|n| call(n, "normal_traffic", n * 250, 40.0, (180, 20), USD_A_TOKEN)).collect();
    store.ingest_traces(&encoded(&request("app", made)), NOW).expect("it is OTLP");
    let quarter = LlmFilter { from_unix_ms: NOW.0 - 900_000, ..LlmFilter::default() };
    let found = store.llm(&quarter, NOW);
    // Half a minute of four a second, not a quarter of an hour of nearly nothing.
    assert!((found.calls.rate_per_minute - 240.0).abs() < 10.0, "{}", found.calls.rate_per_minute);
    assert_eq!((found.step_seconds, found.from_unix_ms), (1, (NOW_S - 30) * 1000));
}

#[test]
fn a_run_that_is_opened_tells_of_its_models_as_it_did() {
    let store = Store::new(StoreLimits::default(), Counted::default());
    filled(&store);
    let folder = tempfile::tempdir().expect("a temporary folder");
    store.export(folder.path()).expect("it is written");
    let opened = Store::open_run(folder.path(), StoreLimits::default(), Counted::default()).expect("our own");
    assert!(opened.llm(&last_minute(), NOW) == store.llm(&last_minute(), NOW));
}

#[test]
fn a_flood_of_models_is_bounded_and_the_oldest_seconds_leave() {
    let store = Store::new(StoreLimits::default(), Counted::default());
    let spans: Vec<Span> = (0..5000u64)
        .map(|n| {
            let model = text("gen_ai.request.model", &format!("model-{n}"));
            with(span(u128::from(n) + 1, 1, "chat", 10, 1.0), [text("gen_ai.operation.name", "chat"), model])
        })
        .collect();
    store.ingest_traces(&encoded(&request("app", spans)), NOW).expect("it is OTLP");
    let found = store.llm(&last_minute(), NOW);
    assert_eq!(found.calls.count, 5000, "none is lost");
    assert!(found.models.len() <= 1025, "{}", found.models.len());
    let late = UnixMs(NOW.0 + 3 * 3_600_000);
    let mut fresh = with(span(9001, 1, "chat", 0, 1.0), [text("gen_ai.operation.name", "chat")]);
    fresh.start_time_unix_nano += 3 * 3600 * 1_000_000_000;
    fresh.end_time_unix_nano += 3 * 3600 * 1_000_000_000;
    store.ingest_traces(&encoded(&request("app", vec![fresh])), late).expect("it is OTLP");
    assert_eq!(store.llm(&LlmFilter::default(), late).calls.count, 1, "three hours later only the new one");
}
