//! Redis: one CLIENT span and one duration measurement per command (or script, or pipeline).

use crate::attr;
use crate::context;
use crate::conventions::{Conventions, server_attributes, shared};
use crate::instruments::instruments;
use crate::span::Span;
use ::redis::{RedisError, RedisResult};
use opentelemetry::trace::SpanKind;
use opentelemetry::{Context, KeyValue, Value};
use std::future::Future;
use std::time::Instant;

/// A command as telemetry knows it. Write one constant per command, next to the code that runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// `HGETALL`, `EVALSHA`, `PIPELINE`, ...
    pub operation: &'static str,
    /// Kind of key, e.g. `cart`.
    pub collection: &'static str,
    /// `{operation} {collection}`: name of the span.
    pub summary: &'static str,
}

impl Command {
    /// Describes a command; `summary` is `{operation} {collection}`.
    pub const fn new(operation: &'static str, collection: &'static str, summary: &'static str) -> Self {
        Self { operation, collection, summary }
    }
}

/// The Redis a command goes to.
#[derive(Clone, Debug)]
pub struct RedisPeer {
    service: Value,
    host: Value,
    port: u16,
    database: Value,
}

impl RedisPeer {
    /// Redis at `host` and `port`, database number `database`.
    pub fn new(host: impl Into<String>, port: u16, database: i64) -> Self {
        Self { service: "redis".into(), host: shared(host.into()), port, database: shared(database.to_string()) }
    }

    /// As the redis crate was told to connect.
    pub fn of(info: &::redis::ConnectionInfo) -> Self {
        let database = info.redis_settings().db();
        match info.addr() {
            ::redis::ConnectionAddr::Tcp(host, port) | ::redis::ConnectionAddr::TcpTls { host, port, .. } => {
                Self::new(host.clone(), *port, database)
            }
            other => Self::new(other.to_string(), 0, database),
        }
    }
}

/// Runs `work`, which executes `command`, inside its span.
///
/// # Errors
/// Those of `work`.
pub async fn traced<T>(
    command: &Command,
    peer: &RedisPeer,
    work: impl Future<Output = RedisResult<T>>,
) -> RedisResult<T> {
    let mut call = Call::start(command, peer);
    let result = work.await;
    call.complete(result.as_ref().err());
    result
}

/// A command under way.
struct Call {
    span: Span,
    began: Instant,
    measured: Vec<KeyValue>,
    is_complete: bool,
}

impl Call {
    fn start(command: &Command, peer: &RedisPeer) -> Self {
        let parent = Context::current();
        let old = Conventions::current().old_database;
        let mut measured = vec![
            KeyValue::new(attr::db::SYSTEM_NAME, "redis"),
            KeyValue::new(attr::db::NAMESPACE, peer.database.clone()),
            KeyValue::new(attr::db::OPERATION_NAME, command.operation),
            KeyValue::new(attr::db::COLLECTION_NAME, command.collection),
        ];
        let mut attributes = Vec::with_capacity(24);
        attributes.extend(measured.iter().cloned());
        attributes.push(KeyValue::new(attr::db::QUERY_SUMMARY, command.summary));
        server_attributes(&mut attributes, &peer.service, &peer.host, peer.port, old);
        if old {
            attributes.push(KeyValue::new(attr::old::DB_SYSTEM, "redis"));
            attributes.push(KeyValue::new(attr::old::DB_NAME, peer.database.clone()));
            attributes.push(KeyValue::new(attr::old::DB_OPERATION, command.operation));
        }
        if let Some(traffic_type) = context::traffic_type_of(&parent) {
            measured.push(KeyValue::new(attr::TRAFFIC_TYPE, traffic_type));
        }
        let name = command.summary.into();
        let span = Span::start_in(&parent, name, SpanKind::Client, attributes, None);
        Self { span, began: Instant::now(), measured, is_complete: false }
    }

    fn complete(&mut self, error: Option<&RedisError>) {
        if let Some(error) = error {
            if let Some(code) = error.code() {
                self.span.set(attr::db::RESPONSE_STATUS_CODE, code.to_owned());
            }
            self.fail(error_type(error), error.to_string());
        }
        self.finish();
    }

    fn fail(&mut self, error_type: Value, description: String) {
        self.span.set(attr::common::ERROR_TYPE, error_type.clone());
        self.measured.push(KeyValue::new(attr::common::ERROR_TYPE, error_type));
        self.span.fail(description);
    }

    fn finish(&mut self) {
        self.is_complete = true;
        if let Some(instruments) = instruments() {
            instruments.db_operation.record(self.began.elapsed().as_secs_f64(), &self.measured);
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.is_complete {
            self.fail("cancelled".into(), "the caller gave up".to_owned());
            self.finish();
        }
    }
}

fn error_type(error: &RedisError) -> Value {
    if let Some(code) = error.code() {
        return code.to_owned().into();
    }
    if error.is_timeout() {
        "timeout".into()
    } else if error.is_connection_refusal() {
        "connect".into()
    } else if error.is_io_error() {
        "io".into()
    } else {
        "other".into()
    }
}
