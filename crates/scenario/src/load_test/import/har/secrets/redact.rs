//! Takes secrets out of JSON, forms and paths.

use serde_json::Value;

use super::{is_secret, is_secret_name, look};

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
        Value::Number(number) if look::has_card_number(&number.to_string()) => {
            *value = Value::from(REDACTED);
            1
        }
        Value::Object(map) => {
            // `{"name": "password", "value": "x"}`
            let names_a_secret =
                ["name", "key"].iter().any(|key| map.get(*key).and_then(Value::as_str).is_some_and(is_secret_name));
            let is_secret = |name: &str| is_secret_name(name) || (names_a_secret && name == "value");
            let inner = map.iter_mut();
            inner.map(|(name, inner)| if is_secret(name) { redact_all(inner) } else { redact_json(inner) }).sum()
        }
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
    let all: Vec<&str> = path.split('/').collect();
    let segments: Vec<&str> = all
        .iter()
        .enumerate()
        .map(|(position, segment)| {
            // `/cart;jsessionid=...`
            let (name, parameter) = segment.split_once(';').unwrap_or((segment, ""));
            let segment = if is_secret(&decoded(parameter)) {
                count += 1;
                name
            } else {
                segment
            };
            if is_secret(&decoded(segment)) || is_secret_place(&all, position) {
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

/// Words behind a secret's name in a path that say what to do with it, or what it is.
const ROUTES: [&str; 28] = [
    "authorize",
    "callback",
    "change",
    "check",
    "config",
    "confirm",
    "create",
    "current",
    "delete",
    "forgot",
    "info",
    "introspect",
    "list",
    "login",
    "logout",
    "me",
    "new",
    "refresh",
    "register",
    "renew",
    "request",
    "reset",
    "revoke",
    "status",
    "token",
    "update",
    "validate",
    "verify",
];

/// Whether what stands before segment `position` makes it a secret: `/token/XXXX`, `https://user:pass@host`, a webhook.
fn is_secret_place(segments: &[&str], position: usize) -> bool {
    let segment = decoded(segments[position]);
    let before =
        |back: usize| position.checked_sub(back).map(|position| decoded(segments[position])).unwrap_or_default();
    if segment.is_empty() {
        return false;
    }
    let is_url = before(1).is_empty() && before(2).ends_with(':') && segment.contains('@');
    // Slack's: `/services/T.../B.../XXXX`.
    let is_webhook = before(3) == "services" && before(2).starts_with('T') && before(1).starts_with('B');
    let name = before(1);
    // `/auth/realms/shop` and `/oauth2/v2.0/token` lead somewhere; what follows a token's or password's name is one.
    let is_area = ["auth", "session"].iter().any(|area| name.to_ascii_lowercase().contains(area));
    let is_version = segment.strip_prefix('v').is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'));
    let is_plain = segment.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c == '_');
    let is_route =
        is_version || ROUTES.contains(&segment.as_str()) || (is_area && is_plain && segment.len() <= LONGEST_ROUTE);
    is_url || is_webhook || (is_secret_name(&name) && !is_route)
}

/// Longest lowercase word that may be a place and no secret.
const LONGEST_ROUTE: usize = 20;

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
        let table = [
            ("/token/XXXX", "/token/REDACTED"),
            ("/reset-password/hush?x=1", "/reset-password/REDACTED?x=1"),
            ("/session/0a1b/items", "/session/REDACTED/items"),
            ("/services/T00/B00/hush", "/services/T00/B00/REDACTED"),
            ("/go/https://ann:hush@shop.test/a", "/go/https://REDACTED/a"),
            ("/pay/4111111111111111", "/pay/REDACTED"),
            ("/password/my-password-1", "/password/REDACTED"),
            ("/oauth2/v2.0/token", "/oauth2/v2.0/token"),
            ("/auth/realms/shop", "/auth/realms/shop"),
            ("/password/reset", "/password/reset"),
            ("/token/", "/token/"),
        ];
        for (path, expected) in table {
            assert_eq!(redact_path(path).0, expected);
        }
        let mut value =
            json!([{"name": "password", "value": "p"}, {"key": "colour", "value": "red"}, 4_111_111_111_111_111_u64]);
        assert_eq!(redact_json(&mut value), 3);
        assert_eq!(decoded("%zz%41%"), "%zzA%");
    }
}
