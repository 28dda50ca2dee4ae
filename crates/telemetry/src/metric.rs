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

/// Boundaries, seconds, that the conventions advise for HTTP durations.
pub const HTTP_DURATION_BOUNDARIES: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// Boundaries, seconds, that the conventions advise for database durations.
pub const DB_DURATION_BOUNDARIES: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];
