//! Metric names and histogram boundaries: the only place where they are written.

/// Histogram, seconds: an incoming HTTP request, to the response's head.
pub const HTTP_SERVER_REQUEST_DURATION: &str = "http.server.request.duration";
/// Histogram, seconds: an outgoing HTTP call, to the end of the body.
pub const HTTP_CLIENT_REQUEST_DURATION: &str = "http.client.request.duration";
/// Histogram, seconds: a database call as its caller saw it, wait for a connection included.
pub const DB_CLIENT_OPERATION_DURATION: &str = "db.client.operation.duration";

/// Up-down counter by state (`idle`, `used`): open connections.
pub const DB_CLIENT_CONNECTION_COUNT: &str = "db.client.connection.count";
/// Up-down counter: connections the pool may open.
pub const DB_CLIENT_CONNECTION_MAX: &str = "db.client.connection.max";
/// Up-down counter: callers waiting for a connection now.
pub const DB_CLIENT_CONNECTION_PENDING_REQUESTS: &str = "db.client.connection.pending_requests";
/// Counter: acquires that timed out.
pub const DB_CLIENT_CONNECTION_TIMEOUTS: &str = "db.client.connection.timeouts";
/// Histogram, seconds: time to obtain a connection.
pub const DB_CLIENT_CONNECTION_WAIT_TIME: &str = "db.client.connection.wait_time";
/// Histogram, seconds: time between obtaining a connection and giving it back.
pub const DB_CLIENT_CONNECTION_USE_TIME: &str = "db.client.connection.use_time";

/// Counter, dollars: totals of checkouts that failed, by `traffic.type`.
pub const CHECKOUT_LOST_REVENUE: &str = "checkout.lost_revenue";

/// Histogram, seconds: a model's call.
pub const GEN_AI_CLIENT_OPERATION_DURATION: &str = "gen_ai.client.operation.duration";
/// Histogram, tokens by `gen_ai.token.type`: what a model's call took in and gave out.
pub const GEN_AI_CLIENT_TOKEN_USAGE: &str = "gen_ai.client.token.usage";
/// Histogram, milliseconds: a request that wants a model's answer, from its head to the answer, upload included.
pub const LLM_LATENCY_MS: &str = "llm_latency_ms";
/// Gauge, 0 to 1: share of the requests of the last minute that got no answer of a model.
pub const LLM_ERROR_RATE: &str = "llm_error_rate";
/// Histogram, tokens in and out of a request.
pub const LLM_TOKENS_USED: &str = "llm_tokens_used";
/// Counter, US dollars by the price table.
pub const LLM_COST_ESTIMATE_USD: &str = "llm_cost_estimate_usd";
/// Counter by endpoint and status: requests that were answered.
pub const HTTP_REQUESTS_TOTAL: &str = "http_requests_total";

/// Boundaries, seconds, that the conventions advise for a model's calls.
pub const GEN_AI_DURATION_BOUNDARIES: [f64; 14] =
    [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
/// Boundaries, tokens, that the conventions advise.
pub const GEN_AI_TOKEN_BOUNDARIES: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];
/// Boundaries, tokens, for a whole request: finer where ordinary mails are and where prompts get out of hand.
pub const LLM_TOKEN_BOUNDARIES: [f64; 11] =
    [50.0, 100.0, 200.0, 300.0, 500.0, 750.0, 1000.0, 2000.0, 4000.0, 8000.0, 16_000.0];
/// Boundaries, milliseconds, for a whole request to a model: finer where people notice and monitors look.
pub const LLM_LATENCY_BOUNDARIES_MS: [f64; 14] =
    [25.0, 50.0, 100.0, 200.0, 300.0, 500.0, 750.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 5000.0, 10_000.0];

/// Boundaries, seconds, that the conventions advise for HTTP durations.
pub const HTTP_DURATION_BOUNDARIES: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// Boundaries, seconds, that the conventions advise for database durations.
pub const DB_DURATION_BOUNDARIES: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];
