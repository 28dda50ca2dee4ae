//! OTLP/HTTP: protobuf and JSON, answers in the encoding of the question.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method};
use prost::Message;
use serde_json::json;
use store::Ingested;
use tower_http::cors::{AllowHeaders, Any, CorsLayer};

use crate::otlp::body::{self, Coding};
use crate::otlp::refused::{self, Refused};
use crate::otlp::signal::Signal;
use crate::otlp::take::take;
use crate::otlp::{Admission, answer, json};
use crate::state::State;

/// How long a browser may remember that it may send.
const PREFLIGHT_AGE: Duration = Duration::from_secs(3600);

pub(crate) fn routes(admission: &Admission) -> Router<State> {
    let mut router = Router::new();
    for signal in Signal::ALL {
        let export = move |Shared(state), headers, body| export(state, signal, headers, body);
        router = router.route(signal.http_path(), post(export));
    }
    // Browsers' SDKs send from pages of any origin, with whatever headers their users configured.
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([RETRY_AFTER])
        .max_age(PREFLIGHT_AGE);
    router.route_layer(admission.layer(|| Encoding::Json.refuse(&Refused::TooMany))).layer(cors)
}

async fn export(state: State, signal: Signal, headers: HeaderMap, body: Body) -> Response {
    let encoding = Encoding::of(&headers);
    let refused_in = encoding.as_ref().copied().unwrap_or(Encoding::Json);
    let taken = match encoding {
        Ok(encoding) => message(encoding, signal, &headers, body).await,
        Err(refused) => Err(refused),
    };
    match taken.and_then(|message| take(&state, signal, &message)) {
        Ok(ingested) => refused_in.respond(signal, ingested),
        Err(refused) => {
            refused.count(&state);
            refused_in.refuse(&refused)
        }
    }
}

/// The protobuf of a message, however it came.
async fn message(encoding: Encoding, signal: Signal, headers: &HeaderMap, body: Body) -> Result<Bytes, Refused> {
    let coding = Coding::of(headers)?;
    let unpacked = coding.unpack(body::read(headers, body).await?)?;
    match encoding {
        Encoding::Protobuf => Ok(unpacked),
        Encoding::Json => json::to_protobuf(signal, &unpacked).map(Bytes::from).map_err(Refused::Malformed),
    }
}

/// The two encodings of OTLP/HTTP.
#[derive(Debug, Clone, Copy)]
enum Encoding {
    Protobuf,
    Json,
}

impl Encoding {
    fn of(headers: &HeaderMap) -> Result<Self, Refused> {
        let Some(given) = headers.get(CONTENT_TYPE) else {
            return Err(Refused::ContentType("missing".to_owned()));
        };
        let given = String::from_utf8_lossy(given.as_bytes());
        match given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "application/x-protobuf" | "application/protobuf" => Ok(Self::Protobuf),
            "application/json" => Ok(Self::Json),
            other => Err(Refused::ContentType(other.to_owned())),
        }
    }

    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        })
    }

    fn respond(self, signal: Signal, ingested: Ingested) -> Response {
        let body = match self {
            Self::Protobuf => answer::protobuf(signal, ingested),
            Self::Json => answer::json(signal, ingested),
        };
        ([(CONTENT_TYPE, self.content_type())], body).into_response()
    }

    /// A `google.rpc.Status` as body.
    fn refuse(self, refused: &Refused) -> Response {
        let (code, message) = (i32::from(refused.grpc_code()), refused.to_string());
        let body = match self {
            Self::Protobuf => tonic_types::Status { code, message, details: Vec::new() }.encode_to_vec(),
            Self::Json => json!({"code": code, "message": message}).to_string().into_bytes(),
        };
        let mut response = (refused.http_status(), [(CONTENT_TYPE, self.content_type())], body).into_response();
        if refused.is_for_now() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(refused::RETRY_AFTER.as_secs()));
        }
        response
    }
}
