//! Recorded requests as steps.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::body::{self, Body};
use super::headers;
use super::kept::Kept;
use super::recording::{PostData, essence};
use super::secrets;
use crate::load_test::MOST_STEPS;
use crate::load_test::import::names::Names;
use crate::{Piece, Template};

/// Shorter pauses are the browser's own, not its visitor's.
const SHORTEST_PAUSE_MS: f64 = 10.0;
/// Longest pause that a file may ask for.
const LONGEST_PAUSE_MS: f64 = 600_000.0;
/// Longest path that is written, in bytes: escaped dollars and redacted values may double it, and a file takes 4096.
const LONGEST_PATH: usize = 2048;
/// Longest name of a step, in bytes.
const LONGEST_NAME: usize = 200;
/// Most targets that a file may have.
const MOST_TARGETS: usize = 16;
/// What a step may do.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// Writes steps, and remembers what it left out.
#[derive(Debug)]
pub(super) struct Writer {
    keep_auth: bool,
    /// Name of the target by origin.
    targets: IndexMap<String, String>,
    names: Names,
    headers_left_out: BTreeSet<String>,
    redacted: usize,
    bodies_left_out: BTreeSet<String>,
    steps_left_out: usize,
}

impl Writer {
    pub(super) fn new(keep_auth: bool) -> Self {
        Self {
            keep_auth,
            targets: IndexMap::new(),
            names: Names::default(),
            headers_left_out: BTreeSet::new(),
            redacted: 0,
            bodies_left_out: BTreeSet::new(),
            steps_left_out: 0,
        }
    }

    /// `(origin, name)` of every target so far.
    pub(super) fn targets(&self) -> impl Iterator<Item = (&str, &str)> {
        self.targets.iter().map(|(origin, name)| (origin.as_str(), name.as_str()))
    }

    /// A sentence for each kind of thing that was left out.
    pub(super) fn say(&self, left_out: &mut Vec<String>) {
        let list = |names: &BTreeSet<String>| names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        if self.keep_auth {
            left_out.push("secrets were kept as you asked: this file is one to hide".to_owned());
        }
        if !self.headers_left_out.is_empty() {
            left_out.push(format!(
                "headers that look like secrets: {} (--keep-auth keeps them)",
                list(&self.headers_left_out)
            ));
        }
        if self.redacted > 0 {
            left_out.push(format!(
                "{} value{} in paths and bodies that look like secrets, now {} (--keep-auth keeps them)",
                self.redacted,
                if self.redacted == 1 { "" } else { "s" },
                secrets::REDACTED
            ));
        }
        if !self.bodies_left_out.is_empty() {
            left_out.push(format!("bodies of {}", list(&self.bodies_left_out)));
        }
        if self.steps_left_out > 0 {
            left_out.push(format!(
                "{} requests beyond {MOST_STEPS} of a journey, {MOST_TARGETS} hosts or {LONGEST_PATH} bytes of path, or with unusual methods",
                self.steps_left_out
            ));
        }
    }

    /// The steps of one journey.
    pub(super) fn journey(&mut self, entries: &[&Kept<'_>]) -> Vec<Value> {
        let mut labels: IndexMap<String, usize> = IndexMap::new();
        let mut answered_ms: Option<f64> = None;
        let mut steps = Vec::new();
        for kept in entries {
            if steps.len() == MOST_STEPS || !self.can_be_sent(kept) {
                self.leave_out(1);
                continue;
            }
            let pause = answered_ms.map_or(0.0, |answered| kept.starts_ms - answered);
            answered_ms = Some(answered_ms.map_or(kept.ends_ms, |answered| answered.max(kept.ends_ms)));
            steps.push(Value::Object(self.step(kept, pause, &mut labels)));
        }
        steps
    }

    /// Requests that have no place in the file.
    pub(super) fn leave_out(&mut self, requests: usize) {
        self.steps_left_out += requests;
    }

    fn can_be_sent(&self, kept: &Kept<'_>) -> bool {
        let method = kept.entry.request.method.to_ascii_uppercase();
        let has_target = self.targets.contains_key(&kept.address.origin) || self.targets.len() < MOST_TARGETS;
        kept.address.path.len() <= LONGEST_PATH && METHODS.contains(&method.as_str()) && has_target
    }

    fn step(&mut self, kept: &Kept<'_>, pause_ms: f64, labels: &mut IndexMap<String, usize>) -> Map<String, Value> {
        let method = kept.entry.request.method.to_ascii_uppercase();
        let path = self.path(&kept.address.path);
        let plain_path = path.split('?').next().unwrap_or_default();
        let label = format!("{method} {plain_path}");
        let mut step = Map::new();
        // Of steps with one label, all but the first get a name.
        let seen = labels.entry(label.clone()).or_default();
        *seen += 1;
        if *seen > 1 {
            let end = format!(" ({seen})");
            // Paths are ASCII.
            let kept: String = label.chars().take(LONGEST_NAME - end.len()).collect();
            step.insert("name".to_owned(), json!(format!("{kept}{end}")));
        }
        let target = self.target(kept);
        if self.targets.get_index_of(&kept.address.origin) != Some(0) {
            step.insert("target".to_owned(), json!(target));
        }
        step.insert("method".to_owned(), json!(method));
        step.insert("path".to_owned(), json!(path));
        if pause_ms >= SHORTEST_PAUSE_MS {
            step.insert("think_ms".to_owned(), json!(pause_ms.min(LONGEST_PAUSE_MS).round() as u64));
        }
        let mut headers = headers::read(kept.entry, self.keep_auth, &mut self.headers_left_out);
        let body = match &kept.entry.request.post_data {
            Some(post) => self.body(post, &label, &mut headers),
            None => None,
        };
        if body.is_none() {
            headers.shift_remove("content-type");
        }
        if !headers.is_empty() {
            step.insert("headers".to_owned(), json!(headers));
        }
        step.extend(body.map(|(key, body)| (key.to_owned(), body)));
        if let Some(status) = kept.entry.status().filter(|status| !(200..400).contains(status)) {
            step.insert("success".to_owned(), json!({"status": status}));
        }
        step
    }

    fn target(&mut self, kept: &Kept<'_>) -> String {
        let names = &mut self.names;
        self.targets
            .entry(kept.address.origin.clone())
            .or_insert_with(|| names.give(&kept.address.host, "target"))
            .clone()
    }

    fn path(&mut self, path: &str) -> String {
        if self.keep_auth {
            return literal(path);
        }
        let (path, secrets) = secrets::redact_path(path);
        self.redacted += secrets;
        literal(&path)
    }

    /// `json` or `body` and its value. Takes the header away that the engine writes for it, and adds one that it needs.
    fn body(
        &mut self,
        post: &PostData,
        label: &str,
        headers: &mut IndexMap<String, String>,
    ) -> Option<(&'static str, Value)> {
        let media_type = essence(post.mime_type.as_deref().unwrap_or_default());
        match body::read(post, &media_type, self.keep_auth) {
            Body::Nothing => None,
            Body::LeftOut(why) => {
                self.bodies_left_out.insert(format!("{label} ({why})"));
                None
            }
            Body::Json(json, secrets) => {
                self.redacted += secrets;
                if headers.get("content-type").is_some_and(|value| essence(value) == "application/json") {
                    headers.shift_remove("content-type");
                }
                Some(("json", json))
            }
            Body::Text(text, secrets) => {
                self.redacted += secrets;
                let plain = if media_type.is_empty() { "text/plain" } else { &media_type };
                headers.entry("content-type".to_owned()).or_insert_with(|| literal(plain));
                Some(("body", json!(text)))
            }
        }
    }
}

/// `text` as a template that means nothing else.
pub(super) fn literal(text: &str) -> String {
    Template(vec![Piece::Text(text.to_owned())]).to_string()
}
