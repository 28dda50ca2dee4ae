//! Recorded bodies, without their secrets.

use serde_json::Value;

use super::recording::PostData;
use super::secrets;
use super::step::literal;

/// Longest body that is written into the file, in bytes: longer ones belong into data, not into text for people.
const LONGEST: usize = 16 * 1024;
/// Deeper JSON is written as text: a file of load tests is nested so deep at most, with all that is around it.
const GREATEST_DEPTH: usize = 20;
/// JSON with longer keys is too: YAML wants keys to end soon.
const LONGEST_KEY: usize = 200;

/// What becomes of a body, and how many secrets were taken out of it.
#[derive(Debug)]
pub(super) enum Body {
    Nothing,
    /// Why it is not in the file.
    LeftOut(&'static str),
    /// With texts that are templates.
    Json(Value, usize),
    /// A template.
    Text(String, usize),
}

/// What becomes of `post`, which is of `media_type`.
pub(super) fn read(post: &PostData, media_type: &str, keep_auth: bool) -> Body {
    let Some(text) = text(post, media_type) else {
        return Body::LeftOut("that is no text");
    };
    let may_be_json = media_type.is_empty() || media_type == "text/plain" || media_type.contains("json");
    let parsed = if may_be_json { serde_json::from_str::<Value>(&text).ok() } else { None };
    if let Some(json) = parsed.filter(|value| value.is_object() || value.is_array()) {
        return read_json(json, keep_auth);
    }
    let (text, count) = match media_type {
        _ if keep_auth => (text, 0),
        "application/x-www-form-urlencoded" => secrets::redact_pairs(&text),
        // There is no telling where in it they stand.
        _ if secrets::is_secret(&text) => return Body::LeftOut("with secrets in it"),
        _ => (text, 0),
    };
    match text.len() {
        0 => Body::Nothing,
        1..=LONGEST => Body::Text(literal(&text), count),
        _ => Body::LeftOut("that is too long"),
    }
}

fn read_json(mut json: Value, keep_auth: bool) -> Body {
    let count = if keep_auth { 0 } else { secrets::redact_json(&mut json) };
    let text = json.to_string();
    if text.len() > LONGEST {
        Body::LeftOut("that is too long")
    } else if depth(&json) > GREATEST_DEPTH || longest_key(&json) > LONGEST_KEY {
        Body::Text(literal(&text), count)
    } else {
        Body::Json(literal_json(json), count)
    }
}

/// The body as text, where it is one: as it was, or made of the fields of a form.
fn text(post: &PostData, media_type: &str) -> Option<String> {
    if post.encoding.is_some() || media_type.starts_with("multipart/") {
        return None;
    }
    if let Some(text) = post.text.as_ref().filter(|text| !text.is_empty()) {
        return (!text.contains('\u{fffd}')).then(|| text.clone());
    }
    let pair = |(name, value): (&str, &str)| format!("{}={}", encoded(name), encoded(value));
    let pairs = post.params.iter().flatten().map(|p| pair((&p.name, p.value.as_deref().unwrap_or_default())));
    Some(pairs.collect::<Vec<_>>().join("&"))
}

/// Percent-encoded as in a form.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| {
            let is_plain = b.is_ascii_alphanumeric() || b"-._~%+".contains(&b);
            if is_plain { char::from(b).to_string() } else { format!("%{b:02X}") }
        })
        .collect()
}

fn literal_json(value: Value) -> Value {
    match value {
        Value::String(text) => Value::from(literal(&text)),
        Value::Array(items) => items.into_iter().map(literal_json).collect(),
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(key, value)| (literal(&key), literal_json(value))).collect())
        }
        other => other,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn longest_key(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(longest_key).max().unwrap_or(0),
        Value::Object(map) => map.iter().map(|(key, value)| key.len().max(longest_key(value))).max().unwrap_or(0),
        _ => 0,
    }
}
