//! Calls to other services: what came back, or which way it failed.

use std::time::Duration;

use chassis::{ApiError, Dependency, Upstream};
use http::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use telemetry::Context;
use telemetry::context::FutureExt;
use telemetry::http_client::{CallError, CallErrorKind, Client, Peer, Reply};

use crate::ServiceName;
use crate::config::Config;

/// Longest that a readiness probe waits for another service.
const PROBE_TIMEOUT: Duration = Duration::from_millis(800);

/// Another service, and how long it is waited for.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    name: ServiceName,
    client: Client,
    peer: Peer,
    timeout: Duration,
}

/// Why there is no usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It is the service's trouble.
    Upstream { service: ServiceName, how: Upstream, code: Option<String> },
    /// It says that the request is wrong: a 4xx with its words.
    Refused { service: ServiceName, status: StatusCode, code: Option<String>, message: String },
}

impl Service {
    /// The service called `name`, as configured. Calls share `client`'s connections and end after `timeout`.
    pub(crate) fn new(name: ServiceName, config: &Config, client: &Client, timeout: Duration) -> Self {
        let peer = Peer::new(name.name(), config.url_of(name)).expect("the configuration checked the URL");
        Self { name, client: client.clone(), peer, timeout }
    }

    /// `GET`s `path`; `template` names its variables.
    pub(crate) async fn get<T: DeserializeOwned>(&self, template: &'static str, path: &str) -> Result<T, Failure> {
        self.read(self.client.get(&self.peer, template, path, self.timeout).await)
    }

    /// `POST`s a JSON body to `path`.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        template: &'static str,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<T, Failure> {
        self.read(self.client.post_json(&self.peer, template, path, body, self.timeout).await)
    }

    /// Readiness: whether it lives. Not whether it is ready, or one missing part would be reported by all.
    pub(crate) fn dependency(&self) -> Dependency {
        let service = self.clone();
        Dependency::new(self.name.name(), move || {
            let service = service.clone();
            // A probe is nobody's request: it leaves no span.
            let untraced = Context::new().with_telemetry_suppressed();
            async move {
                let probe = service.client.get(&service.peer, "/health", "/health", PROBE_TIMEOUT);
                match probe.with_context(untraced).await {
                    Ok(reply) if reply.status.is_success() => Ok(()),
                    Ok(reply) => Err(format!("answers {}", reply.status)),
                    Err(error) => Err(error.to_string()),
                }
            }
        })
    }

    fn read<T: DeserializeOwned>(&self, answer: Result<Reply, CallError>) -> Result<T, Failure> {
        let failed = |how, code| Failure::Upstream { service: self.name, how, code };
        let reply = answer.map_err(|error| {
            tracing::warn!(service = self.name.name(), %error, "a call failed");
            match error.kind {
                CallErrorKind::Timeout => failed(Upstream::TimedOut, None),
                CallErrorKind::Connect | CallErrorKind::Transport => failed(Upstream::Unavailable, None),
                CallErrorKind::TooLong | CallErrorKind::Request => failed(Upstream::Broken, None),
            }
        })?;
        if reply.status.is_success() {
            return reply.json().map_err(|_| failed(Upstream::Broken, None));
        }
        let (code, message) = error_of(&reply);
        Err(match reply.status {
            StatusCode::SERVICE_UNAVAILABLE => failed(Upstream::Unavailable, code),
            StatusCode::GATEWAY_TIMEOUT => failed(Upstream::TimedOut, code),
            status if status.is_client_error() => Failure::Refused { service: self.name, status, code, message },
            _ => failed(Upstream::Broken, code),
        })
    }
}

/// Code and message of one of our own errors.
fn error_of(reply: &Reply) -> (Option<String>, String) {
    let body: Value = reply.json().unwrap_or_default();
    let field = |name: &str| body.pointer(name).and_then(Value::as_str).map(str::to_owned);
    (field("/error/code"), field("/error/message").unwrap_or_default())
}

impl From<Failure> for ApiError {
    /// What the customer can act on is passed on: unknown, out of stock, declined. Any other refusal of a request that
    /// this service made up is this service's trouble.
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Upstream { service, how, .. } => Self::upstream(service.name(), how),
            Failure::Refused { service, status, code, message } => match (status, code.as_deref()) {
                (StatusCode::NOT_FOUND, _) => Self::not_found(message),
                (StatusCode::CONFLICT, Some("out_of_stock")) => Self::conflict("out_of_stock", message),
                (StatusCode::CONFLICT, Some("cart_full")) => Self::conflict("cart_full", message),
                (StatusCode::PAYMENT_REQUIRED, _) => Self::new(status, "payment_declined", message),
                (StatusCode::UNPROCESSABLE_ENTITY, Some("idempotency_key_reused")) => {
                    Self::new(status, "idempotency_key_reused", message)
                }
                _ => {
                    tracing::warn!(service = service.name(), %status, message, "a call was refused");
                    Self::upstream(service.name(), Upstream::Broken)
                }
            },
        }
    }
}
