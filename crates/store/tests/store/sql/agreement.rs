//! Conditions, orders and indexes of ours against SQLite, which would find the same without them.

use std::time::{Duration, Instant};

use serde_json::json;
use store::{Store, StoreLimits};

use super::{rows, send, shop};
use crate::otlp::{span, text, with};

#[test]
fn every_condition_that_is_tested_before_sqlite_sees_the_row_agrees_with_sqlite() {
    let store = shop();
    let conditions = [
        "service = 'frontend'",
        "service = 'FRONTEND' COLLATE NOCASE",
        "service IN ('frontend', 'nobody', NULL)",
        "service = 'nobody'",
        "service = NULL",
        "service = 5",
        "service <> 'frontend'",
        "traffic_type IS NULL",
        "traffic_type IS NOT NULL",
        "traffic_type IS 'demo'",
        "status = 'error'",
        "status IN ('error', 'ok')",
        "kind = 'client' AND duration_ms > 100",
        "duration_ms >= 500",
        "duration_ms = 500",
        "duration_ms < 0.5",
        "duration_ms > '5'",
        "duration_ms BETWEEN 10 AND 10.5",
        "start_unix_ms >= 1799999999000",
        "start_unix_ms < 1799999970000.5",
        "second = 1799999970",
        "minute <= 1799999940",
        "minute > 1799999940",
        "parent_span_id IS NULL",
        "parent_span_id = '000000000000000b'",
        "span_id IN ('000000000000000b', '000000000000000c', 'zz')",
        "trace_id = '00000000000000010000000000000007'",
        "trace_id IN ('00000000000000010000000000000007', '00000000000000020000000000000007')",
        "trace_id = 'zz'",
        "trace_id > '00000000000003e00000000000000007'",
        "name = 'POST /api/checkout' AND traffic_type = 'demo' AND status = 'error'",
    ];
    for condition in conditions {
        let counted = rows(&store, &format!("SELECT count(*) FROM spans WHERE {condition}"));
        // `NOT INDEXED` is not for virtual tables; a unary plus and a subquery keep SQLite from handing anything down.
        let kept_back = rows(
            &store,
            &format!("SELECT count(*) FROM (SELECT *, second, minute FROM spans LIMIT -1 OFFSET 0) WHERE {condition}"),
        );
        assert_eq!(counted, kept_back, "{condition}");
    }
}

#[test]
fn every_order_that_is_made_before_sqlite_sees_the_rows_agrees_with_sqlite() {
    let store = shop();
    let orders = [
        "service, name, start_unix_ms",
        "service DESC, duration_ms, span_id",
        "traffic_type, status, kind DESC, duration_ms DESC",
        "trace_id",
        "trace_id DESC",
        "start_time DESC",
        "minute, service DESC",
        "parent_span_id, span_id",
        "duration_ms DESC",
        "kind, service",
    ];
    for order in orders {
        let columns = order.replace(" DESC", "");
        let ours = rows(&store, &format!("SELECT {columns} FROM spans ORDER BY {order}"));
        let theirs = rows(
            &store,
            &format!("SELECT {columns} FROM (SELECT *, second, minute FROM spans LIMIT -1 OFFSET 0) ORDER BY {order}"),
        );
        assert_eq!(ours, theirs, "{order}");
        let first = rows(&store, &format!("SELECT {columns} FROM spans ORDER BY {order} LIMIT 7 OFFSET 2"));
        assert_eq!(first.as_array().expect("rows")[..], theirs.as_array().expect("rows")[2..9], "{order}");
    }
}

#[test]
fn a_trace_is_found_by_its_id_and_parents_by_their_children() {
    let store = shop();
    let of_trace = "SELECT service, name, parent_span_id IS NULL AS is_root FROM spans
                    WHERE trace_id = '00000000000000050000000000000007' ORDER BY span_id";
    assert_eq!(
        rows(&store, of_trace),
        json!([
            ["frontend", "POST /api/checkout", 1],
            ["catalog", "GET /products", 0],
            ["catalog", "SELECT products", 0]
        ])
    );
    let slowest = "SELECT parent.service, child.name, count(*), max(child.duration_ms) FROM spans child
                   JOIN spans parent ON parent.trace_id = child.trace_id AND parent.span_id = child.parent_span_id
                   GROUP BY 1, 2 ORDER BY 1";
    let began = Instant::now();
    assert_eq!(
        rows(&store, slowest),
        json!([["catalog", "SELECT products", 750, 249.75], ["frontend", "GET /products", 750, 499.5]])
    );
    assert!(began.elapsed() < Duration::from_secs(5), "the join goes through the index of traces");
    let plan = rows(&store, &format!("EXPLAIN QUERY PLAN {slowest}")).to_string();
    assert!(plan.contains("0= 1="), "trace and span of the parent are handed down: {plan}");
}

#[test]
fn spans_that_come_while_a_question_runs_disturb_nobody() {
    let store = shop();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for n in 0..2000u64 {
                let made = span(5u128 << 64 | 7, 900_000 + n, "late", 0, 1.0);
                send(&store, "late", vec![made]);
            }
        });
        while !writer.is_finished() {
            let found = rows(
                &store,
                "SELECT (SELECT count(*) FROM spans WHERE trace_id = '00000000000000050000000000000007')
                      - (SELECT count(*) FROM spans WHERE service = 'late'), count(*) >= 2500 FROM spans",
            );
            assert_eq!(found, json!([[3, 1]]), "the index shows what the snapshot has");
        }
    });
    assert_eq!(rows(&store, "SELECT count(*) FROM spans WHERE name = 'late'"), json!([[2000]]));
}

#[test]
fn an_attribute_named_like_a_column_takes_nothing_from_it() {
    let store = Store::new(StoreLimits::default(), Default::default());
    let odd = ["name", "NAME", "a \"quoted\" key", "rowid", "x; DROP TABLE spans", "\u{1}0", "ключ", "select"];
    let made = with(span(1, 1, "the span", 0, 1.0), odd.map(|key| text(key, "attribute")));
    send(&store, "s", vec![made]);
    assert_eq!(
        rows(
            &store,
            "SELECT name, \"a \"\"quoted\"\" key\", \"ключ\", \"select\", attr(attributes, 'name') FROM spans"
        ),
        json!([["the span", "attribute", "attribute", "attribute", "attribute"]])
    );
}
