//! Recorded headers, without those that belong to a browser, a connection or a secret.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::recording::Entry;
use super::secrets;
use super::step::literal;

/// Longest value that is written, in bytes: escaped dollars may double it, and a file takes 4096.
const LONGEST_VALUE: usize = 2048;
/// Most headers that a step may have.
const MOST: usize = 64;

/// Headers that browsers and engines write by themselves, or that bind a request to its first answer.
const AUTOMATIC: [&str; 34] = [
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "alt-used",
    "b3",
    "baggage",
    "cache-control",
    "connection",
    "content-length",
    "dnt",
    "expect",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "origin",
    "pragma",
    "priority",
    "proxy-connection",
    "range",
    "referer",
    "save-data",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "upgrade-insecure-requests",
    "user-agent",
];
/// Beginnings of such headers.
const AUTOMATIC_BEGINNINGS: [&str; 5] = [":", "sec-", "x-b3-", "sentry-", "x-datadog-"];

/// The headers of `entry` as templates, by name in lowercase. Those that look like secrets go to `left_out`, unless all
/// are kept.
pub(super) fn read(entry: &Entry, keep_auth: bool, left_out: &mut BTreeSet<String>) -> IndexMap<String, String> {
    let mut headers: IndexMap<String, String> = IndexMap::new();
    for header in entry.request.headers.iter().flatten() {
        let name = header.name.trim().to_ascii_lowercase();
        let value = header.value.as_deref().unwrap_or_default().trim();
        if is_automatic(&name) || !is_sendable(&name, value) || (name == "accept" && value == "*/*") {
            continue;
        }
        let is_secret = !keep_auth && (secrets::is_secret_name(&name) || secrets::is_secret(value));
        let is_too_much = value.len() > LONGEST_VALUE || (headers.len() == MOST && !headers.contains_key(&name));
        if is_secret || is_too_much {
            left_out.insert(name);
            continue;
        }
        let separator = if name == "cookie" { "; " } else { ", " };
        headers
            .entry(name)
            .and_modify(|old| {
                old.push_str(separator);
                old.push_str(&literal(value));
            })
            .or_insert_with(|| literal(value));
    }
    headers
}

fn is_automatic(name: &str) -> bool {
    AUTOMATIC.contains(&name) || AUTOMATIC_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

fn is_sendable(name: &str, value: &str) -> bool {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty()
        && name.bytes().all(is_token)
        && !value.is_empty()
        && value.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
}
