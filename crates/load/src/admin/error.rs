//! Errors as callers see them: a status and `{"error": {"code", "message", "trace_id"}}`.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

/// One field that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FieldMistake {
    pub(crate) field: String,
    pub(crate) message: String,
}

/// An answer that is an error.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    fields: Vec<FieldMistake>,
    /// The run that is in the way.
    demo: Option<Box<Value>>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), fields: Vec::new(), demo: None }
    }

    /// A body that is JSON but can't be used.
    pub(crate) fn fields(fields: Vec<FieldMistake>) -> Self {
        let said: Vec<String> = fields.iter().map(|m| format!("{} {}", m.field, m.message)).collect();
        Self { fields, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_input", said.join("; ")) }
    }

    /// Adds the run that is in the way.
    pub(crate) fn with_demo(mut self, demo: Value) -> Self {
        self.demo = Some(Box::new(demo));
        self
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut body = json!({
            "error": {
                "code": self.code,
                "message": self.message,
                "trace_id": telemetry::context::trace_id(),
            }
        });
        if !self.fields.is_empty() {
            body["error"]["fields"] = json!(self.fields);
        }
        if let Some(demo) = self.demo {
            body["demo"] = *demo;
        }
        (self.status, Json(body)).into_response()
    }
}
