//! What a visitor does: requests, one after another.

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize};

/// A list of requests, sent one after another. It ends with the first that fails for good.
pub type Journey = Vec<Step>;

/// One request. Texts marked *template* may have slots such as `${user_id}`; see [`crate::Template`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What it is called in reports; `METHOD path` without the query where absent.
    #[serde(default)]
    pub name: Option<String>,
    /// Key of [`LoadTest::targets`](crate::LoadTest::targets); the first target where absent.
    #[serde(default)]
    pub target: Option<String>,
    /// Uppercase, such as `POST`.
    #[serde(default = "get")]
    pub method: String,
    /// Template: path and query, beginning with a slash.
    pub path: String,
    /// Templates, by name in lowercase.
    #[serde(default)]
    pub headers: IndexMap<String, String>,
    /// Body as JSON; its texts are templates. Not together with `body`.
    #[serde(default)]
    pub json: Option<serde_json::Value>,
    /// Template: body as it is. Not together with `json`.
    #[serde(default)]
    pub body: Option<String>,
    /// Longest that it may take, connecting included, in milliseconds.
    #[serde(default = "ten_seconds")]
    pub timeout_ms: f64,
    /// Pause before it is sent.
    #[serde(default)]
    pub think_ms: ThinkTime,
    /// When an answer counts as a success.
    #[serde(default)]
    pub success: Success,
    /// What later steps of the same visit need of the answer, by the name of their slot.
    #[serde(default)]
    pub extract: IndexMap<String, Extraction>,
}

impl Step {
    /// What it is called in reports: its name, or `METHOD path` without the query.
    pub fn label(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        self.name.clone().unwrap_or_else(|| format!("{} {path}", self.method))
    }
}

fn get() -> String {
    "GET".to_owned()
}

fn ten_seconds() -> f64 {
    10_000.0
}

/// A pause in milliseconds, drawn evenly from `least` to `most` by the arrival's own random numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "ThinkTimeText", into = "ThinkTimeText")]
pub struct ThinkTime {
    /// Shortest, from 0.
    pub least_ms: f64,
    /// Longest, not below `least_ms`.
    pub most_ms: f64,
}

/// As it stands in a file: one number or `[least, most]`.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum ThinkTimeText {
    Exactly(f64),
    Between(f64, f64),
}

impl From<ThinkTimeText> for ThinkTime {
    fn from(text: ThinkTimeText) -> Self {
        let (least_ms, most_ms) = match text {
            ThinkTimeText::Exactly(ms) => (ms, ms),
            ThinkTimeText::Between(least, most) => (least, most),
        };
        Self { least_ms, most_ms }
    }
}

impl From<ThinkTime> for ThinkTimeText {
    fn from(time: ThinkTime) -> Self {
        if time.least_ms == time.most_ms {
            Self::Exactly(time.least_ms)
        } else {
            Self::Between(time.least_ms, time.most_ms)
        }
    }
}

/// When an answer counts as a success: all that is given must hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Success {
    /// Statuses from the first to the second, both included. In a file also one number.
    #[serde(default = "below_400", deserialize_with = "statuses")]
    pub status: (u16, u16),
    /// JSON pointers into the body, and what must stand there (a string, number, boolean or null).
    #[serde(default)]
    pub json: IndexMap<String, serde_json::Value>,
    /// Text that the body must contain.
    #[serde(default)]
    pub contains: Option<String>,
}

impl Default for Success {
    fn default() -> Self {
        Self { status: below_400(), json: IndexMap::new(), contains: None }
    }
}

fn statuses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(u16, u16), D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Statuses {
        One(u16),
        Between(u16, u16),
    }
    Statuses::deserialize(deserializer).map(|statuses| match statuses {
        Statuses::One(status) => (status, status),
        Statuses::Between(first, last) => (first, last),
    })
}

fn below_400() -> (u16, u16) {
    (200, 399)
}

/// A JSON pointer (RFC 6901) to a string, number or boolean of the answer. An answer that lacks it fails its step, with
/// the error kind `extraction`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Extraction(pub String);
