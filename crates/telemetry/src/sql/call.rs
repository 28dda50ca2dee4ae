//! One statement's CLIENT span and duration.

use super::peer::DbPeer;
use crate::attr;
use crate::context;
use crate::conventions::{Conventions, server_attributes};
use crate::instruments::instruments;
use crate::span::{Span, wall_clock_before};
use opentelemetry::trace::SpanKind;
use opentelemetry::{Context, KeyValue, Value};
use std::future::Future;
use std::time::{Duration, Instant};

/// A statement whose span lasts longer than this gets `db.slow_query`.
pub const SLOW_QUERY: Duration = Duration::from_millis(500);

/// A statement as telemetry knows it. Write one constant per statement, next to the code that runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// `SELECT`, `INSERT`, ...
    pub operation: &'static str,
    /// Table or view.
    pub collection: &'static str,
    /// `{operation} {collection}`: name of the span.
    pub summary: &'static str,
    /// Parameterized text.
    pub text: &'static str,
}

impl Statement {
    /// Describes a statement; `summary` is `{operation} {collection}`.
    pub const fn new(
        operation: &'static str,
        collection: &'static str,
        summary: &'static str,
        text: &'static str,
    ) -> Self {
        Self { operation, collection, summary, text }
    }
}

/// A statement under way, or done and still to be described. Its span ends when this is dropped, and lasts until
/// `complete`: what is set in between does not lengthen it.
#[derive(Debug)]
pub struct Call {
    span: Span,
    began: Instant,
    /// When the connection was there and execution could begin; `None` while waiting for one.
    execution_began: Option<Instant>,
    measured: Vec<KeyValue>,
    completed: Option<Completed>,
}

#[derive(Clone, Copy, Debug)]
struct Completed {
    total: Duration,
    execution: Option<Duration>,
}

impl Call {
    /// Starts the span of `statement` on a connection to `peer` that the caller has, as a child of the current context.
    pub fn start(statement: &Statement, peer: &DbPeer) -> Self {
        let mut call = Self::start_waiting(statement, peer);
        call.execution_began = Some(call.began);
        call
    }

    /// Starts the span of `statement` before there is a connection to run it on.
    pub(super) fn start_waiting(statement: &Statement, peer: &DbPeer) -> Self {
        let parent = Context::current();
        let old = Conventions::current().old_database;
        let mut measured = vec![
            KeyValue::new(attr::db::SYSTEM_NAME, "postgresql"),
            KeyValue::new(attr::db::NAMESPACE, peer.namespace.clone()),
            KeyValue::new(attr::db::COLLECTION_NAME, statement.collection),
            KeyValue::new(attr::db::OPERATION_NAME, statement.operation),
            KeyValue::new(attr::db::QUERY_SUMMARY, statement.summary),
        ];
        let mut attributes = Vec::with_capacity(32);
        attributes.extend(measured.iter().cloned());
        attributes.push(KeyValue::new(attr::db::QUERY_TEXT, statement.text));
        server_attributes(&mut attributes, &peer.service, &peer.host, peer.port, old);
        if old {
            attributes.push(KeyValue::new(attr::old::DB_SYSTEM, "postgresql"));
            attributes.push(KeyValue::new(attr::old::DB_NAME, peer.namespace.clone()));
            attributes.push(KeyValue::new(attr::old::DB_STATEMENT, statement.text));
            attributes.push(KeyValue::new(attr::old::DB_OPERATION, statement.operation));
            attributes.push(KeyValue::new(attr::old::DB_SQL_TABLE, statement.collection));
        }
        if let Some(traffic_type) = context::traffic_type_of(&parent) {
            measured.push(KeyValue::new(attr::TRAFFIC_TYPE, traffic_type));
        }
        let name = statement.summary.into();
        let span = Span::start_in(&parent, name, SpanKind::Client, attributes, None);
        Self { span, began: Instant::now(), execution_began: None, measured, completed: None }
    }

    /// Sets an attribute on the span, e.g. [`attr::DB_INDEX_USED`].
    pub fn set(&self, key: &'static str, value: impl Into<Value>) {
        self.span.set(key, value);
    }

    /// Whether anybody will see the span's attributes.
    pub fn is_recording(&self) -> bool {
        self.span.is_recording()
    }

    /// Wait and execution together; until now if the statement is still running.
    pub fn total(&self) -> Duration {
        self.completed.map_or_else(|| self.began.elapsed(), |completed| completed.total)
    }

    /// Execution alone, without the wait for a connection; until now if the statement is still running, zero if it
    /// never began.
    pub fn execution(&self) -> Duration {
        let execution = match self.completed {
            Some(completed) => completed.execution,
            None => self.execution_began.map(|began| began.elapsed()),
        };
        execution.unwrap_or_default()
    }

    /// Whether the statement ran and its span is over [`SLOW_QUERY`].
    pub fn is_slow(&self) -> bool {
        self.execution_began.is_some() && self.total() > SLOW_QUERY
    }

    /// Records the connection's arrival after `wait`.
    pub(super) fn connected(&mut self, wait: Duration) {
        self.execution_began = Some(Instant::now());
        self.set(attr::DB_POOL_WAIT_TIME_MS, milliseconds(wait));
    }

    /// Records a successful end with its number of rows, if known.
    pub fn succeed(&mut self, rows: Option<usize>) {
        if let Some(rows) = rows {
            let rows = i64::try_from(rows).unwrap_or(i64::MAX);
            self.set(attr::db::RESPONSE_RETURNED_ROWS, rows);
        }
        self.complete();
    }

    /// Records a failed end.
    pub fn fail(&mut self, error: &sqlx::Error) {
        let state = error.as_database_error().and_then(|error| error.code()).map(|code| Value::from(code.into_owned()));
        if let Some(state) = &state {
            self.set(attr::db::RESPONSE_STATUS_CODE, state.clone());
            self.measured.push(KeyValue::new(attr::db::RESPONSE_STATUS_CODE, state.clone()));
        }
        let error_type = state.unwrap_or_else(|| error_type(error).into());
        self.fail_as(error_type, error.to_string());
    }

    pub(super) fn fail_as(&mut self, error_type: Value, description: String) {
        self.set(attr::common::ERROR_TYPE, error_type.clone());
        self.measured.push(KeyValue::new(attr::common::ERROR_TYPE, error_type));
        self.span.fail(description);
        self.complete();
    }

    /// Records the end of `result`, whichever it is.
    pub fn complete_with<T>(&mut self, result: &Result<T, sqlx::Error>, rows: Option<usize>) {
        match result {
            Ok(_) => self.succeed(rows),
            Err(error) => self.fail(error),
        }
    }

    fn complete(&mut self) {
        let completed =
            Completed { total: self.began.elapsed(), execution: self.execution_began.map(|began| began.elapsed()) };
        self.completed = Some(completed);
        if let Some(execution) = completed.execution {
            self.set(attr::DB_DURATION_MS, milliseconds(execution));
        }
        if self.is_slow() {
            self.set(attr::DB_SLOW_QUERY, true);
        }
        if let Some(instruments) = instruments() {
            instruments.db_operation.record(completed.total.as_secs_f64(), &self.measured);
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if self.completed.is_none() {
            let error_type = Value::from("cancelled");
            self.fail_as(error_type, "the caller gave up".to_owned());
        }
        let since_completion = self.began.elapsed().saturating_sub(self.total());
        self.span.end_at(wall_clock_before(since_completion));
    }
}

/// Runs `work`, which executes `statement` on a connection that the caller already has, inside its span. `rows` counts
/// what came back.
///
/// # Errors
/// Those of `work`.
pub async fn traced<T>(
    statement: &Statement,
    peer: &DbPeer,
    work: impl Future<Output = Result<T, sqlx::Error>>,
    rows: impl FnOnce(&T) -> usize,
) -> Result<T, sqlx::Error> {
    let mut call = Call::start(statement, peer);
    let result = work.await;
    call.complete_with(&result, result.as_ref().ok().map(rows));
    result
}

/// Class of an error that is not the database's own.
fn error_type(error: &sqlx::Error) -> &'static str {
    match error {
        sqlx::Error::PoolTimedOut => "connect_timeout",
        sqlx::Error::PoolClosed => "pool_closed",
        sqlx::Error::RowNotFound => "row_not_found",
        sqlx::Error::Io(_) => "io",
        sqlx::Error::Tls(_) => "tls",
        sqlx::Error::Protocol(_) => "protocol",
        sqlx::Error::Configuration(_) => "configuration",
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => "decode",
        _ => "other",
    }
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
