//! Pools that change their size, and sessions that leak out of them, against a real PostgreSQL.

use crate::support::DEADLINE;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use telemetry::capture;
use telemetry::sql::{Pool, SqlError, Statement};

const SLEEP: Statement = Statement::new("SELECT", "pg_sleep", "SELECT pg_sleep", "SELECT pg_sleep($1)");

/// A pool, and a connection beside it that sees its sessions.
async fn pool(name: &'static str, connections: u32, timeout: Duration) -> (Pool, PgPool) {
    let url = testbed::postgres().await.create_database().await;
    let options = PgPoolOptions::new().max_connections(connections).acquire_timeout(timeout).test_before_acquire(false);
    let session: PgConnectOptions = url.parse().unwrap();
    let pool = Pool::new(name, options.connect_lazy_with(session.application_name("watched")));
    (pool, PgPoolOptions::new().max_connections(1).connect(&url).await.unwrap())
}

async fn sleep(pool: &Pool, seconds: f64) -> Result<(), SqlError> {
    let mut query = pool.start(&SLEEP).await?;
    let result = sqlx::query(SLEEP.text).bind(seconds).execute(query.connection()).await;
    query.finish(result, |_| 0).map(drop)
}

async fn sessions(watcher: &PgPool) -> i64 {
    let statement =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'watched'";
    sqlx::query_scalar(statement).fetch_one(watcher).await.unwrap()
}

/// Looks until `seen` gives `wanted`.
async fn until<T: PartialEq + std::fmt::Debug>(wanted: T, mut seen: impl AsyncFnMut() -> T) {
    let began = Instant::now();
    loop {
        let last = seen().await;
        if last == wanted {
            return;
        }
        assert!(began.elapsed() < DEADLINE, "{last:?} instead of {wanted:?}");
        tokio::task::yield_now().await;
    }
}

fn size(connections: u32) -> NonZeroU32 {
    NonZeroU32::new(connections).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_that_grows_and_shrinks_under_load_turns_nobody_away() {
    const CALLERS: usize = 16;
    const CALLS: usize = 40;
    let (pool, watcher) = pool("resized", 3, DEADLINE).await;
    let done = std::sync::Arc::new(AtomicUsize::new(0));
    let callers = (0..CALLERS).map(|_| {
        let (pool, done) = (pool.clone(), done.clone());
        tokio::spawn(async move {
            for _ in 0..CALLS {
                sleep(&pool, 0.002).await.unwrap();
                done.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    let callers: Vec<_> = callers.collect();
    for (step, connections) in [8, 1, 5, 3].into_iter().enumerate() {
        let milestone = CALLERS * CALLS * (step + 1) / 6;
        until(true, async || done.load(Ordering::Relaxed) >= milestone).await;
        pool.resize(size(connections));
        assert_eq!(pool.stats(false).max, connections);
    }
    for caller in callers {
        caller.await.unwrap();
    }
    let stats = pool.stats(false);
    assert_eq!((stats.acquires, stats.timeouts), ((CALLERS * CALLS) as u64, 0));
    assert_eq!((stats.max, stats.configured, stats.pending), (3, 3, 0));
    // The old ones closed: what is left is the pool's own.
    until(true, async || sessions(&watcher).await <= 3).await;
}

#[tokio::test]
async fn who_waits_when_the_size_changes_is_served_where_it_waits() {
    let (pool, watcher) = pool("waited", 1, DEADLINE).await;
    let holder = pool.start(&SLEEP).await.unwrap();
    let waiter = tokio::spawn({
        let pool = pool.clone();
        async move { sleep(&pool, 0.0).await }
    });
    until(1, async || pool.stats(false).pending).await;
    pool.resize(size(2));
    sleep(&pool, 0.0).await.expect("newcomers go to the new pool");
    assert!(!waiter.is_finished());
    drop(holder);
    waiter.await.unwrap().expect("the connection that came back was given to whoever waited for it");
    pool.resize(pool.configured());
    until(0, async || sessions(&watcher).await).await;
}

#[tokio::test]
async fn leaked_sessions_stay_open_and_are_missed_until_they_are_given_back() {
    let (pool, watcher) = pool("leaking", 3, Duration::from_millis(100)).await;
    let mut leak = pool.leak();
    leak.hold(2).await.unwrap();
    let stats = pool.stats(false);
    assert_eq!((stats.leaked, stats.in_use, stats.acquires), (2, 2, 0));
    assert_eq!(sessions(&watcher).await, 2);
    sleep(&pool, 0.0).await.expect("one is left");

    leak.hold(1_000).await.expect("never more than the pool has");
    assert_eq!((pool.stats(false).leaked, sessions(&watcher).await), (3, 3));
    let refused = sleep(&pool, 0.0).await.unwrap_err();
    assert!(refused.is_pool_exhausted(), "all of it has leaked, and the database is not to blame: {refused}");

    leak.hold(1).await.unwrap();
    assert_eq!(pool.stats(false).leaked, 1);
    sleep(&pool, 0.0).await.expect("two came back");
    drop(leak);
    assert_eq!(pool.stats(false).leaked, 0);
    until(0, async || pool.stats(false).in_use).await;
}

#[tokio::test]
async fn a_leak_queues_as_any_caller_and_keeps_what_it_has_when_it_gives_up() {
    let (pool, _) = pool("queued", 2, DEADLINE).await;
    let holder = pool.start(&SLEEP).await.unwrap();
    let mut leak = pool.leak();
    assert!(tokio::time::timeout(Duration::from_millis(50), leak.hold(2)).await.is_err(), "one is in use");
    assert_eq!(pool.stats(false).leaked, 1);
    drop(holder);
    leak.hold(2).await.unwrap();
    assert_eq!(pool.stats(false).leaked, 2);
}

#[tokio::test]
async fn a_leak_begins_anew_in_a_pool_of_another_size_and_the_metric_follows_the_size() {
    let capture = capture::start();
    let (pool, watcher) = pool("followed", 4, DEADLINE).await;
    let mut leak = pool.leak();
    leak.hold(3).await.unwrap();
    pool.resize(size(2));
    leak.hold(3).await.unwrap();
    let stats = pool.stats(false);
    assert_eq!((stats.leaked, stats.size, stats.max, stats.configured), (2, 2, 2, 4));
    until(2, async || sessions(&watcher).await).await;
    let max = capture.points().into_iter().find(|point| {
        let is_ours = point.attributes.iter().any(|a| a.value.as_str() == "followed");
        point.metric == "db.client.connection.max" && is_ours
    });
    assert_eq!(max.map(|point| point.count), Some(2.0));
}
