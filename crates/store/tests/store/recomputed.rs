//! Aggregates against what is computed anew from all spans, over any window, whatever order the spans came in.
//!
//! Minutes are added up when somebody first asks; here somebody asks after every batch, so that late spans find their
//! minute added up already.

use std::collections::BTreeMap;

use detect::{SpanFilter, UnixMs};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use proptest::collection::vec;
use proptest::prelude::*;
use store::{RedFilter, Store, StoreLimits};

use crate::otlp::{NOW_S, attribute, encoded, failed, request, span, text, with};

const NOW: UnixMs = UnixMs(NOW_S * 1000 + 999);
const SERVICES: [&str; 2] = ["frontend", "catalog"];
const OPERATIONS: [&str; 3] = ["GET /", "POST /api/checkout", "SELECT products"];
const TRAFFIC: [Option<&str>; 3] = [None, Some("baseline"), Some("demo")];
const INDEXES: [&str; 2] = ["NONE", "products_pkey"];

/// What one span is.
#[derive(Debug, Clone)]
struct Made {
    service: usize,
    operation: usize,
    traffic: usize,
    is_error: bool,
    /// Before [`NOW`]'s second.
    ended_ms_ago: u64,
    duration_us: u64,
    /// Index used and rows scanned, of a statement.
    statement: Option<(usize, Option<u32>)>,
}

impl Made {
    fn ended_s(&self) -> u64 {
        (NOW_S * 1000 - self.ended_ms_ago) / 1000
    }

    fn ms(&self) -> f64 {
        self.duration_us as f64 / 1000.0
    }

    fn span(&self, n: u64) -> Span {
        let (name, ms) = (OPERATIONS[self.operation], self.ms());
        let mut made = with(
            span(u128::from(n) + 1, n + 1, name, self.ended_ms_ago, ms),
            TRAFFIC[self.traffic].map(|traffic| text("traffic.type", traffic)),
        );
        made.start_time_unix_nano = made.end_time_unix_nano - self.duration_us * 1000;
        if let Some((index, rows)) = self.statement {
            made.attributes.push(text("db.system.name", "postgresql"));
            made.attributes.push(text("db.query.text", "SELECT 1"));
            made.attributes.push(text("db.index_used", INDEXES[index]));
            made.attributes.extend(rows.map(|rows| attribute("db.rows_scanned", Value::IntValue(rows.into()))));
        }
        if self.is_error { failed(made) } else { made }
    }
}

fn made() -> impl Strategy<Value = Made> {
    let duration = prop_oneof![1..1000u64, 1000..1_000_000u64, 1_000_000..100_000_000u64];
    let statement = proptest::option::of((0..2usize, proptest::option::of(0..100_000u32)));
    (0..2usize, 0..3usize, 0..3usize, any::<bool>(), 0..300_000u64, duration, statement).prop_map(
        |(service, operation, traffic, is_error, ended_ms_ago, duration_us, statement)| Made {
            service,
            operation,
            traffic,
            is_error,
            ended_ms_ago,
            duration_us,
            statement,
        },
    )
}

/// A window and what it is narrowed to.
fn filter() -> impl Strategy<Value = RedFilter> {
    let moment = || proptest::option::weighted(0.9, 0..330_000u64);
    let narrowed = (proptest::option::of(0..2usize), proptest::option::of(0..3usize), proptest::option::of(1..3usize));
    (moment(), moment(), narrowed).prop_map(|(from, to, (service, operation, traffic))| {
        let at = |ago: u64| (NOW_S * 1000 + 20_000) - ago;
        let (from, to) = (from.map(at), to.map(at));
        let (from, to) = if from.zip(to).is_some_and(|(from, to)| from > to) { (to, from) } else { (from, to) };
        RedFilter {
            service: service.map(|at| SERVICES[at].to_owned()),
            operation: operation.map(|at| OPERATIONS[at].to_owned()),
            traffic_type: traffic.and_then(|at| TRAFFIC[at]).map(str::to_owned),
            kind: None,
            from_unix_ms: from,
            to_unix_ms: to,
        }
    })
}

/// The spans of a window, the slow way.
fn seen<'a>(all: &'a [Made], filter: &RedFilter) -> Vec<&'a Made> {
    let to = filter.to_unix_ms.unwrap_or(NOW.0);
    let from = filter.from_unix_ms.unwrap_or(to - 59_000);
    let narrowed = SpanFilter {
        service: filter.service.clone(),
        operation: filter.operation.clone(),
        traffic_type: filter.traffic_type.clone(),
        ..SpanFilter::default()
    };
    all.iter()
        .filter(|made| (from / 1000..=to / 1000).contains(&made.ended_s()))
        .filter(|made| narrowed.service.as_ref().is_none_or(|service| SERVICES[made.service] == service))
        .filter(|made| narrowed.operation.as_ref().is_none_or(|operation| OPERATIONS[made.operation] == operation))
        .filter(|made| narrowed.traffic_type.as_deref().is_none_or(|traffic| TRAFFIC[made.traffic] == Some(traffic)))
        .collect()
}

fn errors(spans: &[&Made]) -> u64 {
    spans.iter().filter(|made| made.is_error).count() as u64
}

/// Nearest rank, within what a bucket's middle may be off.
fn is_quantile(found: f64, spans: &[&Made], q: f64) -> bool {
    let mut durations: Vec<f64> = spans.iter().map(|made| made.ms()).collect();
    durations.sort_by(f64::total_cmp);
    let truth = durations[((durations.len() as f64 * q).ceil() as usize).max(1) - 1];
    (found / truth - 1.0).abs() < 0.02
}

fn grouped<'a, G: Ord>(spans: &[&'a Made], group: impl Fn(&Made) -> G) -> BTreeMap<G, Vec<&'a Made>> {
    let mut groups: BTreeMap<G, Vec<&Made>> = BTreeMap::new();
    for made in spans {
        groups.entry(group(made)).or_default().push(made);
    }
    groups
}

fn check(store: &Store, all: &[Made], filter: &RedFilter, step_s: u64) -> Result<(), TestCaseError> {
    let spans = seen(all, filter);

    let rows = store.red(filter, NOW);
    let expected = grouped(&spans, |made| (SERVICES[made.service], OPERATIONS[made.operation], TRAFFIC[made.traffic]));
    prop_assert_eq!(rows.len(), expected.len());
    for row in &rows {
        let key = (row.service.as_str(), row.operation.as_str(), row.traffic_type.as_deref());
        let of_row = expected.get(&key).expect("a row for each group");
        prop_assert_eq!((row.count, row.errors), (of_row.len() as u64, errors(of_row)));
        for (found, q) in [(row.p50_ms, 0.5), (row.p95_ms, 0.95), (row.p99_ms, 0.99)] {
            prop_assert!(is_quantile(found, of_row, q), "{found} at {q}: {of_row:?}");
        }
    }

    let together = store.red_together(filter, NOW);
    prop_assert_eq!((together.count, together.errors), (spans.len() as u64, errors(&spans)));
    prop_assert!(spans.is_empty() || is_quantile(together.p95_ms, &spans, 0.95));

    let points = store.timeline(filter, step_s, NOW);
    let step = step_s.max(1);
    let expected = grouped(&spans, |made| (TRAFFIC[made.traffic], made.ended_s() - made.ended_s() % step));
    prop_assert_eq!(points.len(), expected.len());
    for point in &points {
        let of_point = expected.get(&(point.traffic_type.as_deref(), point.at_unix_ms / 1000)).expect("a point each");
        prop_assert_eq!(point.count, of_point.len() as u64);
        let rate = errors(of_point) as f64 / of_point.len() as f64;
        prop_assert!((point.error_rate - rate).abs() < 1e-9);
        prop_assert!(is_quantile(point.p95_ms, of_point, 0.95));
    }

    let asked: Vec<&Made> = spans.iter().copied().filter(|made| made.statement.is_some()).collect();
    let index = |made: &Made| made.statement.map(|(index, _)| INDEXES[index]);
    let key = |made: &Made| (SERVICES[made.service], OPERATIONS[made.operation], TRAFFIC[made.traffic], index(made));
    let expected = grouped(&asked, key);
    let statements = store.statements(filter, NOW);
    prop_assert_eq!(statements.len(), expected.len());
    for one in &statements {
        let key =
            (one.service.as_str(), one.operation.as_str(), one.traffic_type.as_deref(), one.index_used.as_deref());
        let of_one = expected.get(&key).expect("a statement for each group");
        prop_assert_eq!((one.calls, one.errors), (of_one.len() as u64, errors(of_one)));
        prop_assert!(
            (one.total_ms - of_one.iter().map(|made| made.ms()).sum::<f64>()).abs() < 1e-6 * one.total_ms.max(1.0)
        );
        let rows: Vec<f64> = of_one.iter().filter_map(|made| Some(f64::from(made.statement?.1?))).collect();
        let mean = (!rows.is_empty()).then(|| rows.iter().sum::<f64>() / rows.len() as f64);
        prop_assert_eq!(one.rows_scanned.is_some(), mean.is_some());
        prop_assert!(
            one.rows_scanned.zip(mean).is_none_or(|(found, mean)| (found - mean).abs() < 1e-6 * mean.max(1.0))
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_agrees_with_all_spans_looked_at_anew(
        batches in vec(vec(made(), 1..80), 1..6),
        questions in vec((filter(), prop_oneof![Just(1u64), Just(7), Just(60), Just(120), 0..400u64]), 2..6),
    ) {
        let store = Store::new(StoreLimits::default(), Default::default());
        let mut all: Vec<Made> = Vec::new();
        for batch in batches {
            for (n, made) in batch.iter().enumerate() {
                let span = made.span((all.len() + n) as u64);
                store.ingest_traces(&encoded(&request(SERVICES[made.service], vec![span])), NOW).expect("OTLP");
            }
            all.extend(batch);
            // The whole hour first: that adds up every minute there is.
            let hour = RedFilter { from_unix_ms: Some(NOW.0 - 3_600_000), ..RedFilter::default() };
            check(&store, &all, &hour, 60)?;
            for (filter, step_s) in &questions {
                check(&store, &all, filter, *step_s)?;
            }
        }
        prop_assert_eq!(store.stats().spans_out_of_time, 0);
    }
}

#[test]
fn windows_that_make_no_sense_are_empty_and_harm_nobody() {
    let store = Store::new(StoreLimits::default(), Default::default());
    store.ingest_traces(&encoded(&request("s", vec![span(1, 1, "a", 0, 1.0)])), NOW).expect("OTLP");
    let moments =
        [None, Some(0), Some(999), Some(NOW.0 - 60_000), Some(NOW.0), Some(NOW.0 + 3_600_000), Some(u64::MAX)];
    for from_unix_ms in moments {
        for to_unix_ms in moments {
            let filter = RedFilter { from_unix_ms, to_unix_ms, ..RedFilter::default() };
            let is_within = from_unix_ms.is_some_and(|from| from <= NOW.0) && to_unix_ms.is_none_or(|to| to >= NOW.0);
            let counted = store.red_together(&filter, NOW);
            assert!(counted.rate_per_minute.is_finite(), "{filter:?}");
            assert!(!is_within || counted.count == 1, "{filter:?}");
            for step_s in [0, 1, 60, u64::MAX] {
                store.timeline(&filter, step_s, NOW);
            }
            store.statements(&filter, NOW);
            store.red(&filter, NOW);
        }
    }
    for now in [UnixMs(0), UnixMs(1000), UnixMs(u64::MAX)] {
        store.red(&RedFilter::default(), now);
        store.timeline(&RedFilter::default(), 60, now);
    }
}

#[test]
fn the_first_minute_of_1970_counts_once() {
    let store = Store::new(StoreLimits::default(), Default::default());
    let now = UnixMs(125_000);
    for second in 0..125 {
        let mut made = span(second as u128 + 1, 1, "a", 0, 1.0);
        (made.start_time_unix_nano, made.end_time_unix_nano) = (second * 1_000_000_000, second * 1_000_000_000);
        store.ingest_traces(&encoded(&request("s", vec![made])), now).expect("OTLP");
    }
    let all = RedFilter { from_unix_ms: Some(0), ..RedFilter::default() };
    assert_eq!(store.red_together(&all, now).count, 125);
}

#[test]
fn a_silence_of_days_costs_nothing() {
    let store = Store::new(StoreLimits::default(), Default::default());
    let send = |trace: u128, at_s: u64| {
        let mut made = span(trace, 1, "a", 0, 0.0);
        (made.start_time_unix_nano, made.end_time_unix_nano) = (at_s * 1_000_000_000, at_s * 1_000_000_000);
        store.ingest_traces(&encoded(&request("s", vec![made])), UnixMs(at_s * 1000)).expect("OTLP");
    };
    send(1, 1_000_000);
    // Forty years: second by second that would be gigabytes.
    send(2, NOW_S);
    assert_eq!(store.stats().oldest_second_unix_ms, NOW_S * 1000);
    assert_eq!(store.red_together(&RedFilter::default(), NOW).count, 1);
}
