//! Statements and pools, against a real PostgreSQL.

use crate::support::{DEADLINE, described, has_each_key_once, in_trace, named, spans};
use opentelemetry::trace::Status;
use sqlx::postgres::PgPoolOptions;
use std::time::Duration;
use telemetry::attr;
use telemetry::capture::{self, SpanData, attribute};
use telemetry::sql::{Pool, SqlError, Statement};

const NUMBERS: Statement =
    Statement::new("SELECT", "numbers", "SELECT numbers", "SELECT n FROM generate_series(1, $1) AS numbers(n)");
const SLEEP: Statement = Statement::new("SELECT", "pg_sleep", "SELECT pg_sleep", "SELECT pg_sleep($1)");
const BROKEN: Statement = Statement::new("SELECT", "nothing", "SELECT nothing", "SELECT * FROM nothing");

async fn pool(name: &'static str, connections: u32, timeout: Duration) -> Pool {
    let url = testbed::postgres().await.create_database().await;
    let options = PgPoolOptions::new().max_connections(connections).acquire_timeout(timeout).test_before_acquire(false);
    Pool::new(name, options.connect(&url).await.unwrap())
}

async fn numbers(pool: &Pool, up_to: i32) -> Result<Vec<i32>, SqlError> {
    let mut query = pool.start(&NUMBERS).await?;
    query.set(attr::DB_INDEX_USED, "first");
    query.set(attr::DB_INDEX_USED, "second");
    let result = sqlx::query_scalar(NUMBERS.text).bind(up_to).fetch_all(query.connection()).await;
    query.finish(result, Vec::len)
}

fn number(span: &SpanData, key: &str) -> f64 {
    attribute(span, key).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_statement_makes_a_client_span_with_both_generations_of_names() {
    let capture = capture::start();
    let pool = pool("golden", 1, DEADLINE).await;
    let (rows, trace_id) = in_trace(numbers(&pool, 3)).await;
    assert_eq!(rows.unwrap(), [1, 2, 3]);
    let spans = spans(&capture, &trace_id, 2).await;
    let span = named(&spans, "SELECT numbers");
    assert!(has_each_key_once(span), "{span:#?}");
    insta::assert_snapshot!("span_of_a_statement", described(span));
}

#[tokio::test]
async fn a_failed_statement_carries_the_sqlstate() {
    let capture = capture::start();
    let pool = pool("failing", 1, DEADLINE).await;
    let work = async {
        let mut query = pool.start(&BROKEN).await.unwrap();
        let result = sqlx::query(BROKEN.text).fetch_all(query.connection()).await;
        query.finish(result, Vec::len).map(drop)
    };
    let (result, trace_id) = in_trace(work).await;
    assert!(matches!(result, Err(SqlError::Database(_))));
    let spans = spans(&capture, &trace_id, 2).await;
    let span = named(&spans, "SELECT nothing");
    assert_eq!(attribute(span, "db.response.status_code").as_deref(), Some("42P01"));
    assert_eq!(attribute(span, "error.type").as_deref(), Some("42P01"));
    assert!(matches!(span.status, Status::Error { .. }));
}

#[tokio::test]
async fn the_span_covers_wait_and_execution_and_tells_them_apart() {
    let capture = capture::start();
    let pool = pool("shared", 1, DEADLINE).await;
    let sleep = async |seconds: f64| {
        let mut query = pool.start(&SLEEP).await.unwrap();
        let result = sqlx::query(SLEEP.text).bind(seconds).execute(query.connection()).await;
        query.complete(&result, None).is_slow()
    };
    let (_, (is_slow, trace_id)) = tokio::join!(sleep(0.2), in_trace(sleep(0.4)));
    assert!(is_slow);

    let spans = spans(&capture, &trace_id, 2).await;
    let span = named(&spans, "SELECT pg_sleep");
    let total = span.end_time.duration_since(span.start_time).unwrap().as_secs_f64() * 1_000.0;
    let (wait, execution) = (number(span, attr::DB_POOL_WAIT_TIME_MS), number(span, attr::DB_DURATION_MS));
    assert!(wait >= 190.0, "{wait}");
    assert!((399.0..wait + 399.0).contains(&execution), "{execution}");
    assert!((total - wait - execution).abs() < 20.0, "{total} {wait} {execution}");
    assert_eq!(attribute(span, attr::DB_SLOW_QUERY).as_deref(), Some("true"));
    let stats = pool.stats(true);
    assert_eq!((stats.pending, stats.pending_max, stats.timeouts), (0, 1, 0));
    assert!(stats.wait_ms.p95 >= 190.0 && stats.use_ms.p95 >= 399.0, "{stats:?}");
}

#[tokio::test]
async fn an_exhausted_pool_ends_the_span_as_an_error_with_its_measurements() {
    let capture = capture::start();
    let pool = pool("exhausted", 1, Duration::from_millis(100)).await;
    let holder = pool.start(&SLEEP).await.unwrap();
    for rejected in ["1", "2"] {
        let (result, trace_id) = in_trace(numbers(&pool, 1)).await;
        assert!(result.unwrap_err().is_pool_exhausted());
        let spans = spans(&capture, &trace_id, 2).await;
        let span = named(&spans, "SELECT numbers");
        assert!(has_each_key_once(span), "{span:#?}");
        assert!(matches!(span.status, Status::Error { .. }));
        assert_eq!(attribute(span, attr::DB_POOL_EXHAUSTED).as_deref(), Some("true"));
        assert_eq!(attribute(span, attr::DB_POOL_SIZE).as_deref(), Some("1"));
        assert_eq!(attribute(span, attr::DB_POOL_REJECTED_COUNT).as_deref(), Some(rejected));
        assert!(number(span, attr::DB_POOL_WAIT_TIME_MS) >= 100.0);
        assert_eq!(attribute(span, "error.type").as_deref(), Some("pool_timeout"));
        // Nothing was executed, so nothing is said about an execution.
        assert_eq!(attribute(span, attr::DB_DURATION_MS), None);
        assert_eq!(attribute(span, attr::DB_SLOW_QUERY), None);
    }
    let stats = pool.stats(false);
    assert_eq!((stats.timeouts, stats.acquires, stats.in_use), (2, 3, 1));
    drop(holder);
    let timeouts: f64 = capture
        .points()
        .iter()
        .filter(|p| p.metric == "db.client.connection.timeouts")
        .filter(|p| p.attributes.iter().any(|a| a.value.as_str() == "exhausted"))
        .map(|p| p.count)
        .sum();
    assert_eq!(timeouts, 2.0);
}

#[tokio::test]
async fn a_caller_that_gives_up_leaves_the_queue() {
    let capture = capture::start();
    let pool = pool("left", 1, DEADLINE).await;
    let holder = pool.start(&SLEEP).await.unwrap();
    let work = tokio::time::timeout(Duration::from_millis(20), numbers(&pool, 1));
    let (result, trace_id) = in_trace(work).await;
    assert!(result.is_err());
    assert_eq!(pool.stats(false).pending, 0);
    let spans = spans(&capture, &trace_id, 2).await;
    let span = named(&spans, "SELECT numbers");
    assert_eq!(attribute(span, "error.type").as_deref(), Some("cancelled"));
    drop(holder);
}

#[tokio::test]
async fn a_transaction_is_all_or_nothing_and_each_step_has_its_span() {
    const CREATE: Statement = Statement::new("CREATE", "kept", "CREATE kept", "CREATE TABLE kept (n int)");
    let capture = capture::start();
    let pool = pool("transaction", 1, DEADLINE).await;
    for keeps in [false, true] {
        let work = async {
            let mut transaction = pool.begin().await.unwrap();
            let call = transaction.call(&CREATE);
            let result = sqlx::query(CREATE.text).execute(transaction.connection()).await;
            transaction.finish(call, result, |_| 0).unwrap();
            match keeps {
                true => transaction.commit().await,
                false => transaction.rollback().await,
            }
        };
        let (result, trace_id) = in_trace(work).await;
        result.unwrap();
        let spans = spans(&capture, &trace_id, 4).await;
        named(&spans, "BEGIN");
        named(&spans, "CREATE kept");
        named(&spans, if keeps { "COMMIT" } else { "ROLLBACK" });
        let exists: bool =
            sqlx::query_scalar("SELECT to_regclass('kept') IS NOT NULL").fetch_one(&pool.raw()).await.unwrap();
        assert_eq!(exists, keeps);
    }
}

#[tokio::test]
async fn a_pool_reports_its_connections_as_metrics() {
    let capture = capture::start();
    let pool = pool("observed", 3, DEADLINE).await;
    let holder = pool.start(&SLEEP).await.unwrap();
    let points = capture.points();
    let value = |metric: &str, state: Option<&str>| {
        let has = |p: &capture::Point, v: &str| p.attributes.iter().any(|a| a.value.as_str() == v);
        let mut found = points.iter().filter(|p| p.metric == metric && has(p, "observed"));
        found.find(|p| state.is_none_or(|s| has(p, s))).map(|p| p.count)
    };
    assert_eq!(value("db.client.connection.count", Some("used")), Some(1.0));
    assert_eq!(value("db.client.connection.count", Some("idle")), Some(0.0));
    assert_eq!(value("db.client.connection.max", None), Some(3.0));
    assert_eq!(value("db.client.connection.pending_requests", None), Some(0.0));
    assert_eq!(value("db.client.connection.wait_time", None), Some(1.0));
    drop(holder);
}

#[tokio::test]
async fn an_unreachable_database_is_not_an_exhausted_pool() {
    let capture = capture::start();
    let unused = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = unused.local_addr().unwrap().port();
    drop(unused);
    let options = PgPoolOptions::new().acquire_timeout(Duration::from_millis(100));
    let url = format!("postgres://nobody@127.0.0.1:{port}/nothing");
    let pool = Pool::new("unreachable", options.connect_lazy(&url).unwrap());
    let (result, trace_id) = in_trace(numbers(&pool, 1)).await;
    assert!(!result.unwrap_err().is_pool_exhausted());
    assert_eq!(pool.stats(false).timeouts, 0);
    let spans = spans(&capture, &trace_id, 2).await;
    let span = named(&spans, "SELECT numbers");
    assert_eq!(attribute(span, attr::DB_POOL_EXHAUSTED), None);
    assert_eq!(attribute(span, "error.type").as_deref(), Some("connect_timeout"));
}
