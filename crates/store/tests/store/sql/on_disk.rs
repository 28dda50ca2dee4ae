//! Questions find what was moved to disk as if it were in memory still.

use std::time::Duration;

use serde_json::json;
use store::{DiskLimits, SqlError, SqlLimits, Store, StoreLimits};

use super::{ask, rows};
use crate::disk::shop::{NOW, hex, take_in};

const TRACES: u64 = 6000;

fn questions() -> Vec<String> {
    let trace = hex(17);
    [
        "SELECT service, status, count(*), sum(duration_ms) FROM spans GROUP BY 1, 2 ORDER BY 1, 2",
        "SELECT count(*), min(start_unix_ms), max(end_unix_ms), count(DISTINCT trace_id) FROM spans",
        "SELECT name, p50(duration_ms), p95(duration_ms) FROM spans GROUP BY name ORDER BY name",
        "SELECT * FROM spans ORDER BY duration_ms DESC, span_id LIMIT 20",
        "SELECT traffic_type, kind, count(*) FROM spans WHERE traffic_type IN ('demo', 'nobody') GROUP BY 1, 2",
        "SELECT count(*), sum(\"db.rows_scanned\"), max(\"ratio\") FROM spans WHERE \"db.system.name\" = 'postgresql'",
        "SELECT span_id, \"user.id\" FROM spans WHERE \"user.id\" = 'user-5' OR \"user.id\" = 'user-5999' ORDER BY 2",
        "SELECT count(*) FROM spans WHERE \"db.rows_scanned\" BETWEEN 100 AND 120 AND \"user.id\" IS NOT NULL",
        "SELECT count(*) FROM spans WHERE \"user.id\" IS NULL AND traffic_type IS NULL",
        "SELECT name, attributes, resource, events, trace_state, parent_span_id FROM spans WHERE trace_id = '$TRACE'
         ORDER BY span_id",
        "SELECT count(*) FROM spans WHERE trace_id = '$TRACE' OR name = 'serialize'",
        "SELECT parent.name, child.name FROM spans child JOIN spans parent
         ON parent.trace_id = child.trace_id AND parent.span_id = child.parent_span_id
         WHERE child.trace_id = '$TRACE' ORDER BY 2",
        "SELECT minute, count(*) FROM spans WHERE status = 'error' GROUP BY minute ORDER BY minute",
        "SELECT count(*), max(body), min(time), count(DISTINCT trace_id) FROM logs WHERE severity_number >= 0",
        "SELECT body, attributes, resource FROM logs WHERE trace_id = '$TRACE'",
        "SELECT name, kind, unit, temporality, count(*), sum(value), sum(count), sum(sum), max(detail), max(attributes)
         FROM metrics GROUP BY 1, 2, 3, 4 ORDER BY 1",
    ]
    .map(|question| question.replace("$TRACE", &trace))
    .into()
}

fn filled(store: &Store) {
    for n in 0..TRACES {
        take_in(store, n, TRACES);
        if n.is_multiple_of(20) {
            store.maintain(NOW);
        }
    }
}

fn in_memory() -> Store {
    let store = Store::new(StoreLimits::default(), Default::default());
    filled(&store);
    assert_eq!(store.stats().spans_on_disk, 0);
    store
}

const TIGHT: StoreLimits = StoreLimits { budget_bytes: 3 << 20 };

#[test]
fn rows_on_disk_and_in_memory_are_one_table() {
    let parent = tempfile::tempdir().expect("a temporary folder");
    let store = Store::spilling(TIGHT, Default::default(), parent.path(), DiskLimits::default()).expect("writable");
    filled(&store);
    let stats = store.stats();
    assert!(stats.spans_on_disk > TRACES && stats.spans_on_disk < stats.spans_kept, "{stats:?}");
    let truth = in_memory();
    for question in questions() {
        assert_eq!(rows(&store, &question), rows(&truth, &question), "{question}");
    }
    assert_eq!(rows(&store, "SELECT count(DISTINCT rowid) = count(*) FROM spans"), json!([[1]]));
}

#[test]
fn what_an_earlier_process_left_is_asked_with_keys_that_this_one_never_saw() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let open = || Store::open_data(TIGHT, Default::default(), folder.path(), DiskLimits::default(), NOW);
    let (store, _) = open().expect("writable");
    filled(&store);
    store.close(NOW).expect("writable");
    drop(store);
    let (store, recovered) = open().expect("readable");
    assert_eq!(recovered.spans, 3 * TRACES);
    let truth = in_memory();
    for question in questions() {
        assert_eq!(rows(&store, &question), rows(&truth, &question), "{question}");
    }
}

#[test]
fn files_are_read_within_the_bounds_of_a_question() {
    let parent = tempfile::tempdir().expect("a temporary folder");
    let store = Store::spilling(TIGHT, Default::default(), parent.path(), DiskLimits::default()).expect("writable");
    filled(&store);
    let limits = SqlLimits { time: Duration::ZERO, ..SqlLimits::default() };
    assert_eq!(store.sql("SELECT count(*) FROM spans", limits), Err(SqlError::TooLong(Duration::ZERO)));
    let limits = SqlLimits { memory_bytes: 200 << 10, ..SqlLimits::default() };
    assert_eq!(store.sql("SELECT count(*) FROM spans", limits), Err(SqlError::TooMuch(200 << 10)));
    assert_eq!(ask(&store, "SELECT count(*) FROM spans").rows, [[json!(3 * TRACES)]]);
}
