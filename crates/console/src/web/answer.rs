//! What routes answer with: pages, JSON, and mistakes as `{"error": {"code", "message"}}`.

use axum::Json;
use axum::extract::Query;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use crate::web::query::{BadField, Fields};

/// An answer that says what was wrong.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
}

pub(crate) fn refuse(status: StatusCode, code: &'static str, message: impl Into<String>) -> Refused {
    Refused { status, code, message: message.into() }
}

impl Refused {
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"error": {"code": self.code, "message": self.message}}))).into_response()
    }
}

impl From<BadField> for Refused {
    fn from(bad: BadField) -> Self {
        refuse(StatusCode::BAD_REQUEST, "bad_field", bad.to_string())
    }
}

impl From<QueryRejection> for Refused {
    fn from(rejection: QueryRejection) -> Self {
        refuse(StatusCode::BAD_REQUEST, "bad_query", rejection.body_text())
    }
}

impl From<JsonRejection> for Refused {
    fn from(rejection: JsonRejection) -> Self {
        refuse(rejection.status(), "bad_body", rejection.body_text())
    }
}

/// What stands after the question mark, if it can be read.
pub(crate) type Asked = Result<Query<Fields>, QueryRejection>;

/// JSON, or what was wrong.
pub(crate) type Answer<T> = Result<Json<T>, Refused>;

/// A page.
pub(crate) fn page(status: StatusCode, markup: maud::Markup) -> Response {
    (status, Html(markup.into_string())).into_response()
}
