//! How long a server that has too much to do asks its callers to wait.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};
use serde_json::Value;

/// From `Retry-After`, in seconds or as a date; otherwise from the `RetryInfo` that Google puts into the body.
pub(super) fn asked_for(headers: &HeaderMap, body: &[u8]) -> Option<Duration> {
    let header = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    header.and_then(|text| from_header(text, SystemTime::now())).or_else(|| from_body(body))
}

fn from_header(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    // One that has passed asks for no wait.
    Some(at.duration_since(now).unwrap_or_default())
}

fn from_body(body: &[u8]) -> Option<Duration> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let details = body.get("error")?.get("details")?.as_array()?;
    let delay = details.iter().find_map(|detail| detail.get("retryDelay"))?.as_str()?;
    let seconds: f64 = delay.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_until_a_date() {
        let now = httpdate::parse_http_date("Fri, 27 Nov 2026 12:00:00 GMT").unwrap();
        for (text, wait) in [
            ("0", Some(0)),
            (" 7 ", Some(7)),
            ("Fri, 27 Nov 2026 12:00:30 GMT", Some(30)),
            ("Fri, 27 Nov 2026 11:00:00 GMT", Some(0)),
            ("Friday, 27-Nov-26 12:00:30 GMT", Some(30)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(from_header(text, now), wait.map(Duration::from_secs), "{text:?}");
        }
    }

    #[test]
    fn google_says_it_in_the_body() {
        let body = br#"{"error":{"code":429,"details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure"},
                        {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}}"#;
        assert_eq!(asked_for(&HeaderMap::new(), body), Some(Duration::from_millis(34_500)));
        for other in
            ["", "{}", r#"{"error":{"details":[{"retryDelay":"-1s"}]}}"#, r#"{"error":{"details":[{"retryDelay":7}]}}"#]
        {
            assert_eq!(asked_for(&HeaderMap::new(), other.as_bytes()), None, "{other}");
        }
    }
}
