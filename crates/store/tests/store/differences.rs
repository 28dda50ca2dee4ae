//! What bad spans have more often than healthy ones.

use detect::{Counted, SpanFilter, SpanKind, UnixMs};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use store::{Criterion, Store, StoreLimits};

use crate::otlp::{NOW_S, attribute, encoded, request, span, text, with};

const NOW: UnixMs = UnixMs(NOW_S * 1000 + 999);

/// 1,000 requests: of the errors' traffic each second is malformed; each tenth of all is slow, whatever its traffic.
fn filled() -> Store {
    let store = Store::new(StoreLimits::default(), Counted::default());
    let spans = (0..1000u64).map(|n| {
        let (traffic, status) = match n % 10 {
            0..=2 => ("error_injection", 400),
            3..=5 => ("error_injection", 200),
            _ => ("normal_traffic", 200),
        };
        let ms = if n / 10 % 10 == 0 { 4000.0 } else { 20.0 };
        let made = span(u128::from(n) + 1, 1, "POST /x", n, ms);
        let number = |key: &str, value: i64| attribute(key, Value::IntValue(value));
        let mut made = with(
            made,
            [
                text("traffic.type", traffic),
                text("request.id", &format!("r{n}")),
                text("region", if ms > 1000.0 { "far" } else { "near" }),
                number("http.response.status_code", status),
                number("tokens", if n / 100 % 4 == 0 { 6000 } else { 200 }),
                attribute("flagged", Value::BoolValue(n / 100 % 4 == 0)),
            ],
        );
        if status == 400 {
            made.attributes.push(text("error.type", if n % 10 == 0 { "not_json" } else { "invalid_input" }));
        }
        made
    });
    let all: Vec<_> = spans.collect();
    store.ingest_traces(&encoded(&request("inbox", all)), NOW).expect("it is OTLP");
    store
}

fn inbox() -> SpanFilter {
    SpanFilter { service: Some("inbox".into()), kind: Some(SpanKind::Server), ..SpanFilter::default() }
}

/// What is told, as `key=value bad/healthy lift`.
fn told(store: &Store, criterion: &Criterion) -> (u64, u64, Vec<String>) {
    let found = store.differences(&inbox(), (NOW.0 - 60_000, NOW.0), criterion);
    let one = |value: &store::DifferingValue| {
        format!("{}={} {}/{} {:.2}", value.key, value.value, value.bad, value.healthy, value.lift)
    };
    (found.bad, found.healthy, found.values.iter().map(one).collect())
}

#[test]
fn values_that_bad_spans_have_more_often_are_told_with_counts_and_lift() {
    let store = filled();
    let (bad, healthy, values) = told(&store, &Criterion::Failed);
    assert_eq!((bad, healthy), (300, 700));
    let expected = [
        "http.response.status_code=400 300/0 3.33",
        "error.type=invalid_input 200/0 3.33",
        "traffic.type=error_injection 300/300 1.67",
        "error.type=not_json 100/0 3.33",
    ];
    assert_eq!(values, expected, "an identifier of each request is no kind of anything");
    let (bad, _, values) = told(&store, &Criterion::SlowerThan(3000.0));
    assert_eq!((bad, values), (100, vec!["region=far 100/0 10.00".to_owned()]), "traffic makes no difference here");
    let tokens = Criterion::NumberAbove { attribute: "tokens".into(), limit: 600.0 };
    let (bad, _, values) = told(&store, &tokens);
    assert_eq!(
        (bad, &values[..]),
        (300, &["flagged=true 300/0 3.33".to_owned(), "tokens=6000 300/0 3.33".to_owned()][..])
    );
    let flag = Criterion::Flag { attribute: "flagged".into() };
    assert_eq!(told(&store, &flag), told(&store, &tokens), "the flag stands where the tokens are many");
}

#[test]
fn where_nothing_is_bad_or_nothing_fits_nothing_differs() {
    let store = filled();
    assert_eq!(told(&store, &Criterion::SlowerThan(1e6)), (0, 1000, Vec::new()));
    let never = Criterion::Flag { attribute: "never.seen".into() };
    assert_eq!(told(&store, &never), (0, 0, Vec::new()));
    let long_ago = store.differences(&inbox(), (0, 1000), &Criterion::Failed);
    assert_eq!((long_ago.bad, long_ago.healthy, long_ago.is_sample), (0, 0, false));
}
