//! `/admin/retries`: whether the visitors of a stream send a failed request again.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::routing::{get, put};
use axum::{Json, Router};
use http::HeaderMap;
use serde_json::{Value, json};

use super::error::ApiError;
use super::input::Reader;
use super::routes::json_body;
use super::streams;
use crate::engine::{RetryPolicy, StreamRetries, unix_now};
use crate::generator::Generator;

/// Most times that a request is sent again: with its first it may then be eleven.
const MAX_RETRIES: u64 = 10;
/// Longest pause before a request is sent again, in milliseconds.
const MAX_BACKOFF_MS: u64 = 60_000;

/// The routes that change something, and those that only look.
pub(super) fn routes() -> (Router<Arc<Generator>>, Router<Arc<Generator>>) {
    let changing = Router::new().route("/admin/retries/{stream}", put(change).delete(remove));
    (changing, Router::new().route("/admin/retries", get(list)))
}

/// `PUT /admin/retries/{stream} {retries, backoff_ms?, until_unix}`
async fn change(
    State(generator): State<Arc<Generator>>,
    Path(stream): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, ApiError> {
    let policy = parse(&json_body(&headers, body)?, unix_now())?;
    let run = streams::run(&generator)?;
    let number = streams::find(&run, &stream)?;
    run.retries().set(number, Some(policy));
    Ok(Json(shown(&stream, run.retries().of(number))))
}

/// Nothing to remove is as good as removed.
async fn remove(State(generator): State<Arc<Generator>>, Path(stream): Path<String>) -> Json<Value> {
    let removed = generator.current().and_then(|run| {
        let number = streams::find(&run, &stream).ok()?;
        run.retries().set(number, None)
    });
    Json(json!({"removed": removed.is_some()}))
}

/// Streams whose visitors try again, or did in this run.
async fn list(State(generator): State<Arc<Generator>>) -> Json<Value> {
    let mut listed = Vec::new();
    if let Some(run) = generator.current() {
        for (number, stream) in run.plan().traffic.streams.iter().enumerate() {
            let retries = run.retries().of(number);
            if retries != StreamRetries::default() {
                listed.push(shown(&stream.name, retries));
            }
        }
    }
    Json(json!({"retries": listed}))
}

fn shown(stream: &str, retries: StreamRetries) -> Value {
    json!({
        "stream": stream,
        "retries": retries.policy.map_or(0, |policy| policy.retries),
        "backoff_ms": retries.policy.map_or(0, |policy| policy.backoff.as_millis() as u64),
        "until_unix": retries.policy.map(|policy| policy.until_unix),
        "sent": retries.sent,
    })
}

fn parse(body: &[u8], now: f64) -> Result<RetryPolicy, ApiError> {
    let mut reader = Reader::new(body, r#"{"retries": 3, "until_unix": 1795996800}"#)?;
    for field in ["retries", "until_unix"] {
        if !reader.has(field) {
            reader.mistake(field, "is missing");
        }
    }
    let policy = RetryPolicy {
        retries: reader.whole("retries", 1..=MAX_RETRIES).and_then(|n| u32::try_from(n).ok()).unwrap_or_default(),
        backoff: Duration::from_millis(reader.whole("backoff_ms", 0..=MAX_BACKOFF_MS).unwrap_or_default()),
        until_unix: streams::until(&mut reader, now),
    };
    reader.finish(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_whole_and_every_mistake_names_its_field() {
        let read = |body: &str| parse(body.as_bytes(), 1_000.0);
        let policy = read(r#"{"retries": 3, "backoff_ms": 250, "until_unix": 1500.5}"#).expect("right");
        let expected = RetryPolicy { retries: 3, backoff: Duration::from_millis(250), until_unix: 1_500.5 };
        assert_eq!(policy, expected);
        let at_once = read(r#"{"retries": 10, "until_unix": 1500}"#).expect("right");
        assert_eq!((at_once.retries, at_once.backoff), (10, Duration::ZERO));
        let table = [
            ("[]", "must be a JSON object"),
            ("{}", "retries is missing; until_unix is missing"),
            (r#"{"retries": 0, "until_unix": 1500}"#, "retries must be a whole number from 1 to 10"),
            (r#"{"retries": 11, "until_unix": 1500}"#, "retries must be"),
            (r#"{"retries": 1.5, "until_unix": 1500}"#, "retries must be"),
            (r#"{"retries": 1, "backoff_ms": 60001, "until_unix": 1500}"#, "backoff_ms must be"),
            (r#"{"retries": 1, "backoff_ms": -1, "until_unix": 1500}"#, "backoff_ms must be"),
            (
                r#"{"retries": 1, "until_unix": 999}"#,
                "until_unix must be a number of Unix seconds in the next 48 hours",
            ),
            (r#"{"retries": 1, "until_unix": 900000}"#, "until_unix must be"),
            (r#"{"retries": 1, "until_unix": "soon"}"#, "until_unix must be"),
            (r#"{"retries": 1, "until_unix": 1500, "retry": 1}"#, "retry is not a field"),
        ];
        for (body, said) in table {
            let mistakes = format!("{:?}", read(body).expect_err(body));
            assert!(mistakes.contains(said), "{body}: {mistakes}");
        }
    }
}
