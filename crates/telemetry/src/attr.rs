//! Attribute names: the only place where they are written.
//!
//! Three groups: the stable semantic conventions, the names they replaced (still what Coralogix Database APM, Datadog
//! and most service graphs key on), and Doorbuster's own. Alerts, dashboards and vendors depend on every one of them,
//! so a change here is a change of the product.

/// Semantic conventions, HTTP.
pub mod http {
    /// `GET`, `POST`, ... ; `_OTHER` for a method outside the known set.
    pub const REQUEST_METHOD: &str = "http.request.method";
    /// The matched route template, e.g. `/products/{id}`; absent when nothing matched.
    pub const ROUTE: &str = "http.route";
    /// Int, from 1: which repetition of a failed request this is; absent on the first try.
    pub const REQUEST_RESEND_COUNT: &str = "http.request.resend_count";
    /// Int.
    pub const RESPONSE_STATUS_CODE: &str = "http.response.status_code";
    /// Absolute URL of an outgoing call, without credentials.
    pub const URL_FULL: &str = "url.full";
    /// Path of an incoming request.
    pub const URL_PATH: &str = "url.path";
    /// Query of an incoming request, without the `?`.
    pub const URL_QUERY: &str = "url.query";
    /// `http` or `https`.
    pub const URL_SCHEME: &str = "url.scheme";
    /// The path template of an outgoing call, e.g. `/products/{id}`.
    pub const URL_TEMPLATE: &str = "url.template";
    /// User agent of an incoming request.
    pub const USER_AGENT: &str = "user_agent.original";
}

/// Semantic conventions, databases.
pub mod db {
    /// `postgresql` or `redis`.
    pub const SYSTEM_NAME: &str = "db.system.name";
    /// PostgreSQL: the database; Redis: the database number.
    pub const NAMESPACE: &str = "db.namespace";
    /// Table, view or key kind.
    pub const COLLECTION_NAME: &str = "db.collection.name";
    /// `SELECT`, `INSERT`, `HGETALL`, ...
    pub const OPERATION_NAME: &str = "db.operation.name";
    /// Parameterized text; values never appear in it.
    pub const QUERY_TEXT: &str = "db.query.text";
    /// Low-cardinality summary; also the span's name.
    pub const QUERY_SUMMARY: &str = "db.query.summary";
    /// SQLSTATE or Redis error code; only on failures.
    pub const RESPONSE_STATUS_CODE: &str = "db.response.status_code";
    /// Int.
    pub const RESPONSE_RETURNED_ROWS: &str = "db.response.returned_rows";
    /// Name of a connection pool.
    pub const POOL_NAME: &str = "db.client.connection.pool.name";
    /// `idle` or `used`, on the metric of open connections.
    pub const CONNECTION_STATE: &str = "db.client.connection.state";
}

/// Semantic conventions, shared.
pub mod common {
    /// Host the call goes to.
    pub const SERVER_ADDRESS: &str = "server.address";
    /// Int.
    pub const SERVER_PORT: &str = "server.port";
    /// Class of a failure: `timeout`, `connect`, a status code, a SQLSTATE, ...
    pub const ERROR_TYPE: &str = "error.type";
    /// Logical name of the service on the other side.
    pub const SERVICE_PEER_NAME: &str = "service.peer.name";
    /// Message of an exception, on log events.
    pub const EXCEPTION_MESSAGE: &str = "exception.message";
}

/// Resource attributes.
pub mod resource {
    /// Name of the service, e.g. `product-catalog`.
    pub const SERVICE_NAME: &str = "service.name";
    /// Its version.
    pub const SERVICE_VERSION: &str = "service.version";
    /// Always `doorbuster` unless overridden.
    pub const SERVICE_NAMESPACE: &str = "service.namespace";
    /// Unique per process.
    pub const SERVICE_INSTANCE_ID: &str = "service.instance.id";
    /// Coralogix application.
    pub const CX_APPLICATION_NAME: &str = "cx.application.name";
    /// Coralogix subsystem.
    pub const CX_SUBSYSTEM_NAME: &str = "cx.subsystem.name";
}

/// The names that the stable conventions replaced; written beside them by default.
pub mod old {
    /// Replaced by `db.system.name`.
    pub const DB_SYSTEM: &str = "db.system";
    /// Replaced by `db.namespace`.
    pub const DB_NAME: &str = "db.name";
    /// Replaced by `db.query.text`.
    pub const DB_STATEMENT: &str = "db.statement";
    /// Replaced by `db.operation.name`.
    pub const DB_OPERATION: &str = "db.operation";
    /// Replaced by `db.collection.name`.
    pub const DB_SQL_TABLE: &str = "db.sql.table";
    /// Replaced by `server.address`.
    pub const NET_PEER_NAME: &str = "net.peer.name";
    /// Replaced by `server.port`.
    pub const NET_PEER_PORT: &str = "net.peer.port";
    /// Replaced by `http.request.method`.
    pub const HTTP_METHOD: &str = "http.method";
    /// Replaced by `http.response.status_code`.
    pub const HTTP_STATUS_CODE: &str = "http.status_code";
    /// Replaced by `service.peer.name`.
    pub const PEER_SERVICE: &str = "peer.service";
}

/// `baseline` or `demo`; from baggage, on every span and log record of a request.
pub const TRAFFIC_TYPE: &str = "traffic.type";
/// Session of the simulated user; from baggage.
pub const SESSION_ID: &str = "session.id";
/// The simulated user; from baggage.
pub const USER_ID: &str = "user.id";
/// Identifier of the run; from baggage.
pub const SCENARIO_RUN: &str = "scenario.run";

/// Int, whole scenario minutes; entry spans.
pub const DEMO_MINUTE: &str = "demo.minute";
/// Name of the scenario phase; entry spans.
pub const DEMO_PHASE: &str = "demo.phase";

/// `fast_indexed` or `slow_unindexed`, from the plan.
pub const ENDPOINT_TYPE: &str = "endpoint.type";
/// Index name, or `NONE`; from EXPLAIN.
pub const DB_INDEX_USED: &str = "db.index_used";
/// Bool, true on query spans over [`crate::sql::SLOW_QUERY`].
pub const DB_SLOW_QUERY: &str = "db.slow_query";
/// Bool; slow query spans.
pub const DB_FULL_TABLE_SCAN: &str = "db.full_table_scan";
/// The index the plan wants and does not find; slow query spans.
pub const DB_MISSING_INDEX: &str = "db.missing_index";
/// Int; slow query spans.
pub const DB_ROWS_SCANNED: &str = "db.rows_scanned";
/// Float, milliseconds of execution alone, without the wait for a connection.
pub const DB_DURATION_MS: &str = "db.duration_ms";

/// Bool, true on spans whose acquire timed out.
pub const DB_POOL_EXHAUSTED: &str = "db.connection.pool.exhausted";
/// Int, connections the pool may open.
pub const DB_POOL_SIZE: &str = "db.connection.pool.size";
/// Float, milliseconds between asking for a connection and getting one or giving up.
pub const DB_POOL_WAIT_TIME_MS: &str = "db.connection.pool.wait_time_ms";
/// Int, acquires of this pool that timed out since the process started.
pub const DB_POOL_REJECTED_COUNT: &str = "db.connection.pool.rejected_count";

/// Bool, true on failed checkouts.
pub const CHECKOUT_FAILED: &str = "checkout.failed";
/// `recommendations-timeout`, `ConnectionPoolExhausted`, ...
pub const CHECKOUT_FAILURE_REASON: &str = "checkout.failure_reason";
/// Order number, if one was written.
pub const CHECKOUT_ORDER_ID: &str = "checkout.order_id";
/// User of the checkout.
pub const CHECKOUT_USER_ID: &str = "checkout.user_id";
/// Float, dollars.
pub const CHECKOUT_TOTAL: &str = "checkout.total";
/// Bool.
pub const CHECKOUT_CART_ABANDONED: &str = "checkout.cart_abandoned";

/// A model's call, as the GenAI conventions name it (<https://opentelemetry.io/docs/specs/semconv/gen-ai/>).
pub mod gen_ai {
    /// `chat`.
    pub const OPERATION_NAME: &str = "gen_ai.operation.name";
    /// `gcp.vertex_ai`, `gcp.gemini`, `openai`, `doorbuster`.
    pub const PROVIDER_NAME: &str = "gen_ai.provider.name";
    /// The model that was asked for.
    pub const REQUEST_MODEL: &str = "gen_ai.request.model";
    /// Int, most tokens that the answer may have.
    pub const REQUEST_MAX_TOKENS: &str = "gen_ai.request.max_tokens";
    /// Float.
    pub const REQUEST_TEMPERATURE: &str = "gen_ai.request.temperature";
    /// The model that says it answered.
    pub const RESPONSE_MODEL: &str = "gen_ai.response.model";
    /// The answer's own name.
    pub const RESPONSE_ID: &str = "gen_ai.response.id";
    /// List of texts: why the model stopped.
    pub const RESPONSE_FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
    /// Int.
    pub const USAGE_INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
    /// Int, thinking included.
    pub const USAGE_OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
    /// `input` or `output`; on the metric of tokens.
    pub const TOKEN_TYPE: &str = "gen_ai.token.type";
    /// JSON text; only on opt-in.
    pub const SYSTEM_INSTRUCTIONS: &str = "gen_ai.system_instructions";
    /// JSON text; only on opt-in.
    pub const INPUT_MESSAGES: &str = "gen_ai.input.messages";
    /// JSON text; only on opt-in.
    pub const OUTPUT_MESSAGES: &str = "gen_ai.output.messages";
}

/// `classify` or `extract`; the server span of a request that wants a model's answer, whether it got one or not.
pub const LLM_ENDPOINT: &str = "llm.endpoint";
/// Float, US dollars that a model's call cost by the price table; on the call's span and on the server's.
pub const LLM_COST_USD: &str = "llm.cost_usd";
/// Int, tokens in and out of a request; on the server span.
pub const LLM_TOTAL_TOKENS: &str = "llm.usage.total_tokens";
/// Bool, true where another model than the configured one answered.
pub const LLM_FALLBACK: &str = "llm.fallback";
/// Bool, true where part of the mail was left out to fit the limit.
pub const LLM_PROMPT_TRUNCATED: &str = "llm.prompt_truncated";
/// List of one text, the header `X-Traffic-Type`, as the conventions name captured headers.
pub const HTTP_REQUEST_HEADER_TRAFFIC_TYPE: &str = "http.request.header.x-traffic-type";

/// `browse_only`, `browse_and_cart`, `full_checkout`; load generator.
pub const USER_JOURNEY: &str = "user.journey";
/// Int, from 1; load generator.
pub const STEP_NUMBER: &str = "step.number";
/// `POST /api/checkout`; load generator.
pub const STEP_ENDPOINT: &str = "step.endpoint";

/// Key of a feature flag, on `feature_flag.evaluation`.
pub const FEATURE_FLAG_KEY: &str = "feature_flag.key";
/// Variant the evaluation chose.
pub const FEATURE_FLAG_VARIANT: &str = "feature_flag.result.variant";
/// `static`, `targeting_match`, `disabled`, `default`.
pub const FEATURE_FLAG_REASON: &str = "feature_flag.result.reason";

/// Baggage members that become attributes of every span and log record.
pub const BAGGAGE_ALLOW_LIST: [&str; 4] = [TRAFFIC_TYPE, SESSION_ID, USER_ID, SCENARIO_RUN];
