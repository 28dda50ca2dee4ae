//! The one way to a model elsewhere: HTTP with a deadline, a bounded answer, and errors that say what to do.
//!
//! A model belongs to somebody else: it gets `traceparent`, so that its owner can be asked about a call, and never `baggage`,
//! which says who the user is.
//!
//! Deliberately not here: retries, but for the one that a 429 asks for and the deadline leaves room for; proxies (a base URL
//! can be one); redirects, which would carry a key to wherever they lead.
//!
//! Hyper and not reqwest, although the workspace has that: to speak TLS with ring it needs a feature that makes every client
//! of the program panic which is built without choosing a provider first, and features are the same for all.

mod answer;
mod wait;

use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use telemetry::{Context, context};
use tokio::time::Instant;
use tokio_rustls::rustls::crypto::ring;

use super::ModelError;

pub(super) use self::answer::{Refusal, Remedies};

/// Time for a connection: another continent takes a third of a second, and a lost packet one more.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Idle connections are closed before the servers in question close them: Ollama and vLLM do so after minutes, proxies often
/// after 60 s.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest answer that is read, bytes: thousands of times what is asked for.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
const USER_AGENT: &str = concat!("doorbuster/", env!("CARGO_PKG_VERSION"));

/// Makes calls to models. Clones share connections.
#[derive(Debug, Clone)]
pub(crate) struct HttpClient {
    pool: Pool<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) uri: Uri,
    /// Who asks, and what else the server wants to know.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// JSON; empty for none.
    pub(super) body: Bytes,
}

/// Until when an answer has to be there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    at: Instant,
    timeout: Duration,
}

impl Deadline {
    /// `timeout` from now.
    pub(super) fn after(timeout: Duration) -> Self {
        Self { at: Instant::now() + timeout, timeout }
    }

    /// What `work` comes to, if it does so in time.
    pub(super) async fn limit<T>(self, work: impl Future<Output = T>) -> Result<T, ModelError> {
        tokio::time::timeout_at(self.at, work).await.map_err(|_| ModelError::TimedOut(self.timeout))
    }

    fn has_room_for(self, wait: Duration) -> bool {
        Instant::now() + wait < self.at
    }
}

/// What a server answered, whatever its status.
#[derive(Debug)]
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl HttpClient {
    /// A client without connections.
    pub(crate) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        // The TLS connector speaks http too, if it is asked to.
        connector.enforce_http(false);
        let https = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(ring::default_provider())
            .expect("ring has all that TLS 1.2 and 1.3 need")
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let pool = Pool::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build(https);
        Self { pool }
    }

    /// The body of a good answer to `request`.
    ///
    /// A 429 that says how long to wait is waited for and tried once more, if `deadline` leaves room for it.
    ///
    /// # Errors
    /// [`Refusal`], if there is no good answer in time; `remedies` say what may help.
    pub(super) async fn ask(
        &self,
        request: &Request,
        deadline: Deadline,
        remedies: &Remedies,
    ) -> Result<Bytes, Refusal> {
        let mut reply = self.send(request, deadline).await?;
        if reply.status == StatusCode::TOO_MANY_REQUESTS
            && let Some(wait) = wait::asked_for(&reply.headers, &reply.body)
            && deadline.has_room_for(wait)
        {
            tracing::debug!(
                wait_ms = wait.as_millis() as u64,
                "the model asks to wait; it is asked once more after that"
            );
            tokio::time::sleep(wait).await;
            reply = self.send(request, deadline).await?;
        }
        if reply.status.is_success() {
            return Ok(reply.body);
        }
        Err(answer::refusal(reply.status, &reply.headers, &reply.body, remedies))
    }

    async fn send(&self, request: &Request, deadline: Deadline) -> Result<Reply, ModelError> {
        deadline.limit(self.exchange(request)).await?
    }

    async fn exchange(&self, request: &Request) -> Result<Reply, ModelError> {
        let server = || request.uri.authority().map_or_else(String::new, ToString::to_string);
        let response = self.pool.request(request.to_http()).await.map_err(|error| {
            let why = innermost(&error);
            ModelError::Unavailable(if error.is_connect() {
                format!("the model at {} can't be reached: {why}", server())
            } else {
                format!("the connection to the model at {} broke: {why}", server())
            })
        })?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                ModelError::BadAnswer(format!("the model's answer is longer than {MAX_ANSWER_BYTES} bytes"))
            } else {
                let why = innermost(error.as_ref());
                ModelError::Unavailable(format!("the connection to the model at {} broke: {why}", server()))
            }
        })?;
        Ok(Reply { status: head.status, headers: head.headers, body: body.to_bytes() })
    }
}

impl Request {
    fn to_http(&self) -> http::Request<Full<Bytes>> {
        let mut request = http::Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        let headers = request.headers_mut();
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::ACCEPT, json.clone());
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        if !self.body.is_empty() {
            headers.insert(header::CONTENT_TYPE, json);
        }
        headers.extend(self.headers.iter().cloned());
        context::inject_without_baggage(&Context::current(), headers);
        request
    }
}

/// The last cause of `error`: hyper's own message is only "client error (Connect)".
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}
