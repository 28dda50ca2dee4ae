//! Calls to other services: pooled connections, a deadline, a CLIENT span, and the caller's context in the headers.
//!
//! The span is named after the method (`GET`), as the conventions ask for and `http-api.md` shows; the path template is
//! its `url.template`. For the caller a 4xx is an error as much as a 5xx is. The span's parent is the current context.

mod call;
mod durations;
mod peer;
mod reply;

pub use self::durations::CallDurations;
pub use self::peer::{Peer, PeerError};
pub use self::reply::{CallError, CallErrorKind, Reply};

use self::call::Call;
use crate::context;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use opentelemetry::Context;
use serde::Serialize;
use std::time::Duration;

/// Time for a TCP handshake; a service of the stage is one hop away.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Idle connections are closed after this long: well before any server of this project does it (20 s at the earliest),
/// so that none is reused while it is being closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// Idle connections kept per service: the peak of black-friday needs fewer than 200 at once.
const MAX_IDLE_PER_HOST: usize = 256;
/// Longest answer that is read, bytes.
pub const MAX_REPLY_BYTES: usize = 1024 * 1024;

/// Makes calls. Cheap to clone; clones share connections. The connections belong to the tokio runtime that makes them.
#[derive(Clone, Debug)]
pub struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

impl Client {
    /// A client with an empty pool.
    pub fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let pool = Pool::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(MAX_IDLE_PER_HOST)
            .build(connector);
        Self { pool }
    }

    /// `GET`s `path_and_query` (it starts with `/`). `template` is the path with its variables named, for telemetry:
    /// `/products/{id}`.
    ///
    /// # Errors
    /// If there is no complete answer within `timeout`. An answer with an error status is a [`Reply`].
    pub async fn get(
        &self,
        peer: &Peer,
        template: &'static str,
        path_and_query: &str,
        timeout: Duration,
    ) -> Result<Reply, CallError> {
        let body = Ok(Bytes::new());
        self.call(peer, Method::GET, template, path_and_query, body, timeout).await
    }

    /// `POST`s `body` as JSON; otherwise like [`Client::get`].
    ///
    /// # Errors
    /// If there is no complete answer within `timeout`, or `body` cannot be written as JSON.
    pub async fn post_json<B: Serialize + ?Sized>(
        &self,
        peer: &Peer,
        template: &'static str,
        path_and_query: &str,
        body: &B,
        timeout: Duration,
    ) -> Result<Reply, CallError> {
        let body = serde_json::to_vec(body).map(Bytes::from);
        self.call(peer, Method::POST, template, path_and_query, body, timeout).await
    }

    async fn call(
        &self,
        peer: &Peer,
        method: Method,
        template: &'static str,
        path_and_query: &str,
        body: Result<Bytes, serde_json::Error>,
        timeout: Duration,
    ) -> Result<Reply, CallError> {
        let call = Call::start(peer, &method, template, path_and_query);
        let failed = |kind, message: String| CallError { kind, service: peer.service.as_str().into_owned(), message };
        let request = body
            .map_err(|error| error.to_string())
            .and_then(|body| request(peer, method, path_and_query, body, call.span.context()));
        let result = match request {
            Err(message) => Err(failed(CallErrorKind::Request, message)),
            Ok(request) => match tokio::time::timeout(timeout, self.exchange(request)).await {
                Ok(result) => result.map_err(|(kind, message)| failed(kind, message)),
                Err(_) => {
                    let message = format!("no answer within {} ms", timeout.as_millis());
                    Err(failed(CallErrorKind::Timeout, message))
                }
            },
        };
        call.finish(&result);
        result
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Reply, (CallErrorKind, String)> {
        let response = self.pool.request(request).await.map_err(|error| {
            let kind = if error.is_connect() { CallErrorKind::Connect } else { CallErrorKind::Transport };
            (kind, causes(&error))
        })?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_REPLY_BYTES);
        let body = body.collect().await.map_err(|error| {
            let is_too_long = error.is::<http_body_util::LengthLimitError>();
            let kind = if is_too_long { CallErrorKind::TooLong } else { CallErrorKind::Transport };
            (kind, causes(error.as_ref()))
        })?;
        Ok(Reply { status, body: body.to_bytes() })
    }
}

fn request(
    peer: &Peer,
    method: Method,
    path_and_query: &str,
    body: Bytes,
    context: &Context,
) -> Result<Request<Full<Bytes>>, String> {
    let mut request = Request::builder().method(&method).uri(format!("{}{path_and_query}", peer.base_url));
    if let Some(headers) = request.headers_mut() {
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::ACCEPT, json.clone());
        if method != Method::GET {
            headers.insert(header::CONTENT_TYPE, json);
        }
        if peer.is_third_party {
            context::inject_without_baggage(context, headers);
        } else {
            context::inject(context, headers);
        }
    }
    request.body(Full::new(body)).map_err(|error| error.to_string())
}

/// `error` and everything behind it: hyper's own message is only "client error (Connect)".
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
