//! Asking the database for a statement's plan, aside from the request that runs it.
//!
//! A plan is good for [`FRESH`]; the first request after that asks anew, on a connection of its own and while its
//! statement runs. A request waits for a plan at most [`PATIENCE`], and only when there is no fresh one and its connection has
//! been given back; after that its answer goes out, and the plan is written on the span when it comes. A plan that can't
//! be had is left out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::postgres::PgArguments;
use sqlx::{AssertSqlSafe, PgPool, Row};
use telemetry::context::FutureExt;
use telemetry::events::{self, SlowQuery};
use telemetry::sql::Call;
use telemetry::{attr, context};
use tokio::sync::watch;

use super::Watched;
use super::plan::{Plan, Scans};
use crate::config::{Config, PoolSize};
use crate::database::{Planning, SCHEMA};
use crate::domain::Category;
use crate::pool::open_raw;

/// How long a plan is believed: an index that goes is noticed within two seconds.
const FRESH: Duration = Duration::from_secs(2);
/// Longest that a request waits for a plan: many times what EXPLAIN takes, and nothing that anyone would notice.
const PATIENCE: Duration = Duration::from_millis(20);
/// One connection explains: a plan is asked for every two seconds per statement and category.
const POOL: PoolSize = PoolSize { connections: 1, acquire_timeout: Duration::from_secs(1) };
/// Longest that EXPLAIN may take; it waits while somebody else holds a lock on the table.
const EXPLAIN_TIMEOUT: Duration = Duration::from_secs(3);

const INDEX_NAMES: &str = "SELECT coalesce(parent.relname, index.relname)::text FROM pg_class index \
     LEFT JOIN pg_inherits ON inhrelid = index.oid LEFT JOIN pg_class parent ON parent.oid = inhparent \
     WHERE index.relnamespace = $1::regnamespace AND index.relname = ANY($2) LIMIT 1";
const ROWS: &str = "SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint FROM pg_class \
     WHERE relnamespace = $1::regnamespace AND relname = ANY($2)";
const IS_THERE: &str = "SELECT EXISTS (SELECT FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid \
     WHERE relnamespace = $1::regnamespace AND relname = $2 AND indisvalid)";

type Key = (&'static str, Category);
/// `None` until the answer is there; then `Some(None)` if there was none to be had.
type Slot = watch::Receiver<Option<Option<Arc<Plan>>>>;

/// The plans of watched statements, by statement and category.
#[derive(Debug, Clone)]
pub(crate) struct Plans {
    pool: PgPool,
    slots: Arc<Mutex<HashMap<Key, (Instant, Slot)>>>,
}

/// A plan that is known or on its way.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    watched: &'static Watched,
    slot: Slot,
}

impl Plans {
    /// None known yet; the connection that asks for them is opened when it is needed.
    pub(crate) fn new(config: &Config) -> Self {
        Self { pool: open_raw("explain", &config.database, POOL, Planning::EachTime), slots: Arc::default() }
    }

    /// The plan of `watched` with these arguments: the fresh one, the one on its way, or else it is asked for now. Never waits.
    pub(crate) fn ask(
        &self,
        watched: &'static Watched,
        category: Category,
        arguments: impl FnOnce() -> PgArguments,
    ) -> Asked {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (watched.statement.summary, category);
        if let Some((asked_at, slot)) = slots.get(&key)
            && asked_at.elapsed() < FRESH
        {
            return Asked { watched, slot: slot.clone() };
        }
        let (answer, slot) = watch::channel(None);
        slots.insert(key, (Instant::now(), slot.clone()));
        let (pool, arguments) = (self.pool.clone(), arguments());
        // Bounded in time, and in number by the slots: it needs no owner that would wait for it.
        tokio::spawn(async move {
            let explained = tokio::time::timeout(EXPLAIN_TIMEOUT, explain(&pool, watched, arguments)).await;
            let plan = match explained {
                Ok(Ok(plan)) => plan.map(Arc::new),
                Ok(Err(error)) => {
                    tracing::debug!(%error, statement = watched.statement.summary, "no plan could be had");
                    None
                }
                Err(_) => None,
            };
            // Nobody may be waiting any more.
            let _ = answer.send(Some(plan));
        });
        Asked { watched, slot }
    }
}

impl Asked {
    /// Writes the plan on the statement's span, and `endpoint.type` on the request's, without keeping the caller for
    /// more than [`PATIENCE`].
    pub(crate) async fn describe(mut self, call: Call) {
        // Whether it came in time is looked at there.
        let _ = tokio::time::timeout(PATIENCE, answered(&mut self.slot)).await;
        self.describe_aside(call);
    }

    /// The same without keeping the caller at all, for one who still holds a connection.
    pub(crate) fn describe_aside(mut self, call: Call) {
        let known = self.slot.borrow().clone();
        match known {
            Some(plan) => {
                if let Some(plan) = &plan {
                    context::set_attribute(attr::ENDPOINT_TYPE, plan.endpoint_type());
                }
                write(self.watched, &call, plan.as_deref());
            }
            None => {
                let described = async move {
                    let plan = answered(&mut self.slot).await;
                    write(self.watched, &call, plan.as_deref());
                };
                // Ends with the answer, which is bounded in time.
                tokio::spawn(described.with_context(telemetry::Context::current()));
            }
        }
    }
}

async fn answered(slot: &mut Slot) -> Option<Arc<Plan>> {
    let answer = slot.wait_for(Option::is_some).await.ok()?;
    answer.clone().flatten()
}

fn write(watched: &Watched, call: &Call, plan: Option<&Plan>) {
    let Some(plan) = plan else { return };
    call.set(attr::ENDPOINT_TYPE, plan.endpoint_type());
    call.set(attr::DB_INDEX_USED, plan.index_used.clone().unwrap_or_else(|| "NONE".to_owned()));
    if plan.is_full_scan() {
        call.set(attr::DB_FULL_TABLE_SCAN, true);
        call.set(attr::DB_ROWS_SCANNED, plan.rows_scanned);
        if let Some(index) = plan.missing_index {
            call.set(attr::DB_MISSING_INDEX, index);
        }
    }
    if call.is_slow() {
        events::slow_query(&SlowQuery {
            summary: watched.statement.summary,
            duration_ms: call.execution().as_secs_f64() * 1000.0,
            index_used: plan.index_used.as_deref().unwrap_or("NONE"),
            is_full_table_scan: plan.is_full_scan(),
            rows_scanned: plan.rows_scanned,
        });
    }
}

/// The plan; `None` where the answer shows no scan at all.
async fn explain(pool: &PgPool, watched: &Watched, arguments: PgArguments) -> Result<Option<Plan>, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    // The text is a constant of this program; values travel as arguments.
    let question = AssertSqlSafe(format!("EXPLAIN (FORMAT JSON) {}", watched.statement.text));
    let explained: serde_json::Value =
        sqlx::query_with(question, arguments).fetch_one(&mut *connection).await?.try_get(0)?;
    let scans = Scans::of(&explained);
    if !scans.tables.is_empty() {
        let rows = sqlx::query(ROWS).bind(SCHEMA).bind(&scans.tables).fetch_one(&mut *connection).await?;
        let there = sqlx::query(IS_THERE).bind(SCHEMA).bind(watched.wants_index).fetch_one(&mut *connection).await?;
        let is_there: bool = there.try_get(0)?;
        let missing_index = (!is_there).then_some(watched.wants_index);
        return Ok(Some(Plan { index_used: None, rows_scanned: rows.try_get(0)?, missing_index }));
    }
    let Some(in_plan) = scans.indexes.first().cloned() else {
        return Ok(None);
    };
    let named = sqlx::query(INDEX_NAMES).bind(SCHEMA).bind(&scans.indexes).fetch_optional(&mut *connection).await?;
    let index_used = match named {
        Some(row) => row.try_get(0)?,
        None => in_plan,
    };
    Ok(Some(Plan { index_used: Some(index_used), rows_scanned: 0, missing_index: None }))
}
