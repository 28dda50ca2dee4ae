//! What may not be asked, what costs too much, and what is said about mistakes.

use std::time::{Duration, Instant};

use serde_json::json;
use store::{SqlError, SqlLimits};

use super::{refused, rows, shop};

#[test]
fn whoever_changes_something_is_told_that_this_is_for_reading() {
    let store = shop();
    for question in [
        "DELETE FROM spans",
        "INSERT INTO spans(service) VALUES ('x')",
        "UPDATE spans SET service = 'x'",
        "CREATE TABLE t(a)",
        "CREATE TEMP TABLE t AS SELECT * FROM spans",
        "CREATE VIEW v AS SELECT 1",
        "CREATE VIRTUAL TABLE t USING fts5(a)",
        "DROP TABLE spans",
        "ATTACH '/tmp/doorbuster-should-not-be-there.db' AS other",
        "DETACH main",
        "PRAGMA temp_store = file",
        "PRAGMA hard_heap_limit = 0",
        "VACUUM",
        "VACUUM INTO '/tmp/doorbuster-should-not-be-there.db'",
        "BEGIN",
        "COMMIT",
        "SAVEPOINT a",
        "REINDEX",
        "ANALYZE",
        "",
        "  -- nothing\n",
    ] {
        let error = refused(&store, question);
        assert!(matches!(error, SqlError::ReadOnly(_)), "{question}: {error:?}");
    }
    assert!(!std::path::Path::new("/tmp/doorbuster-should-not-be-there.db").exists());
    assert_eq!(rows(&store, "SELECT count(*) FROM spans"), json!([[2500]]));
}

#[test]
fn what_reads_files_or_sqlites_inside_is_not_there() {
    let store = shop();
    for question in [
        "SELECT load_extension('/tmp/x.so')",
        "SELECT readfile('/etc/passwd')",
        "SELECT writefile('/tmp/x', 'y')",
        "SELECT fts3_tokenizer('simple')",
        "SELECT sqlite_version()",
        "SELECT * FROM sqlite_schema",
        "SELECT * FROM pragma_database_list",
        "SELECT * FROM dbstat",
        "SELECT count(*) FROM dbstat",
        "SELECT count(*) FROM sqlite_schema",
        "SELECT count(*) FROM main.SQLITE_MASTER",
        "SELECT count(*) FROM pragma_module_list",
        "SELECT * FROM sqlite_temp_master",
        "SELECT * FROM pragma_table_info('spans')",
        "SELECT 1; SELECT 2",
        "SELECT ?",
        "SELECT edit('x')",
    ] {
        let error = refused(&store, question);
        assert!(matches!(error, SqlError::Mistake(_) | SqlError::ReadOnly(_)), "{question}: {error:?}");
    }
}

#[test]
fn a_mistake_comes_with_its_remedy() {
    let store = shop();
    let table = [
        ("SELECT servce FROM spans", "no such column: servce; did you mean `service`?"),
        ("SELECT s.durations_ms FROM spans s", "no such column: s.durations_ms; did you mean `duration_ms`?"),
        ("SELECT \"db.indx_used\" FROM spans", "did you mean \"db.index_used\"?"),
        ("SELECT db.index_used FROM spans", "an attribute stands in double quotes: \"db.index_used\""),
        ("SELECT count(*) FROM spans WHERE service = \"frontend\"", "texts stand in single quotes"),
        ("SELECT zzz FROM logs", "logs has time_unix_ms, time, service"),
        ("SELECT * FROM span", "there is no table `span`; did you mean `spans`?"),
        ("SELECT * FROM traces", "there are spans, logs and metrics"),
        ("SELECT quantile(duration_ms) FROM spans", "there is no function `quantile`"),
        ("SELECT percentil(duration_ms, 5) FROM spans", "did you mean `percentile`?"),
        ("SELECT count(*)\nFORM spans", "near \"spans\": syntax error, line 2, character 6"),
        ("SELECT percentile(duration_ms, 950) FROM spans", "p from 0 to 100"),
        ("SELECT bucket(start_unix_ms, 0) FROM spans", "seconds above zero"),
        ("SELECT name REGEXP '(' FROM spans", "unclosed group"),
        ("SELECT p95(name) FROM spans", "percentiles are of numbers"),
        ("SELECT 1; SELECT 2", "one question at a time"),
        ("SELECT 1; DELETE FROM spans", "only SELECT is taken"),
        ("SELECT sum(count(*)) FROM spans", "misuse of aggregate"),
    ];
    for (question, expected) in table {
        let error = refused(&store, question).to_string();
        assert!(error.contains(expected), "{question}: {error}");
    }
}

#[test]
fn a_question_without_end_is_interrupted() {
    let store = shop();
    let limits = SqlLimits { time: Duration::from_millis(200), ..SqlLimits::default() };
    for question in [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        "SELECT count(*) FROM spans a, spans b, spans c",
        "SELECT count(*) FROM spans a JOIN spans b ON a.attributes LIKE '%' || b.name || '%'",
        "SELECT max(a.attributes || b.attributes || c.attributes) FROM spans a, spans b, spans c",
    ] {
        let began = Instant::now();
        match store.sql(question, limits) {
            Err(SqlError::TooLong(_)) => assert!(began.elapsed() < Duration::from_secs(5), "{question}"),
            other => panic!("{question}: {other:?}"),
        }
    }
    assert_eq!(rows(&store, "SELECT 1"), json!([[1]]), "the next question is answered");
}

#[test]
fn an_answer_without_end_is_cut_and_says_so() {
    let store = shop();
    let limits = |rows| SqlLimits { rows, ..SqlLimits::default() };
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    let answer = store.sql(endless, limits(100)).expect("an answer");
    assert_eq!((answer.rows.len(), answer.is_cut), (100, true));
    let answer = store.sql("SELECT * FROM spans", limits(2500)).expect("an answer");
    assert_eq!((answer.rows.len(), answer.is_cut), (2500, false), "exactly as many as allowed are not cut");
}

#[test]
fn a_question_that_takes_too_much_memory_is_ended() {
    let store = shop();
    let limits = SqlLimits { memory_bytes: 4 << 20, rows: usize::MAX, ..SqlLimits::default() };
    for question in [
        // SQLite's sorter, SQLite's hash of a DISTINCT, our percentiles, texts made long, and the answer itself.
        "SELECT * FROM spans a, spans b ORDER BY a.attributes || b.attributes",
        "SELECT count(*) FROM (SELECT DISTINCT a.span_id || b.span_id FROM spans a, spans b)",
        "SELECT p95(a.duration_ms + b.duration_ms) FROM spans a, spans b",
        "SELECT group_concat(hex(zeroblob(1000000))) FROM spans",
        "SELECT a.attributes FROM spans a, spans b",
        "WITH RECURSIVE n(t) AS (SELECT 'x' UNION ALL SELECT t || t FROM n) SELECT t FROM n",
    ] {
        match store.sql(question, limits) {
            Err(SqlError::TooMuch(_)) => {}
            Err(SqlError::Mistake(words)) if words.contains("longer than 4 MiB") => {}
            other => panic!("{question}: {:?}", other.map(|answer| answer.rows.len())),
        }
    }
    assert_eq!(rows(&store, "SELECT 1"), json!([[1]]), "the next question is answered");
}
