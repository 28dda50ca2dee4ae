//! Who may change something: on loopback everybody on the machine, beyond it whoever has the token.
//!
//! The load generator's admin API has the same rule in its own words: the two crates may not know each other, and the
//! answer is an error of each one's own.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::ApiError;

/// What a caller must show.
#[derive(Debug, Clone)]
pub(crate) enum Guard {
    /// Nothing, unless a browser sends the call for a page from elsewhere.
    Local,
    /// The token with this digest: comparing digests takes the same time whatever was given.
    Token([u8; 32]),
    /// There is nothing that could be shown.
    Closed,
}

impl Guard {
    /// For a service that listens on `bind`.
    pub(crate) fn new(bind: IpAddr, token: Option<&str>) -> Self {
        match token {
            _ if bind.is_loopback() => Self::Local,
            Some(token) => Self::Token(Sha256::digest(token.as_bytes()).into()),
            None => Self::Closed,
        }
    }

    fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        match self {
            Self::Local => same_origin(headers),
            Self::Token(expected) => {
                let given = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
                let given = given.and_then(|value| value.strip_prefix(b"Bearer ")).unwrap_or_default();
                let given: [u8; 32] = Sha256::digest(given.trim_ascii()).into();
                if bool::from(given.ct_eq(expected)) {
                    return Ok(());
                }
                let message = "this needs `Authorization: Bearer` with the token of DOORBUSTER_ADMIN_TOKEN";
                Err(ApiError::new(StatusCode::UNAUTHORIZED, "unauthorized", message))
            }
            Self::Closed => {
                let message = "nothing can be changed from outside: the service has no DOORBUSTER_ADMIN_TOKEN";
                Err(ApiError::new(StatusCode::FORBIDDEN, "no_admin_token", message))
            }
        }
    }
}

/// A page in a browser on this machine may not break the shop behind its user's back: browsers say which page it was.
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
pub(super) async fn guarded(State(guard): State<Guard>, request: Request, next: Next) -> Result<Response, ApiError> {
    guard.check(request.headers())?;
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use http::HeaderValue;

    use super::*;

    fn status(guard: &Guard, pairs: &[(&'static str, &'static str)]) -> u16 {
        let pairs = pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
        let headers: HeaderMap = pairs.collect();
        guard.check(&headers).map_or_else(|refused| refused.status().as_u16(), |()| 200)
    }

    #[test]
    fn beyond_loopback_only_the_token_opens_and_without_one_nothing_does() {
        let anywhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let guard = Guard::new(anywhere, Some("secret"));
        assert_eq!(status(&guard, &[("authorization", "Bearer secret")]), 200);
        for wrong in ["Bearer secre", "Bearer secret2", "Bearer ", "Basic secret", "secret", ""] {
            assert_eq!(status(&guard, &[("authorization", wrong)]), 401, "{wrong:?}");
        }
        assert_eq!(status(&guard, &[]), 401);
        let closed = Guard::new(anywhere, None);
        for headers in [&[][..], &[("authorization", "Bearer ")], &[("authorization", "Bearer secret")]] {
            assert_eq!(status(&closed, headers), 403);
        }
    }

    #[test]
    fn on_loopback_only_foreign_pages_are_kept_out() {
        let guard = Guard::new(IpAddr::V4(Ipv4Addr::LOCALHOST), Some("secret"));
        assert_eq!(status(&guard, &[]), 200);
        let table = [("http://127.0.0.1:8014", 200), ("http://evil.example", 403), ("null", 403)];
        for (origin, expected) in table {
            assert_eq!(status(&guard, &[("host", "127.0.0.1:8014"), ("origin", origin)]), expected, "{origin}");
        }
        // A page of evil.example, whose name leads to this machine: origin and host are the same.
        assert_eq!(status(&guard, &[("host", "evil.example:8014"), ("origin", "http://evil.example:8014")]), 403);
        for host in ["localhost:8014", "[::1]:8014", "127.0.0.1"] {
            let origin: &'static str = Box::leak(format!("http://{host}").into_boxed_str());
            assert_eq!(status(&guard, &[("host", host), ("origin", origin)]), 200, "{host}");
        }
    }
}
