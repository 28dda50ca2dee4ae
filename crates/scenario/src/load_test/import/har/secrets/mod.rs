//! What must not leave a recording: passwords, tokens, sessions, card numbers; by their names and by their look.
//!
//! It errs on the side of taking out too much: what stands in a file that is shared can't be taken back.

mod look;
mod redact;

pub(super) use redact::{REDACTED, redact_json, redact_pairs, redact_path};

/// Words that make a name a secret's, wherever they stand in it, letters only.
const PARTS: [&str; 26] = [
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "apikey",
    "accesskey",
    "privatekey",
    "subscriptionkey",
    "signingkey",
    "authori",
    "authenti",
    "session",
    "csrf",
    "xsrf",
    "signature",
    "credential",
    "cookie",
    "cardnumber",
    "onetimecode",
    "bearer",
    "samlresponse",
    "sessid",
    "hmac",
    "passwort",
];
/// Words that do so only as a whole: they are parts of harmless ones.
const WORDS: [&str; 17] = [
    "auth",
    "oauth",
    "oauth2",
    "sid",
    "sig",
    "jwt",
    "otp",
    "totp",
    "pin",
    "pwd",
    "pw",
    "pass",
    "cvv",
    "cvc",
    "iban",
    "ssn",
    "assertion",
];
/// Names that are a secret's where there is nothing else to them: a `country_code` is none.
const WHOLE: [&str; 3] = ["key", "code", "ticket"];
/// Endings of names that end in `key` and are none: plain words, and keys of data.
const HARMLESS_KEYS: [&str; 12] = [
    "monkey",
    "donkey",
    "turkey",
    "hockey",
    "jockey",
    "whiskey",
    "hotkey",
    "lowkey",
    "foreignkey",
    "primarykey",
    "sortkey",
    "idempotencykey",
];
/// How tokens of well-known makers begin.
const BEGINNINGS: [&str; 20] = [
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "pk_live_",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "ASIA",
    "AIza",
    "ya29.",
    "hvs.",
    "npm_",
    "SG.",
    "whsec_",
    "-----BEGIN",
];

/// Whether what is called `name` is a secret: a header, a field, a parameter.
pub(super) fn is_secret_name(name: &str) -> bool {
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    PARTS.iter().any(|part| letters.contains(part))
        || WHOLE.contains(&letters.as_str())
        || (letters.ends_with("key") && !HARMLESS_KEYS.iter().any(|word| letters.ends_with(word)))
        || words(name).iter().any(|word| WORDS.contains(&word.as_str()))
}

/// `sessionId`, `session_id` and `session-id` are `session` and `id`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || (was_lower && c.is_ascii_uppercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            word.push(c.to_ascii_lowercase());
        }
        was_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    words
}

/// Whether a value is a secret by its look, or has one in it.
pub(super) fn is_secret(value: &str) -> bool {
    let trimmed = value.trim();
    let scheme = trimmed.split_whitespace().next().filter(|scheme| scheme.len() < trimmed.len());
    let has_scheme =
        scheme.is_some_and(|s| ["bearer", "basic", "digest", "negotiate"].contains(&s.to_ascii_lowercase().as_str()));
    has_scheme
        || pieces(trimmed).any(is_token)
        || assigns_a_secret(trimmed)
        || look::has_card_number(trimmed)
        || look::has_credentials(trimmed)
        || trimmed.contains(SLACK_WEBHOOK)
        || is_json_with_secrets(trimmed)
}

/// Who knows what comes behind it may write to the channel.
const SLACK_WEBHOOK: &str = "hooks.slack.com/services/";

/// Whether `text` is JSON in which something would be taken out.
fn is_json_with_secrets(text: &str) -> bool {
    let json = if text.starts_with(['{', '[']) { serde_json::from_str(text).ok() } else { None };
    json.is_some_and(|mut json| redact_json(&mut json) > 0)
}

fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.+/".contains(c))).flat_map(|piece| {
        // A path is looked at piece by piece, and as a whole.
        piece.split('/').chain(std::iter::once(piece))
    })
}

fn is_token(piece: &str) -> bool {
    // A JSON Web Token begins with `{"` in base64 and has dots.
    let is_jwt = piece.starts_with("eyJ") && piece.len() >= 20 && piece.contains('.');
    is_jwt
        || BEGINNINGS.iter().any(|beginning| piece.starts_with(beginning) && piece.len() >= beginning.len() + 8)
        || piece.starts_with("-----BEGIN")
}

/// Whether somewhere in `text` a secret's name is followed by its value: `password=x`, `"token": "x"`, `<pin>1</pin>`.
fn assigns_a_secret(text: &str) -> bool {
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
        rest = &rest[start..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let after = after.trim_start_matches(['"', '\'', '\\', ' ', ']']);
        let sign = after.chars().next();
        // `Pass: ` in a sentence is none; `pass:` before a value is.
        let assigns = matches!(sign, Some('=' | ':' | '>')) || after.starts_with("%3D") || after.starts_with("%3A");
        if assigns && is_secret_name(name) {
            return true;
        }
        rest = &rest[end..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in [
            "access_token",
            "accessToken",
            "X-Api-Key",
            "password",
            "newPassword",
            "Authorization",
            "X-CSRF-Token",
            "JSESSIONID",
            "sid",
            "sig",
            "client-secret",
            "cvv",
            "cardNumber",
            "key",
            "X-Amz-Signature",
            "X-Amz-Credential",
            "__RequestVerificationToken",
            "pin",
            "oauth_verifier",
            "code",
            "PHPSESSID",
            "x-hub-hmac-sha256",
            "pw",
            "Passwort",
            "x-client-key",
            "appkey",
            "encryptionKey",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "author",
            "product_id",
            "keyword",
            "shipping",
            "pinned",
            "country_code",
            "state",
            "foreign_key",
            "monkey",
            "idempotency-key",
            "keys",
            "power",
            "category",
            "page",
            "resident",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn secrets_are_known_by_their_look() {
        for value in [
            "Bearer abc",
            "basic dXNlcjpwYXNz",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
            "/reset/eyJhbGciOiJIUzI1NiJ9.e30.x/now",
            "sk_live_1234567890",
            "{\"password\": \"x\"}",
            "token=x",
            "user[password]=x",
            "<pin>1234</pin>",
            "-----BEGIN PRIVATE KEY-----",
            "hvs.CAESIJabcdef",
            "npm_abcdefghij",
            "SG.abcdefgh.ijkl",
            "whsec_abcdefgh",
            "https://hooks.slack.com/services/T0/B0/x",
            "see postgres://ann:hush@db/shop",
            "paid with 4111 1111 1111 1111.",
            "4111111111111111",
            "[{\"name\": \"password\", \"value\": \"x\"}]",
        ] {
            assert!(is_secret(value), "{value}");
        }
        for value in [
            "electronics",
            "sk-SK",
            "en-US,en;q=0.9",
            "application/json",
            "a bearer of news",
            "key lime",
            "2026-11-21T10:15:00Z",
            "4111111111111112",
            "http://shop.test:80/@ann",
            "[{\"name\": \"colour\", \"value\": \"red\"}]",
            "SG.1",
            "",
        ] {
            assert!(!is_secret(value), "{value}");
        }
    }
}
