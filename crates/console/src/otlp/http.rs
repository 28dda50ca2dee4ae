//! OTLP/HTTP: protobuf and JSON, plain or gzip, answers in the encoding of the question.

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State as Shared};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpListener;
use tonic::Code;
use tower_http::cors::CorsLayer;
use tower_http::decompression::RequestDecompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::clock;
use crate::options::ServeError;
use crate::otlp::admission::Admission;
use crate::otlp::answer::{log_response, metric_response, trace_response};
use crate::otlp::{LARGEST_MESSAGE, MESSAGE_WITHIN};
use crate::state::State;

const PROTOBUF: HeaderValue = HeaderValue::from_static("application/x-protobuf");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Serves until the console is to end.
pub(crate) async fn serve_http(listener: TcpListener, state: State, admission: Admission) -> Result<(), ServeError> {
    let shutdown = state.shutdown().clone();
    axum::serve(listener, router(state, admission)).with_graceful_shutdown(shutdown.cancelled_owned()).await?;
    Ok(())
}

fn router(state: State, admission: Admission) -> Router {
    Router::new()
        .route("/v1/traces", post(traces))
        .route("/v1/metrics", post(metrics))
        .route("/v1/logs", post(logs))
        .with_state(state)
        // The limit counts what comes out of decompression, so a small message cannot become a large one.
        .layer(DefaultBodyLimit::max(LARGEST_MESSAGE))
        .layer(RequestDecompressionLayer::new())
        .layer(RequestBodyTimeoutLayer::new(MESSAGE_WITHIN))
        .layer(admission.layer(refusal))
        // Browsers' SDKs send from pages of any origin.
        .layer(CorsLayer::permissive())
}

type Taken = Result<Bytes, BytesRejection>;

async fn traces(Shared(state): Shared<State>, headers: HeaderMap, body: Taken) -> Response {
    answer(&state, &headers, body, |message| trace_response(state.store().ingest_traces(&message, clock::now())))
}

async fn metrics(Shared(state): Shared<State>, headers: HeaderMap, body: Taken) -> Response {
    answer(&state, &headers, body, |message| metric_response(state.store().ingest_metrics(&message)))
}

async fn logs(Shared(state): Shared<State>, headers: HeaderMap, body: Taken) -> Response {
    answer(&state, &headers, body, |message| log_response(state.store().ingest_logs(&message, clock::now())))
}

/// The two encodings of OTLP/HTTP.
#[derive(Debug, Clone, Copy)]
enum Encoding {
    Protobuf,
    Json,
}

impl Encoding {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let given = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        match given.split(';').next()?.trim().to_ascii_lowercase().as_str() {
            "application/x-protobuf" | "application/protobuf" => Some(Self::Protobuf),
            "application/json" => Some(Self::Json),
            _ => None,
        }
    }

    fn decode<M: Message + Default + DeserializeOwned>(self, body: &[u8]) -> Result<M, String> {
        match self {
            Self::Protobuf => M::decode(body).map_err(|error| error.to_string()),
            Self::Json => serde_json::from_slice(body).map_err(|error| error.to_string()),
        }
    }

    fn respond<M: Message + Serialize>(self, status: StatusCode, message: &M) -> Response {
        let (content_type, body) = match self {
            Self::Protobuf => (PROTOBUF, message.encode_to_vec()),
            Self::Json => (JSON, serde_json::to_vec(message).unwrap_or_default()),
        };
        (status, [(CONTENT_TYPE, content_type)], body).into_response()
    }

    /// A `google.rpc.Status` as body.
    fn refuse(self, status: StatusCode, code: Code, message: &str) -> Response {
        let (content_type, body) = match self {
            Self::Protobuf => {
                let status =
                    tonic_types::Status { code: code.into(), message: message.to_owned(), details: Vec::new() };
                (PROTOBUF, status.encode_to_vec())
            }
            Self::Json => {
                (JSON, serde_json::json!({"code": i32::from(code), "message": message}).to_string().into_bytes())
            }
        };
        (status, [(CONTENT_TYPE, content_type)], body).into_response()
    }
}

fn answer<Q, A>(state: &State, headers: &HeaderMap, body: Taken, ingest: impl FnOnce(Q) -> A) -> Response
where
    Q: Message + Default + DeserializeOwned,
    A: Message + Serialize,
{
    let Some(encoding) = Encoding::of(headers) else {
        state.count_invalid();
        let message = "send application/x-protobuf or application/json";
        return Encoding::Json.refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::InvalidArgument, message);
    };
    let refused = match body {
        Ok(body) => match encoding.decode(&body) {
            Ok(message) => return encoding.respond(StatusCode::OK, &ingest(message)),
            Err(error) => encoding.refuse(
                StatusCode::BAD_REQUEST,
                Code::InvalidArgument,
                &format!("this is not an OTLP message of this path: {error}"),
            ),
        },
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let message = format!("a message may have {LARGEST_MESSAGE} bytes: send smaller batches");
            encoding.refuse(StatusCode::PAYLOAD_TOO_LARGE, Code::OutOfRange, &message)
        }
        Err(rejection) => {
            let message = format!("the body could not be read: {}", rejection.body_text());
            encoding.refuse(StatusCode::BAD_REQUEST, Code::InvalidArgument, &message)
        }
    };
    state.count_invalid();
    refused
}

fn refusal() -> Response<Body> {
    let mut response =
        Encoding::Json.refuse(StatusCode::TOO_MANY_REQUESTS, Code::ResourceExhausted, "too many messages at once");
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
