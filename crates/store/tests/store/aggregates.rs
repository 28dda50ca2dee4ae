//! Aggregates against a truth computed the slow way.

use std::time::Duration;

use detect::{Counted, Quantile, Query, Signal, SpanFilter, SpanKind, SpanMeasure, SpanStatus, UnixMs};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use store::{RedFilter, Store, StoreLimits};

use crate::otlp::{NOW_S, attribute, encoded, failed, request, span, text, with};

const NOW: UnixMs = UnixMs(NOW_S * 1000 + 500);
const EXHAUSTED: &str = "db.connection.pool.exhausted";

/// Durations spread over three orders of magnitude, repeatable.
fn duration_ms(n: u64) -> f64 {
    let unit = (n.wrapping_mul(2_654_435_761) % 10_007) as f64 / 10_007.0;
    10f64.powf(unit * 3.0)
}

fn quantile(durations: &mut [f64], q: f64) -> f64 {
    durations.sort_by(f64::total_cmp);
    durations[((durations.len() as f64 * q).ceil() as usize).max(1) - 1]
}

fn close(found: f64, truth: f64) -> bool {
    (found / truth - 1.0).abs() < 0.012
}

/// 6,000 spans, 100 a second over the last minute; each tenth fails, each fourth ran into an empty pool.
fn filled() -> (Store, Vec<(u64, f64, bool)>) {
    let store = Store::new(StoreLimits::default(), Counted::flags([EXHAUSTED]));
    let mut truth = Vec::new();
    for n in 0..6000u64 {
        let (ago_ms, ms, is_error) = (n * 10, duration_ms(n), n % 10 == 0);
        let mut made =
            with(span(u128::from(n) + 1, 1, "POST /api/checkout", ago_ms, ms), [text("traffic.type", "demo")]);
        if n % 4 == 0 {
            made.attributes.push(attribute(EXHAUSTED, Value::BoolValue(true)));
        }
        if is_error {
            made = failed(made);
        }
        store.ingest_traces(&encoded(&request("frontend", vec![made])), NOW).expect("it is OTLP");
        truth.push((ago_ms, ms, is_error));
    }
    (store, truth)
}

#[test]
fn red_numbers_agree_with_the_truth() {
    let (store, truth) = filled();
    let filter = RedFilter {
        service: Some("frontend".into()),
        from_unix_ms: Some((NOW_S - 30) * 1000),
        to_unix_ms: Some((NOW_S - 1) * 1000),
        ..RedFilter::default()
    };
    // Ended in the thirty seconds before NOW_S: from 10 ms to 30,000 ms ago.
    let mut expected: Vec<_> = truth.iter().filter(|(ago, ..)| (1..=30_000).contains(ago)).collect();
    let rows = store.red(&filter, NOW);
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(row.count, expected.len() as u64);
    assert_eq!(row.errors, expected.iter().filter(|(.., is_error)| *is_error).count() as u64);
    assert!((row.rate_per_minute - 6000.0).abs() < 1.0, "{}", row.rate_per_minute);
    assert!((row.error_rate - 0.1).abs() < 1e-9);
    assert_eq!((row.kind, row.traffic_type.as_deref()), (SpanKind::Server, Some("demo")));
    let mut durations: Vec<f64> = expected.drain(..).map(|(_, ms, _)| *ms).collect();
    for (found, q) in [(row.p50_ms, 0.5), (row.p95_ms, 0.95), (row.p99_ms, 0.99)] {
        let truth = quantile(&mut durations, q);
        assert!(close(found, truth), "q {q}: {found} instead of {truth}");
    }
}

#[test]
fn monitors_measure_the_window_that_ends_now() {
    let (store, truth) = filled();
    let query = |measure, status| Query {
        signal: Signal::Spans {
            filter: SpanFilter { service: Some("frontend".into()), status, ..SpanFilter::default() },
            measure,
        },
        window: Duration::from_secs(5),
        by_traffic_type: true,
    };
    let queries = [
        query(SpanMeasure::Count, None),
        query(SpanMeasure::ErrorRate, None),
        query(SpanMeasure::Share { flag: EXHAUSTED.into() }, None),
        query(SpanMeasure::Share { flag: "never.counted".into() }, None),
        query(SpanMeasure::QuantileMs(Quantile::P95), Some(SpanStatus::Ok)),
        query(SpanMeasure::RatePerMinute, None),
    ];
    let answers = store.measure(&queries, NOW);
    let mut values = Vec::new();
    for samples in &answers {
        assert_eq!(samples.len(), 1);
        assert_eq!(samples[0].group.as_deref(), Some("demo"));
        values.push(samples[0].value);
    }
    // The second under way (its first span ended at its very start) and the four before.
    let seen: Vec<_> = truth.iter().filter(|(ago, ..)| *ago <= 4000).collect();
    assert_eq!(values[0], Some(seen.len() as f64));
    assert!((values[1].expect("a share") - 0.1).abs() < 0.01);
    assert!((values[2].expect("a share") - 0.25).abs() < 0.01);
    assert_eq!(values[3], None, "a flag that nobody announced is not known");
    let mut durations: Vec<f64> = seen.iter().filter(|(.., is_error)| !is_error).map(|(_, ms, _)| *ms).collect();
    assert!(close(values[4].expect("a quantile"), quantile(&mut durations, 0.95)));
    assert!((values[5].expect("a rate") - seen.len() as f64 / 4.5 * 60.0).abs() < 1.0);
}

#[test]
fn measures_over_an_attribute_stand_on_the_spans_that_have_it() {
    const TOKENS: &str = "llm.usage.total_tokens";
    let counted = Counted { numbers: [TOKENS.to_owned()].into(), ..Counted::default() };
    let store = Store::new(StoreLimits::default(), counted);
    let whole = |key, value| attribute(key, Value::IntValue(value));
    // Status and tokens of each request; the one without an answer has no tokens, the one without HTTP no status.
    let made = [
        (Some(200), Some(Value::IntValue(150))),
        (Some(399), Some(Value::DoubleValue(250.5))),
        (Some(400), None),
        (Some(503), Some(Value::StringValue("many".into()))),
        (None, Some(Value::DoubleValue(f64::NAN))),
    ];
    let spans = made.into_iter().enumerate().map(|(n, (status, tokens))| {
        let status = status.map(|status| whole("http.response.status_code", status));
        with(
            span(n as u128 + 1, 1, "POST /x", 10, 1.0),
            status.into_iter().chain(tokens.map(|it| attribute(TOKENS, it))),
        )
    });
    let older = with(span(9, 1, "POST /x", 10, 1.0), [whole("http.status_code", 500)]);
    store.ingest_traces(&encoded(&request("inbox", spans.chain([older]).collect())), NOW).expect("it is OTLP");
    let measured = |measure| {
        let signal = Signal::Spans { filter: SpanFilter::default(), measure };
        let query = Query { signal, window: Duration::from_secs(5), by_traffic_type: false };
        let sample = store.measure(&[query], NOW).remove(0).remove(0);
        (sample.value, sample.count)
    };
    let mean = |attribute: &str| measured(SpanMeasure::Mean { attribute: attribute.to_owned() });
    assert_eq!(measured(SpanMeasure::Count), (Some(6.0), 6));
    assert_eq!(measured(SpanMeasure::HttpErrorRate), (Some(0.6), 5));
    assert_eq!(mean(TOKENS), (Some(200.25), 2));
    assert_eq!(mean("llm.cost_usd"), (None, 0), "a number that nobody announced is not known");
}

#[test]
fn curves_have_a_point_for_each_stretch_and_traffic_type() {
    let (store, _) = filled();
    let filter = RedFilter {
        from_unix_ms: Some((NOW_S - 20) * 1000),
        to_unix_ms: Some((NOW_S - 1) * 1000),
        ..RedFilter::default()
    };
    let points = store.timeline(&filter, 10, NOW);
    let at: Vec<_> = points.iter().map(|point| (point.at_unix_ms / 1000, point.count)).collect();
    assert_eq!(at, [(NOW_S - 20, 1000), (NOW_S - 10, 1000)]);
}

#[test]
fn a_span_counts_in_the_second_it_ended_and_wrong_clocks_count_nowhere() {
    let store = Store::new(StoreLimits::default(), Default::default());
    let mut future = span(1, 1, "a", 0, 1.0);
    future.end_time_unix_nano += 3600 * 1_000_000_000;
    let long_ago = span(2, 1, "a", 5 * 3_600_000, 1.0);
    store
        .ingest_traces(&encoded(&request("s", vec![span(3, 1, "a", 2000, 60_000.0), future, long_ago])), NOW)
        .expect("it is OTLP");
    assert_eq!(store.stats().spans_out_of_time, 2);
    let filter = RedFilter {
        from_unix_ms: Some((NOW_S - 2) * 1000),
        to_unix_ms: Some((NOW_S - 2) * 1000),
        ..RedFilter::default()
    };
    assert_eq!(store.red(&filter, NOW)[0].count, 1);
    assert!(store.trace("00000000000000000000000000000001").is_some(), "the trace itself is kept");
}
