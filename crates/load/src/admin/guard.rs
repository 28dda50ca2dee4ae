//! Who may change something: on loopback everybody on the machine, beyond it whoever has the token.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::error::ApiError;

/// What a caller must show.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    /// Of the token, so that comparing takes the same time whatever the lengths.
    token_digest: Option<[u8; 32]>,
}

impl Guard {
    /// `None` lets everybody in who reaches the service: only right on loopback.
    pub(crate) fn new(token: Option<&str>) -> Self {
        Self { token_digest: token.map(|token| Sha256::digest(token.as_bytes()).into()) }
    }

    fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let Some(expected) = &self.token_digest else {
            return same_origin(headers);
        };
        let given = headers
            .get(header::AUTHORIZATION)
            .map(|value| value.as_bytes())
            .and_then(|value| value.strip_prefix(b"Bearer "))
            .unwrap_or_default();
        let given: [u8; 32] = Sha256::digest(given.trim_ascii()).into();
        if bool::from(given.ct_eq(expected)) {
            return Ok(());
        }
        let message = "this needs `Authorization: Bearer` with the token of DOORBUSTER_ADMIN_TOKEN";
        Err(ApiError::new(StatusCode::UNAUTHORIZED, "unauthorized", message))
    }
}

/// A page in a browser on this machine may not start load behind its user's back: browsers say which page it was.
fn same_origin(headers: &HeaderMap) -> Result<(), ApiError> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or_default();
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    // A name of its own that leads here is no proof of being from here: DNS says what its owner likes.
    if host.is_some_and(is_this_machine) && host == text(header::HOST) {
        return Ok(());
    }
    let message = "pages of other origins may not change anything here";
    Err(ApiError::new(StatusCode::FORBIDDEN, "foreign_origin", message))
}

/// Whether `host`, perhaps with a port, is a name that nobody can point here from outside.
fn is_this_machine(host: &str) -> bool {
    let authority = host.parse::<http::uri::Authority>().ok();
    let name = authority.as_ref().map_or(host, |authority| authority.host());
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// Middleware for routes that change something.
pub(crate) async fn guarded(State(guard): State<Guard>, request: Request, next: Next) -> Result<Response, ApiError> {
    guard.check(request.headers())?;
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs =
            pairs.iter().map(|(name, value)| ((*name).parse().expect("a name"), HeaderValue::from_static(value)));
        pairs.collect()
    }

    #[test]
    fn only_the_token_opens_a_guarded_service() {
        let guard = Guard::new(Some("secret"));
        assert!(guard.check(&headers(&[("authorization", "Bearer secret")])).is_ok());
        for wrong in ["Bearer secre", "Bearer secret2", "Bearer ", "Basic secret", "secret", ""] {
            assert!(guard.check(&headers(&[("authorization", wrong)])).is_err(), "{wrong:?}");
        }
        assert!(guard.check(&HeaderMap::new()).is_err());
    }

    #[test]
    fn without_a_token_only_foreign_pages_are_kept_out() {
        let guard = Guard::new(None);
        assert!(guard.check(&HeaderMap::new()).is_ok());
        let table = [("http://127.0.0.1:8010", true), ("http://evil.example", false), ("null", false)];
        for (origin, allowed) in table {
            let headers = headers(&[("host", "127.0.0.1:8010"), ("origin", origin)]);
            assert_eq!(guard.check(&headers).is_ok(), allowed, "{origin}");
        }
        // A page of evil.example, whose name leads to this machine: origin and host are the same.
        let rebound = headers(&[("host", "evil.example:8010"), ("origin", "http://evil.example:8010")]);
        assert!(guard.check(&rebound).is_err());
        assert!(guard.check(&headers(&[("host", "localhost:8010"), ("origin", "http://localhost:8010")])).is_ok());
    }
}
