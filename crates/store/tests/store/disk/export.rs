//! A run's files answer as the store did that wrote them.

use std::path::Path;

use detect::{Counted, SpanStatus};
use store::{
    AttributeTest, Comparison, LogSearch, MetricSearch, RedFilter, SpanSearch, Store, StoreError, StoreLimits,
};

use super::shop::{NOW, hex, take_in};

const FLAG: &str = "db.connection.pool.exhausted";

fn filled(limits: StoreLimits, traces: u64) -> Store {
    let store = Store::new(limits, Counted::flags([FLAG]));
    (0..traces).for_each(|n| take_in(&store, n, traces));
    store
}

fn searches() -> Vec<SpanSearch> {
    let all = SpanSearch::default;
    let test =
        |key: &str, comparison, value: &str| vec![AttributeTest { key: key.into(), comparison, value: value.into() }];
    vec![
        all(),
        SpanSearch { limit: Some(7), status: Some(SpanStatus::Error), ..all() },
        SpanSearch { operation: Some("serialize".into()), traffic_type: Some("demo".into()), ..all() },
        SpanSearch { min_duration_ms: Some(100.0), limit: Some(500), ..all() },
        SpanSearch { attributes: test("user.id", Comparison::Equals, "user-17"), ..all() },
        SpanSearch { attributes: test("db.rows_scanned", Comparison::Above, "990"), ..all() },
        SpanSearch { attributes: test("service.name", Comparison::Equals, "nobody"), ..all() },
        SpanSearch { to_unix_ms: Some(NOW.0 - 400), limit: Some(20), ..all() },
    ]
}

fn log_searches() -> Vec<LogSearch> {
    let all = LogSearch::default;
    vec![
        all(),
        LogSearch { text: Some("ORDER 1".into()), limit: Some(1000), ..all() },
        LogSearch { severity_at_least: Some(17), ..all() },
        LogSearch { trace_id: Some(hex(33)), ..all() },
    ]
}

/// Everything that can be asked, of both, must be the same.
fn agree(before: &Store, after: &Store, traces: u64) {
    let at = |store: &Store| {
        let filter = RedFilter { from_unix_ms: Some(NOW.0 - 60_000), to_unix_ms: Some(NOW.0), ..RedFilter::default() };
        let mut red = store.red(&filter, NOW);
        red.sort_by(|a, b| {
            (&a.service, &a.operation, &a.traffic_type).cmp(&(&b.service, &b.operation, &b.traffic_type))
        });
        let mut timeline = store.timeline(&filter, 1, NOW);
        timeline.sort_by(|a, b| (a.at_unix_ms, &a.traffic_type).cmp(&(b.at_unix_ms, &b.traffic_type)));
        (red, store.red_together(&filter, NOW), timeline, store.statements(&filter, NOW))
    };
    let (ours, theirs) = (at(before), at(after));
    assert_eq!(ours.0, theirs.0);
    assert_eq!(ours.1, theirs.1);
    assert_eq!(ours.2, theirs.2);
    assert_eq!(ours.3, theirs.3);
    for search in searches() {
        assert_eq!(before.search(&search), after.search(&search), "{search:?}");
    }
    for search in log_searches() {
        assert_eq!(before.logs(&search), after.logs(&search), "{search:?}");
    }
    for n in (0..traces).step_by(traces as usize / 40) {
        assert_eq!(before.trace(&hex(n)), after.trace(&hex(n)), "trace {n}");
    }
    assert_eq!(before.trace(&hex(traces)), None);
    assert_eq!(after.trace(&hex(traces)), None);
    let metrics = |store: &Store| {
        let mut latest = store.metrics(None, None);
        latest.sort_by(|a, b| a.name.cmp(&b.name));
        let mut series = store.metric_series(&MetricSearch::default());
        series.sort_by(|a, b| a.name.cmp(&b.name));
        (latest, series)
    };
    assert_eq!(metrics(before), metrics(after));
}

#[test]
fn a_run_that_is_opened_answers_as_it_did() {
    let before = filled(StoreLimits::default(), 1500);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let exported = before.export(folder.path()).expect("a writable folder");
    assert_eq!((exported.spans, exported.logs, exported.metric_points), (4500, 1500, 3000));
    assert_eq!(exported.files, ["spans.parquet", "logs.parquet", "metrics.parquet"]);
    let bytes: u64 = exported.files.iter().map(|file| size(&folder.path().join(file))).sum();
    assert_eq!(exported.bytes, bytes);
    assert_eq!(std::fs::read_dir(folder.path()).expect("it is there").count(), 3, "nothing unfinished is left");

    let after = Store::open_run(folder.path(), StoreLimits::default(), Counted::flags([FLAG])).expect("our own");
    assert_eq!(after.latest_unix_ms(), before.latest_unix_ms());
    agree(&before, &after, 1500);
    let stats = after.stats();
    assert_eq!((stats.spans_received, stats.spans_kept, stats.spans_on_disk), (4500, 4500, 0));
}

#[test]
fn what_has_no_room_in_memory_is_answered_from_the_files_and_nothing_counts_twice() {
    let before = filled(StoreLimits::default(), 12_000);
    let folder = tempfile::tempdir().expect("a temporary folder");
    before.export(folder.path()).expect("a writable folder");
    let tight = StoreLimits { budget_bytes: 4 << 20 };
    let after = Store::open_run(folder.path(), tight, Counted::flags([FLAG])).expect("our own");
    let stats = after.stats();
    assert!(stats.bytes_kept <= stats.budget_bytes, "{stats:?}");
    assert!((10_000..36_000).contains(&stats.spans_on_disk), "{stats:?}");
    assert_eq!((stats.spans_kept, stats.logs_kept, stats.spans_evicted), (36_000, 12_000, 0));
    for n in (0..12_000).step_by(397) {
        assert_eq!(before.trace(&hex(n)), after.trace(&hex(n)), "trace {n}");
    }
    for search in searches() {
        assert_eq!(before.search(&search), after.search(&search), "{search:?}");
    }
    for search in log_searches() {
        assert_eq!(before.logs(&search), after.logs(&search), "{search:?}");
    }
    // And once more to a file: every row of memory and file once.
    let second = tempfile::tempdir().expect("a temporary folder");
    let exported = after.export(second.path()).expect("a writable folder");
    assert_eq!((exported.spans, exported.logs, exported.metric_points), (36_000, 12_000, 24_000));
    let again = Store::open_run(second.path(), StoreLimits::default(), Counted::flags([FLAG])).expect("our own");
    agree(&before, &again, 12_000);
}

#[test]
fn an_empty_store_makes_files_that_can_be_opened() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let exported = Store::new(StoreLimits::default(), Default::default()).export(folder.path()).expect("writable");
    assert_eq!((exported.spans, exported.files.len()), (0, 3));
    let store = Store::open_run(folder.path(), StoreLimits::default(), Default::default()).expect("our own");
    assert!(store.search(&SpanSearch::default()).is_empty());
    assert_eq!(store.latest_unix_ms().0, 0);
}

#[test]
fn a_folder_that_is_not_there_or_not_a_runs_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = filled(StoreLimits::default(), 1);
    let error = store.export(&folder.path().join("nowhere")).expect_err("it is not there");
    assert!(error.to_string().contains("nowhere") && error.is_missing(), "{error}");
    let error = Store::open_run(folder.path(), StoreLimits::default(), Default::default()).expect_err("it is empty");
    assert!(error.to_string().contains("metrics.parquet") && error.is_missing(), "{error}");
    store.export(folder.path()).expect("a writable folder");
    std::fs::copy(folder.path().join("spans.parquet"), folder.path().join("logs.parquet")).expect("writable");
    let error = Store::open_run(folder.path(), StoreLimits::default(), Default::default()).expect_err("mixed up");
    assert!(matches!(error, StoreError::Foreign { table: "logs", .. }), "{error}");
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).expect("it was written").len()
}
