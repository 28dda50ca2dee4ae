//! URLs, as far as a recording needs them.

use core::net::Ipv6Addr;
use std::fmt::Write;

/// An http or https URL in two parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// `https://shop.test:8443`, without credentials.
    pub(super) origin: String,
    /// `shop.test:8443`.
    pub(super) host: String,
    /// Path and query, beginning with a slash, in visible ASCII.
    pub(super) path: String,
}

impl Address {
    /// `None` for what is no http or https URL with a host.
    pub(super) fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.trim().split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "http" && scheme != "https" {
            return None;
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let host = authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
        let (name, port) = match host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
            Some((name, port)) => (name, port.parse::<u16>().ok().filter(|port| *port > 0)),
            None => (host.as_str(), Some(0)),
        };
        let is_name = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
        let is_address =
            name.strip_prefix('[').and_then(|n| n.strip_suffix(']')).is_some_and(|n| n.parse::<Ipv6Addr>().is_ok());
        let is_host = port.is_some() && (1..=253).contains(&name.len()) && (is_name(name) || is_address);
        let slash = if path.starts_with('/') { "" } else { "/" };
        is_host.then(|| Self { origin: format!("{scheme}://{host}"), path: format!("{slash}{}", visible(path)), host })
    }
}

/// `text` with everything percent-encoded that is no visible ASCII.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_fall_into_origin_and_path() {
        let table = [
            ("https://shop.test/a?b=c#d", Some(("https://shop.test", "/a?b=c"))),
            ("HTTP://user:secret@Shop.Test:8080", Some(("http://shop.test:8080", "/"))),
            ("http://shop.test?q=ü x", Some(("http://shop.test", "/?q=%C3%BC%20x"))),
            ("http://[::1]:80/x", Some(("http://[::1]:80", "/x"))),
            ("ws://shop.test/", None),
            ("data:text/plain,x", None),
            ("http://[::1]/x", Some(("http://[::1]", "/x"))),
            ("http://shop.test:0/", None),
            ("http://shop.test:99999/", None),
            ("http://[zz]/", None),
            ("http:///x", None),
            ("http://a b/", None),
        ];
        for (url, expected) in table {
            let parsed = Address::parse(url);
            assert_eq!(parsed.as_ref().map(|a| (a.origin.as_str(), a.path.as_str())), expected, "{url}");
        }
    }
}
