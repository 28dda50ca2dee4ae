//! A fault of the filter: which requests it is for, and what becomes of them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::until::Until;
use crate::input::{Field, Fields, Mistakes, Raw};

/// Longest delay. No client of the shop waits as long.
pub(super) const MAX_DELAY: Duration = Duration::from_secs(60);
/// Longest path prefix, in bytes.
const PATH_LENGTH: usize = 256;
/// Everything that a body may say.
const FIELDS: [&str; 6] = ["kind", "delay_ms", "status", "share", "path", "until_unix"];

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It waits before the service sees it.
    Latency(Duration),
    /// The service never sees it, and this is the answer.
    Error(StatusCode),
}

/// A fault that is in force until it ends.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) effect: Effect,
    share: f64,
    path: String,
    until: Until,
    hits: AtomicU64,
}

impl Fault {
    /// Reads the body of `PUT /admin/faults/{id}`.
    pub(super) fn read(mut fields: Fields) -> Result<Self, Mistakes> {
        fields.only(&FIELDS);
        let effect = fields.required::<Kind>("kind").and_then(|kind| {
            let (effect, foreign) = match kind {
                Kind::Latency => (fields.required::<Delay>("delay_ms").map(|d| Effect::Latency(d.0)), "status"),
                Kind::Error => (fields.required::<ErrorStatus>("status").map(|s| Effect::Error(s.0)), "delay_ms"),
            };
            if fields.has(foreign) {
                fields.note(foreign, "belongs to the other kind");
            }
            effect
        });
        let read = (
            effect,
            fields.optional::<Share>("share"),
            fields.optional::<PathPrefix>("path"),
            fields.required::<Until>("until_unix"),
        );
        let (effect, share, path, until) = fields.finish(read)?;
        Ok(Self {
            effect,
            share: share.map_or(1.0, |share| share.0),
            path: path.map_or_else(String::new, |path| path.0),
            until,
            hits: AtomicU64::new(0),
        })
    }

    /// Whether a request for `path` is one of those it is for; `draw` is the request's own number from 0 to below 1.
    pub(super) fn takes(&self, path: &str, draw: f64) -> bool {
        let is_hit = draw < self.share && path.starts_with(&self.path) && !self.has_ended();
        self.hits.fetch_add(u64::from(is_hit), Ordering::Relaxed);
        is_hit
    }

    pub(super) fn has_ended(&self) -> bool {
        self.until.has_passed()
    }

    pub(super) fn to_json(&self, id: &str) -> Value {
        let mut shown = json!({"id": id});
        match self.effect {
            Effect::Latency(delay) => {
                shown["kind"] = json!("latency");
                shown["delay_ms"] = json!(delay.as_millis() as u64);
            }
            Effect::Error(status) => {
                shown["kind"] = json!("error");
                shown["status"] = json!(status.as_u16());
            }
        }
        shown["share"] = json!(self.share);
        shown["path"] = if self.path.is_empty() { Value::Null } else { json!(self.path) };
        shown["until_unix"] = json!(self.until.unix_seconds());
        shown["hits"] = json!(self.hits.load(Ordering::Relaxed));
        shown
    }
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Latency,
    Error,
}

impl Field for Kind {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        match raw.text()? {
            "latency" => Ok(Self::Latency),
            "error" => Ok(Self::Error),
            _ => Err("must be `latency` or `error`".to_owned()),
        }
    }
}

struct Delay(Duration);

impl Field for Delay {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let delay = u64::try_from(raw.integer()?).ok().filter(|ms| *ms >= 1).map(Duration::from_millis);
        let delay = delay.filter(|delay| *delay <= MAX_DELAY).map(Self);
        delay.ok_or_else(|| format!("must be from 1 to {}", MAX_DELAY.as_millis()))
    }
}

struct ErrorStatus(StatusCode);

impl Field for ErrorStatus {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let code = u16::try_from(raw.integer()?).ok().filter(|code| (400..=599).contains(code));
        let status = code.and_then(|code| StatusCode::from_u16(code).ok()).map(Self);
        status.ok_or_else(|| "must be from 400 to 599".to_owned())
    }
}

/// Over 0, at most 1.
struct Share(f64);

impl Field for Share {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let share = raw.decimal()?;
        (share > 0.0 && share <= 1.0).then_some(Self(share)).ok_or_else(|| "must be over 0 and at most 1".to_owned())
    }
}

struct PathPrefix(String);

impl Field for PathPrefix {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let path = raw.text()?;
        let is_prefix =
            path.starts_with('/') && path.len() <= PATH_LENGTH && path.bytes().all(|b| b.is_ascii_graphic());
        is_prefix
            .then(|| Self(path.to_owned()))
            .ok_or_else(|| format!("must be the beginning of a path such as `/api`, at most {PATH_LENGTH} characters"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut body: Value) -> Result<Fault, String> {
        body["until_unix"] = json!(Until::within(60.0).unix_seconds());
        let fields = Fields::of_body(body.as_object().cloned().unwrap_or_default());
        Fault::read(fields).map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn a_fault_takes_its_share_of_the_requests_to_its_path() {
        let fault = read(json!({"kind": "error", "status": 503, "share": 0.25, "path": "/api/c"})).unwrap();
        let table = [
            ("/api/checkout", 0.0, true),
            ("/api/checkout", 0.249, true),
            ("/api/checkout", 0.25, false),
            ("/api/b", 0.0, false),
        ];
        for (path, draw, expected) in table {
            assert_eq!(fault.takes(path, draw), expected, "{path} {draw}");
        }
        let shown = fault.to_json("one");
        assert_eq!((&shown["hits"], &shown["status"], &shown["id"]), (&json!(2), &json!(503), &json!("one")));
        let all = read(json!({"kind": "latency", "delay_ms": 250})).unwrap();
        assert_eq!(all.effect, Effect::Latency(Duration::from_millis(250)));
        assert!(all.takes("/", 0.999_999));
    }

    #[test]
    fn a_fault_that_has_ended_takes_nothing() {
        let mut fault = read(json!({"kind": "latency", "delay_ms": 1})).unwrap();
        assert!(fault.takes("/", 0.0));
        fault.until = Until::within(-1.0);
        assert!(!fault.takes("/", 0.0) && fault.has_ended());
        assert_eq!(fault.to_json("x")["hits"], 1);
    }

    #[test]
    fn every_mistake_names_its_field() {
        let table = [
            (json!({}), "kind is missing"),
            (json!({"kind": "slow"}), "kind must be `latency` or `error`"),
            (json!({"kind": "latency"}), "delay_ms is missing"),
            (json!({"kind": "latency", "delay_ms": 0}), "delay_ms must be from 1 to 60000"),
            (json!({"kind": "latency", "delay_ms": 60_001}), "delay_ms must be from 1 to 60000"),
            (json!({"kind": "latency", "delay_ms": 1.5}), "delay_ms must be a whole number"),
            (json!({"kind": "latency", "delay_ms": 1, "status": 503}), "status belongs to the other kind"),
            (json!({"kind": "error"}), "status is missing"),
            (json!({"kind": "error", "status": 200}), "status must be from 400 to 599"),
            (json!({"kind": "error", "status": 600}), "status must be from 400 to 599"),
            (json!({"kind": "error", "status": 500, "share": 0}), "share must be over 0"),
            (json!({"kind": "error", "status": 500, "share": 1.01}), "share must be over 0"),
            (json!({"kind": "error", "status": 500, "path": "api"}), "path must be the beginning"),
            (json!({"kind": "error", "status": 500, "shar": 1}), "shar is not a field"),
        ];
        for (body, said) in table {
            let mistakes = read(body.clone()).unwrap_err();
            assert!(mistakes.contains(said), "{body}: {mistakes}");
        }
    }
}
