//! Extractors: what a caller sent, as [`Fields`] or as the error that says what is wrong with it.
//!
//! axum's own extractors are not used for bodies and queries: their rejections are plain text and stop at the first
//! mistake.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, Limited};
use serde_json::Value;

use super::ApiError;
use crate::input::{Field, Fields, Raw};

/// Largest body unless a service says otherwise: a cart of a hundred lines is under a tenth of it.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// Most of a body that is too large that is still read, so that its sender gets to the answer.
const MAX_DISCARDED_BYTES: usize = 1024 * 1024;
/// Longest that a body may take to arrive unless a service says otherwise; a phone on a bad line sends one in a second.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// Bounds of what a caller may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLimits {
    /// Largest body.
    pub bytes: usize,
    /// Longest that it may take to arrive.
    pub time: Duration,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self { bytes: MAX_BODY_BYTES, time: BODY_TIMEOUT }
    }
}

/// The fields of a JSON object in the body. An empty body without a content type is an empty object.
#[derive(Debug)]
pub struct Body(pub Fields);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let limits = request.extensions().get::<BodyLimits>().copied().unwrap_or_default();
        let is_json = is_json(request.headers());
        let declared =
            request.headers().get(http::header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
        if declared.is_some_and(|length| length > limits.bytes as u64) {
            discard(request.into_body(), limits).await;
            return Err(too_large(limits));
        }
        let bytes = collect(request.into_body(), limits).await?;
        match is_json {
            Some(false) => Err(not_json_type()),
            None if bytes.is_empty() => Ok(Self(Fields::default())),
            None => Err(not_json_type()),
            Some(true) => parse(&bytes).map(Self),
        }
    }
}

async fn collect(body: axum::body::Body, limits: BodyLimits) -> Result<Bytes, ApiError> {
    match tokio::time::timeout(limits.time, Limited::new(body, limits.bytes).collect()).await {
        Err(_) => Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", "the body took too long to arrive")),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(why)) if why.is::<http_body_util::LengthLimitError>() => Err(too_large(limits)),
        Ok(Err(_)) => Err(ApiError::bad_request("body_unreadable", "the body ended before its time")),
    }
}

/// Reads what will not be used. A client that is still sending when the connection closes may never see the answer.
async fn discard(body: axum::body::Body, limits: BodyLimits) {
    let body = Limited::new(body, MAX_DISCARDED_BYTES);
    // Whether all of it came, or too much, or too slowly: the answer is the same.
    let _ = tokio::time::timeout(limits.time, body.collect()).await;
}

/// Whether the content type is JSON; `None` where there is none.
fn is_json(headers: &HeaderMap) -> Option<bool> {
    let value = headers.get(CONTENT_TYPE)?;
    let essence = value.to_str().unwrap_or("").split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    Some(essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")))
}

fn parse(bytes: &[u8]) -> Result<Fields, ApiError> {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(fields)) => Ok(Fields::of_body(fields)),
        Ok(_) => Err(ApiError::bad_request("not_an_object", "the body must be a JSON object")),
        Err(why) => Err(ApiError::bad_request("not_json", format!("the body is not JSON: {why}"))),
    }
}

fn too_large(limits: BodyLimits) -> ApiError {
    ApiError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        format!("the body may have at most {} bytes", limits.bytes),
    )
}

fn not_json_type() -> ApiError {
    ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", "the content type must be application/json")
}

/// The fields of the query string.
#[derive(Debug)]
pub struct Query(pub Fields);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::<Vec<(String, String)>>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(pairs)) => Ok(Self(Fields::of_query(pairs))),
            Err(_) => Err(ApiError::bad_request("bad_query", "the query string can't be read")),
        }
    }
}

/// The one parameter of the path, as the type it must be.
#[derive(Debug)]
pub struct Segment<T>(pub T);

impl<S: Send + Sync, T: Field> FromRequestParts<S> for Segment<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let unreadable = || ApiError::bad_request("bad_path", "the path can't be read");
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| unreadable())?;
        let (name, value) = params.iter().next().ok_or_else(unreadable)?;
        let read = T::read(Raw::Text(value));
        read.map(Self).map_err(|why| ApiError::bad_request("invalid_input", format!("{name} {why}")))
    }
}
