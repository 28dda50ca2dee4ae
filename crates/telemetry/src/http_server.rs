//! A tower layer for axum: one SERVER span and one duration measurement per request.
//!
//! ```
//! use axum::{Router, routing::get};
//! let router: Router = Router::new()
//!     .route("/products/{id}", get(|| async { "a product" }))
//!     .layer(telemetry::http_server::HttpServer::new());
//! ```
//!
//! Add it with `Router::layer` *after* all routes: there the matched route is known. What handlers await sees the
//! request's context as `Context::current()`. A 5xx answer is an error, a 4xx is not: the caller's mistake is the
//! caller's error. Requests to [`UNTRACED`] paths pass through untouched.

use crate::attr;
use crate::context::{self, FutureExt};
use crate::conventions::Conventions;
use crate::instruments::instruments;
use crate::span::Span;
use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use futures_util::future::BoxFuture;
use http::{StatusCode, header};
use opentelemetry::trace::SpanKind;
use opentelemetry::{KeyValue, Value};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::task::{Context as Polling, Poll};
use std::time::Instant;
use tower::{Layer, Service};

/// Path prefixes without spans: probes and administration would drown the requests of the experiment.
pub const UNTRACED: [&str; 4] = ["/health", "/ready", "/metrics", "/admin"];

/// Longest user agent, path or query kept on a span, bytes.
const MAX_TEXT_BYTES: usize = 512;

type EntryAttributes = dyn Fn(&Request) -> Vec<KeyValue> + Send + Sync;

/// The layer. Cheap to clone.
#[derive(Clone, Default)]
pub struct HttpServer {
    entry: Option<Arc<EntryAttributes>>,
    names_errors: bool,
}

/// What went wrong, in one word of the service's own: an extension of its answer, for [`HttpServer::naming_errors`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorType(pub &'static str);

impl fmt::Debug for HttpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpServer")
            .field("has_entry_attributes", &self.entry.is_some())
            .field("names_errors", &self.names_errors)
            .finish()
    }
}

impl HttpServer {
    /// A layer that writes the conventions' attributes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what `attributes` returns for a request to its span, e.g. `demo.minute` and `demo.phase`. It runs inside
    /// the request's context, before the handler.
    pub fn with_entry_attributes(
        mut self,
        attributes: impl Fn(&Request) -> Vec<KeyValue> + Send + Sync + 'static,
    ) -> Self {
        self.entry = Some(Arc::new(attributes));
        self
    }

    /// Writes the [`ErrorType`] of an answer with status 400 or more as its `error.type`, where there is one; the status of
    /// the span stays what it is without it.
    pub fn naming_errors(mut self) -> Self {
        self.names_errors = true;
        self
    }
}

impl<S> Layer<S> for HttpServer {
    type Service = Traced<S>;

    fn layer(&self, inner: S) -> Traced<S> {
        Traced { inner, layer: self.clone() }
    }
}

/// A service whose requests are traced.
#[derive(Clone, Debug)]
pub struct Traced<S> {
    inner: S,
    layer: HttpServer,
}

impl<S> Service<Request> for Traced<S>
where
    S: Service<Request, Response = Response>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response, S::Error>>;

    fn poll_ready(&mut self, polling: &mut Polling<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(polling)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if is_untraced(request.uri().path()) {
            return Box::pin(self.inner.call(request));
        }
        let exchange = Exchange::start(&request, self.layer.entry.as_deref());
        let names_errors = self.layer.names_errors;
        let context = exchange.span.context().clone();
        let answer = {
            let _inside = context.clone().attach();
            self.inner.call(request)
        };
        let traced = async move {
            let result = answer.await;
            if let Ok(response) = &result {
                let named = response.extensions().get::<ErrorType>().filter(|_| names_errors);
                exchange.finish(response.status(), named.copied());
            }
            result
        };
        Box::pin(traced.with_context(context))
    }
}

fn is_untraced(path: &str) -> bool {
    UNTRACED.iter().any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// A request between its arrival and its answer.
struct Exchange {
    span: Span,
    began: Instant,
    /// Attributes of the duration metric that are known from the start.
    measured: Vec<KeyValue>,
    conventions: Conventions,
    is_finished: bool,
}

impl Exchange {
    fn start(request: &Request, entry: Option<&EntryAttributes>) -> Self {
        let conventions = Conventions::current();
        let parent = context::extract(request.headers());
        let method = known_method(request.method());
        let route: Option<Value> =
            request.extensions().get::<MatchedPath>().map(|path| Value::from(path.as_str().to_owned()));
        let name = match &route {
            Some(route) => Cow::Owned(format!("{method} {}", route.as_str())),
            None => Cow::Borrowed(method),
        };
        let mut measured = Vec::with_capacity(6);
        measured.push(KeyValue::new(attr::http::REQUEST_METHOD, method));
        measured.push(KeyValue::new(attr::http::URL_SCHEME, "http"));
        if let Some(route) = route {
            measured.push(KeyValue::new(attr::http::ROUTE, route));
        }
        let mut attributes = Vec::with_capacity(20);
        attributes.extend(measured.iter().cloned());
        if conventions.old_http {
            attributes.push(KeyValue::new(attr::old::HTTP_METHOD, method));
        }
        describe(request, &mut attributes);
        if let Some(traffic_type) = context::traffic_type_of(&parent) {
            measured.push(KeyValue::new(attr::TRAFFIC_TYPE, traffic_type));
        }
        let span = Span::start_in(&parent, name, SpanKind::Server, attributes, None);
        if let (Some(entry), true) = (entry, span.is_recording()) {
            let _inside = span.context().clone().attach();
            span.set_all(entry(request));
        }
        Self { span, began: Instant::now(), measured, conventions, is_finished: false }
    }

    fn finish(mut self, status: StatusCode, named: Option<ErrorType>) {
        self.is_finished = true;
        let code = i64::from(status.as_u16());
        self.span.set(attr::http::RESPONSE_STATUS_CODE, code);
        if self.conventions.old_http {
            self.span.set(attr::old::HTTP_STATUS_CODE, code);
        }
        self.measured.push(KeyValue::new(attr::http::RESPONSE_STATUS_CODE, code));
        let is_named = status.is_client_error() && named.is_some();
        if status.is_server_error() || is_named {
            let error_type = named.map_or_else(|| status.as_str().to_owned(), |named| named.0.to_owned());
            self.span.set(attr::common::ERROR_TYPE, error_type.clone());
            self.measured.push(KeyValue::new(attr::common::ERROR_TYPE, error_type));
        }
        if status.is_server_error() {
            self.span.fail("");
        }
        self.measure();
    }

    fn measure(&self) {
        if let Some(instruments) = instruments() {
            instruments.http_server.record(self.began.elapsed().as_secs_f64(), &self.measured);
        }
    }
}

impl Drop for Exchange {
    /// Without an answer the client has gone, or the handler panicked.
    fn drop(&mut self) {
        if !self.is_finished {
            self.span.set(attr::common::ERROR_TYPE, "aborted");
            self.span.fail("no answer was sent");
            self.measured.push(KeyValue::new(attr::common::ERROR_TYPE, "aborted"));
            self.measure();
        }
    }
}

fn describe(request: &Request, attributes: &mut Vec<KeyValue>) {
    let uri = request.uri();
    attributes.push(KeyValue::new(attr::http::URL_PATH, shortened(uri.path())));
    if let Some(query) = uri.query() {
        attributes.push(KeyValue::new(attr::http::URL_QUERY, shortened(query)));
    }
    let headers = request.headers();
    if let Some(host) = headers.get(header::HOST).and_then(|h| h.to_str().ok()) {
        let (address, port) = match host.rsplit_once(':') {
            Some((address, port)) => (address, port.parse::<u16>().ok()),
            None => (host, None),
        };
        attributes.push(KeyValue::new(attr::common::SERVER_ADDRESS, shortened(address)));
        if let Some(port) = port {
            attributes.push(KeyValue::new(attr::common::SERVER_PORT, i64::from(port)));
        }
    }
    let agent = headers.get(header::USER_AGENT);
    if let Some(agent) = agent.and_then(|a| a.to_str().ok()) {
        attributes.push(KeyValue::new(attr::http::USER_AGENT, shortened(agent)));
    }
}

fn shortened(text: &str) -> String {
    let mut end = text.len().min(MAX_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// The method if it is one of the usual, `_OTHER` otherwise: a caller must not invent span names.
pub(crate) fn known_method(method: &http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "PATCH" => "PATCH",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}
