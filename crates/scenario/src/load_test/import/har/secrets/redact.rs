//! Takes secrets out of JSON, forms and paths.

use serde_json::Value;

use super::{is_secret, is_secret_name};

/// What stands in the place of a secret.
pub(in super::super) const REDACTED: &str = "REDACTED";

/// Takes secrets out of JSON; says how many there were.
pub(in super::super) fn redact_json(value: &mut Value) -> usize {
    match value {
        Value::String(text) if is_secret(text) => {
            REDACTED.clone_into(text);
            1
        }
        Value::Array(items) => items.iter_mut().map(redact_json).sum(),
        Value::Object(map) => map
            .iter_mut()
            .map(|(name, inner)| if is_secret_name(name) { redact_all(inner) } else { redact_json(inner) })
            .sum(),
        _ => 0,
    }
}

/// Every text and number in what is a secret as a whole.
fn redact_all(value: &mut Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 0,
        Value::String(_) | Value::Number(_) => {
            *value = Value::from(REDACTED);
            1
        }
        Value::Array(items) => items.iter_mut().map(redact_all).sum(),
        Value::Object(map) => map.values_mut().map(redact_all).sum(),
    }
}

/// Takes secrets out of `a=b&c=d`; says how many there were.
pub(in super::super) fn redact_pairs(pairs: &str) -> (String, usize) {
    let mut count = 0;
    let kept: Vec<String> = pairs
        .split('&')
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (plain_name, plain_value) = (decoded(name), decoded(value));
            if (value.is_empty() || !is_secret_name(&plain_name)) && !is_secret(&plain_value) && !is_secret(&plain_name)
            {
                return pair.to_owned();
            }
            count += 1;
            if is_secret(&plain_name) { REDACTED.to_owned() } else { format!("{name}={REDACTED}") }
        })
        .collect();
    (kept.join("&"), count)
}

/// Takes secrets out of a path with its query; says how many there were.
pub(in super::super) fn redact_path(path: &str) -> (String, usize) {
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    let mut count = 0;
    let segments: Vec<&str> = path
        .split('/')
        .map(|segment| {
            // `/cart;jsessionid=...`
            let (name, parameter) = segment.split_once(';').unwrap_or((segment, ""));
            let segment = if is_secret(&decoded(parameter)) {
                count += 1;
                name
            } else {
                segment
            };
            if is_secret(&decoded(segment)) {
                count += 1;
                REDACTED
            } else {
                segment
            }
        })
        .collect();
    let mut kept = segments.join("/");
    if let Some((query, secrets)) = query.map(redact_pairs) {
        kept.push('?');
        kept.push_str(&query);
        count += secrets;
    }
    (kept, count)
}

/// Percent-encoding undone, as far as it is right; `+` is a blank.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = text.get(at + 1..at + 3).filter(|_| *byte == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(match (hex, byte) {
            (Some(byte), _) => byte,
            (None, b'+') => b' ',
            (None, byte) => *byte,
        });
        at += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn they_are_taken_out_of_json_forms_and_paths() {
        let mut value = json!({"user": "ann", "password": "p", "auth": {"otp": 123456, "kind": "app", "ok": true}, "list": [{"token": ["a"]}], "nested": "{\"secret\":1}"});
        assert_eq!(redact_json(&mut value), 5);
        assert_eq!(
            value,
            json!({"user": "ann", "password": REDACTED, "auth": {"otp": REDACTED, "kind": REDACTED, "ok": true}, "list": [{"token": [REDACTED]}], "nested": REDACTED})
        );
        assert_eq!(redact_pairs("user=ann&pass%77ord=p&x"), ("user=ann&pass%77ord=REDACTED&x".to_owned(), 1));
        assert_eq!(redact_path("/a;jsessionid=1/b?c=d&sig=%20"), ("/a/b?c=d&sig=REDACTED".to_owned(), 2));
        assert_eq!(redact_path("/plain/path"), ("/plain/path".to_owned(), 0));
        assert_eq!(decoded("%zz%41%"), "%zzA%");
    }
}
