//! What an answer that is not 2xx means, and what to do about it.
//!
//! Servers explain themselves in the body, and repeat there what they were sent: keys and mails. Only words that can be neither
//! are taken from it.

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::wait;
use crate::model::ModelError;

/// Longest word of a server that is repeated, bytes.
const MAX_WORD_BYTES: usize = 64;

/// Which settings a server's refusals are about.
#[derive(Debug)]
pub(in crate::model) struct Remedies {
    /// For 401 and 403.
    pub(in crate::model) credentials: &'static str,
    /// For 404.
    pub(in crate::model) address: &'static str,
}

/// There is no good answer.
#[derive(Debug)]
pub(in crate::model) struct Refusal {
    pub(in crate::model) error: ModelError,
    /// The status of the answer, if there was one.
    pub(in crate::model) status: Option<StatusCode>,
    /// The server's words for it.
    pub(in crate::model) words: Vec<String>,
}

impl From<ModelError> for Refusal {
    fn from(error: ModelError) -> Self {
        Self { error, status: None, words: Vec::new() }
    }
}

pub(super) fn refusal(status: StatusCode, headers: &HeaderMap, body: &[u8], remedies: &Remedies) -> Refusal {
    let words = words(body);
    let says = match words.as_slice() {
        [] => status.as_u16().to_string(),
        words => format!("{}, {}", status.as_u16(), words.join(", ")),
    };
    let Remedies { credentials, address } = remedies;
    // Google answers 400 to a key that is none.
    let is_bad_key = words.iter().any(|word| word == "API_KEY_INVALID");
    let error = match status.as_u16() {
        401 | 403 => ModelError::Unconfigured(format!("the model refuses the credentials ({says}); {credentials}")),
        400 if is_bad_key => ModelError::Unconfigured(format!("the model refuses the key ({says}); {credentials}")),
        404 => ModelError::Unconfigured(format!("there is no such model or path ({says}); {address}")),
        429 => ModelError::RateLimited { retry_after: wait::asked_for(headers, body) },
        300..=399 => ModelError::Unconfigured(format!("the model's address is a redirect ({says}); {address}")),
        408 | 500.. => ModelError::Unavailable(format!("the model can't answer now ({says})")),
        _ => ModelError::BadAnswer(format!("the model refuses the request ({says})")),
    };
    Refusal { error, status: Some(status), words }
}

/// The names that Google's and OpenAI's errors have: `error.status`, `error.details[].reason`, `error.code`, `error.type`.
fn words(body: &[u8]) -> Vec<String> {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return Vec::new();
    };
    // Vertex AI wraps some errors into a list of one.
    let Some(error) = body.get("error").or_else(|| body.get(0)?.get("error")) else {
        return Vec::new();
    };
    let details = error.get("details").and_then(Value::as_array).into_iter().flatten();
    let found = ["status", "code", "type"].into_iter().map(|key| error.get(key));
    let found = found.chain(details.map(|detail| detail.get("reason")));
    let mut words: Vec<String> = Vec::new();
    for word in found.flatten().filter_map(Value::as_str).filter(|word| is_word(word)) {
        if !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    words
}

/// All letters small or all of them capital, and underscores: no key looks like that, and no sentence.
fn is_word(text: &str) -> bool {
    let of = |is_letter: fn(&u8) -> bool| text.bytes().all(|b| is_letter(&b) || b == b'_');
    !text.is_empty() && text.len() <= MAX_WORD_BYTES && (of(u8::is_ascii_uppercase) || of(u8::is_ascii_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REMEDIES: Remedies = Remedies { credentials: "look at KEY", address: "look at URL" };

    #[test]
    fn a_refusal_says_what_it_is_and_what_may_help() {
        let google = r#"{"error":{"code":400,"message":"API key AIzaSecret not valid","status":"INVALID_ARGUMENT",
                        "details":[{"reason":"API_KEY_INVALID"}]}}"#;
        let vertex = r#"[{"error":{"code":403,"message":"denied to me@corp.example","status":"PERMISSION_DENIED"}}]"#;
        let openai = r#"{"error":{"message":"Incorrect API key provided: sk-secret","type":"invalid_request_error",
                        "code":"invalid_api_key"}}"#;
        for (status, body, code, message) in [
            (
                400,
                google,
                "llm_unconfigured",
                "the model refuses the key (400, INVALID_ARGUMENT, API_KEY_INVALID); look at KEY",
            ),
            (
                403,
                vertex,
                "llm_unconfigured",
                "the model refuses the credentials (403, PERMISSION_DENIED); look at KEY",
            ),
            (
                401,
                openai,
                "llm_unconfigured",
                "the model refuses the credentials (401, invalid_api_key, invalid_request_error); look at KEY",
            ),
            (404, "", "llm_unconfigured", "there is no such model or path (404); look at URL"),
            (307, "", "llm_unconfigured", "the model's address is a redirect (307); look at URL"),
            (
                400,
                r#"{"error":{"code":"context_length_exceeded"}}"#,
                "llm_bad_answer",
                "the model refuses the request (400, context_length_exceeded)",
            ),
            (400, r#"{"error":"the mail said: hello"}"#, "llm_bad_answer", "the model refuses the request (400)"),
            (413, "<html>", "llm_bad_answer", "the model refuses the request (413)"),
            (408, "", "llm_unavailable", "the model can't answer now (408)"),
            (500, "", "llm_unavailable", "the model can't answer now (500)"),
            (
                503,
                r#"{"error":{"status":"UNAVAILABLE"}}"#,
                "llm_unavailable",
                "the model can't answer now (503, UNAVAILABLE)",
            ),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let refusal = refusal(status, &HeaderMap::new(), body.as_bytes(), &REMEDIES);
            assert_eq!((refusal.error.code(), refusal.error.to_string().as_str()), (code, message));
            assert_eq!(refusal.status, Some(status));
        }
    }

    #[test]
    fn only_words_that_can_be_neither_key_nor_mail_are_repeated() {
        for (text, is_one) in [
            ("INVALID_ARGUMENT", true),
            ("invalid_api_key", true),
            ("", false),
            ("sk-abc", false),
            ("AIzaSyA", false),
            ("Hello", false),
            ("a b", false),
            ("k3y", false),
            (&"a".repeat(65), false),
        ] {
            assert_eq!(is_word(text), is_one, "{text}");
        }
    }
}
