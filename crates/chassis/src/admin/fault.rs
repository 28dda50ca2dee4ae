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
/// Longest traffic type, in bytes: what telemetry keeps of one.
const TRAFFIC_TYPE_LENGTH: usize = 32;
/// Everything that a body may say.
const FIELDS: [&str; 8] = ["kind", "delay_ms", "at", "status", "share", "path", "traffic_type", "until_unix"];

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It waits for so long.
    Latency(Delay, Place),
    /// The service never sees it, and this is the answer.
    Error(StatusCode),
}

/// Where a request waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Before the service sees it.
    Entry,
    /// Where the service waits for what it calls itself, if it has such a place.
    Upstream,
}

/// From the shortest to the longest, both included; drawn evenly for each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Delay {
    least: Duration,
    most: Duration,
}

impl Delay {
    /// The delay of a request whose number from 0 to below 1 is `draw`.
    pub(super) fn of(self, draw: f64) -> Duration {
        self.least + (self.most - self.least).mul_f64(draw)
    }
}

/// A fault that is in force until it ends.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) effect: Effect,
    share: f64,
    path: String,
    traffic_type: Option<String>,
    until: Until,
    hits: AtomicU64,
}

impl Fault {
    /// Reads the body of `PUT /admin/faults/{id}`.
    pub(super) fn read(mut fields: Fields) -> Result<Self, Mistakes> {
        fields.only(&FIELDS);
        let effect = fields.required::<Kind>("kind").and_then(|kind| {
            let (effect, foreign) = match kind {
                Kind::Latency => {
                    let (delay, at) = (fields.required::<Delay>("delay_ms"), fields.optional::<Place>("at"));
                    let effect = delay.zip(at).map(|(delay, at)| Effect::Latency(delay, at.unwrap_or(Place::Entry)));
                    (effect, &["status"][..])
                }
                Kind::Error => {
                    let status = fields.required::<ErrorStatus>("status");
                    (status.map(|status| Effect::Error(status.0)), &["delay_ms", "at"][..])
                }
            };
            for name in foreign.iter().filter(|name| fields.has(name)).collect::<Vec<_>>() {
                fields.note(name, "belongs to the other kind");
            }
            effect
        });
        let read = (
            effect,
            fields.optional::<Share>("share"),
            fields.optional::<PathPrefix>("path"),
            fields.optional::<TrafficType>("traffic_type"),
            fields.required::<Until>("until_unix"),
        );
        let (effect, share, path, traffic_type, until) = fields.finish(read)?;
        Ok(Self {
            effect,
            share: share.map_or(1.0, |share| share.0),
            path: path.map_or_else(String::new, |path| path.0),
            traffic_type: traffic_type.map(|traffic_type| traffic_type.0),
            until,
            hits: AtomicU64::new(0),
        })
    }

    /// Whether a request for `path` with this `traffic_type` is one of those it is for; `draw` is the request's own number
    /// from 0 to below 1.
    pub(super) fn takes(&self, path: &str, traffic_type: Option<&str>, draw: f64) -> bool {
        let is_traffic = self.traffic_type.is_none() || self.traffic_type.as_deref() == traffic_type;
        let is_hit = draw < self.share && path.starts_with(&self.path) && is_traffic && !self.has_ended();
        self.hits.fetch_add(u64::from(is_hit), Ordering::Relaxed);
        is_hit
    }

    pub(super) fn has_ended(&self) -> bool {
        self.until.has_passed()
    }

    pub(super) fn to_json(&self, id: &str) -> Value {
        let mut shown = json!({"id": id});
        match self.effect {
            Effect::Latency(delay, at) => {
                let ms = |delay: Duration| delay.as_millis() as u64;
                shown["kind"] = json!("latency");
                shown["delay_ms"] = match delay.least == delay.most {
                    true => json!(ms(delay.least)),
                    false => json!([ms(delay.least), ms(delay.most)]),
                };
                shown["at"] = json!(at.word());
            }
            Effect::Error(status) => {
                shown["kind"] = json!("error");
                shown["status"] = json!(status.as_u16());
            }
        }
        shown["share"] = json!(self.share);
        shown["path"] = if self.path.is_empty() { Value::Null } else { json!(self.path) };
        shown["traffic_type"] = json!(self.traffic_type);
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

impl Field for Delay {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let one = |raw: Raw<'_>| {
            let delay = u64::try_from(raw.integer()?).ok().filter(|ms| *ms >= 1).map(Duration::from_millis);
            let delay = delay.filter(|delay| *delay <= MAX_DELAY);
            delay.ok_or_else(|| format!("must be from 1 to {}", MAX_DELAY.as_millis()))
        };
        let Ok(bounds) = raw.array() else {
            let delay = one(raw)?;
            return Ok(Self { least: delay, most: delay });
        };
        let [least, most] = bounds else {
            return Err("must be a number of milliseconds or `[least, most]`".to_owned());
        };
        let (least, most) = (one(Raw::Json(least))?, one(Raw::Json(most))?);
        (least <= most).then_some(Self { least, most }).ok_or_else(|| "must have the shorter one first".to_owned())
    }
}

impl Place {
    const ALL: [(&str, Self); 2] = [("entry", Self::Entry), ("upstream", Self::Upstream)];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, place)| *place == self).map_or("entry", |(word, _)| word)
    }
}

impl Field for Place {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let text = raw.text()?;
        let found = Self::ALL.iter().find(|(word, _)| *word == text).map(|(_, place)| *place);
        found.ok_or_else(|| "must be `entry` or `upstream`".to_owned())
    }
}

/// The `traffic.type` of a request's baggage.
struct TrafficType(String);

impl Field for TrafficType {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let text = raw.text()?;
        let is_word = (1..=TRAFFIC_TYPE_LENGTH).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        is_word
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| format!("must be 1 to {TRAFFIC_TYPE_LENGTH} characters of A-Z, a-z, 0-9, `_`, `-`"))
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
            assert_eq!(fault.takes(path, None, draw), expected, "{path} {draw}");
        }
        let shown = fault.to_json("one");
        assert_eq!((&shown["hits"], &shown["status"], &shown["id"]), (&json!(2), &json!(503), &json!("one")));
        let all = read(json!({"kind": "latency", "delay_ms": 250})).unwrap();
        let quarter = Duration::from_millis(250);
        assert_eq!(all.effect, Effect::Latency(Delay { least: quarter, most: quarter }, Place::Entry));
        assert!(all.takes("/", Some("demo"), 0.999_999));
    }

    #[test]
    fn a_fault_may_be_for_one_kind_of_traffic_and_draws_its_delay() {
        let body = json!({"kind": "latency", "delay_ms": [2000, 5000], "at": "upstream", "traffic_type": "slow"});
        let fault = read(body).unwrap();
        for (traffic_type, expected) in [(Some("slow"), true), (Some("slower"), false), (None, false)] {
            assert_eq!(fault.takes("/", traffic_type, 0.0), expected, "{traffic_type:?}");
        }
        let Effect::Latency(delay, Place::Upstream) = fault.effect else { panic!("{:?}", fault.effect) };
        assert_eq!([0.0, 0.5].map(|draw| delay.of(draw).as_millis()), [2000, 3500]);
        let shown = fault.to_json("one");
        let said = (&shown["delay_ms"], &shown["at"], &shown["traffic_type"]);
        assert_eq!(said, (&json!([2000, 5000]), &json!("upstream"), &json!("slow")));
    }

    #[test]
    fn a_fault_that_has_ended_takes_nothing() {
        let mut fault = read(json!({"kind": "latency", "delay_ms": 1})).unwrap();
        assert!(fault.takes("/", None, 0.0));
        fault.until = Until::within(-1.0);
        assert!(!fault.takes("/", None, 0.0) && fault.has_ended());
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
            (json!({"kind": "latency", "delay_ms": [1, 2, 3]}), "delay_ms must be a number of milliseconds or"),
            (json!({"kind": "latency", "delay_ms": [5, 2]}), "delay_ms must have the shorter one first"),
            (json!({"kind": "latency", "delay_ms": [0, 2]}), "delay_ms must be from 1 to 60000"),
            (json!({"kind": "latency", "delay_ms": 1, "at": "exit"}), "at must be `entry` or `upstream`"),
            (json!({"kind": "error", "status": 500, "at": "entry"}), "at belongs to the other kind"),
            (json!({"kind": "error", "status": 500, "traffic_type": "a b"}), "traffic_type must be 1 to 32"),
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
