//! Errors as callers see them: a status and `{"error": {"code", "message", "trace_id"}}`.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONNECTION, HeaderValue};
use serde::Serialize;
use telemetry::http_server::ErrorType;

use crate::input::{FieldMistake, Mistakes};

/// An answer that is an error.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    fields: Vec<FieldMistake>,
}

/// How a call to another service failed; decides which 5xx the caller of this one sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upstream {
    /// It did not answer in time: 504.
    TimedOut,
    /// It can't be reached, or says that it is busy (503): 503.
    Unavailable,
    /// It answered something that can't be used: 502.
    Broken,
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Inner<'a>,
}

#[derive(Serialize)]
struct Inner<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    fields: &'a [FieldMistake],
    trace_id: Option<String>,
}

impl ApiError {
    /// Any; `code` is a word for programs, `message` a sentence for people.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), fields: Vec::new() }
    }

    /// 400.
    pub fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 404.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", what)
    }

    /// 409.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// Something here is wrong that no caller can help. What it was stands in the log, not in the answer.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong here; the trace says what")
    }

    /// The same under another word for programs.
    pub fn with_code(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    /// The 5xx that tells how a call to `service` failed.
    pub fn upstream(service: &str, how: Upstream) -> Self {
        match how {
            Upstream::TimedOut => {
                Self::new(StatusCode::GATEWAY_TIMEOUT, "upstream_timeout", format!("{service} did not answer in time"))
            }
            Upstream::Unavailable => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "upstream_unavailable",
                format!("{service} is not available"),
            ),
            Upstream::Broken => {
                Self::new(StatusCode::BAD_GATEWAY, "upstream_error", format!("{service} failed to answer properly"))
            }
        }
    }

    /// Its HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Its word for programs.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl From<Mistakes> for ApiError {
    /// A query that can't be used is a bad request; a body that is JSON but makes no sense can't be processed.
    fn from(mistakes: Mistakes) -> Self {
        let status = if mistakes.in_query { StatusCode::BAD_REQUEST } else { StatusCode::UNPROCESSABLE_ENTITY };
        Self { status, code: "invalid_input", message: mistakes.to_string(), fields: mistakes.list }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let inner = Inner {
            code: self.code,
            message: &self.message,
            fields: &self.fields,
            trace_id: telemetry::context::trace_id(),
        };
        let mut response = (self.status, Json(Envelope { error: inner })).into_response();
        response.extensions_mut().insert(ErrorType(self.code));
        // Part of the body may still be on its way: what follows on this connection could not be told from it.
        if matches!(self.status, StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
