//! Services that can be called.

use crate::conventions::shared;
use http::Uri;
use opentelemetry::Value;
use std::borrow::Cow;

/// A service that can be called.
#[derive(Clone, Debug)]
pub struct Peer {
    pub(super) service: Value,
    pub(super) host: Value,
    pub(super) port: u16,
    /// Without a trailing slash.
    pub(super) base_url: String,
    pub(super) is_third_party: bool,
}

/// A base URL that cannot be called.
#[derive(Debug, thiserror::Error)]
#[error("URL of {service} is {url:?}: expected http://HOST[:PORT]")]
pub struct PeerError {
    /// The service the URL was given for.
    pub service: String,
    /// As given.
    pub url: String,
}

impl Peer {
    /// The service called `service` at `base_url`, e.g. `http://127.0.0.1:8014`. A path in it is a prefix of all calls.
    ///
    /// # Errors
    /// If the URL is not `http://` with a host.
    pub fn new(service: impl Into<String>, base_url: &str) -> Result<Self, PeerError> {
        let service = service.into();
        let uri = base_url.trim().parse::<Uri>().ok();
        let uri = uri.filter(|uri| uri.scheme_str() == Some("http") && uri.query().is_none());
        let Some(host) = uri.as_ref().and_then(Uri::host).filter(|h| !h.is_empty()) else {
            return Err(PeerError { service, url: base_url.to_owned() });
        };
        Ok(Self {
            service: shared(service),
            host: shared(host.to_owned()),
            port: uri.as_ref().and_then(Uri::port_u16).unwrap_or(80),
            base_url: base_url.trim().trim_end_matches('/').to_owned(),
            is_third_party: false,
        })
    }

    /// Marks a peer that belongs to somebody else: it gets no baggage.
    pub fn third_party(mut self) -> Self {
        self.is_third_party = true;
        self
    }

    /// Name of the service.
    pub fn service(&self) -> Cow<'_, str> {
        self.service.as_str()
    }

    /// Where it is, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }
}
