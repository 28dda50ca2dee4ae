//! Google's JSON: `GenerateContentRequest` and `GenerateContentResponse`
//! (<https://ai.google.dev/api/generate-content>), as far as a mail needs them.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::thinking::Thinking;
use crate::model::{Completion, ModelError, Prompt};

pub(super) fn request(prompt: &Prompt, thinking: Thinking) -> Bytes {
    let mut config = json!({
        // The same mail is to get the same answer.
        "temperature": 0,
        "maxOutputTokens": prompt.max_output_tokens + thinking.room(),
        "responseMimeType": "application/json",
    });
    if let Some(thinking) = thinking.config() {
        config["thinkingConfig"] = thinking;
    }
    let request: Value = json!({
        "systemInstruction": {"parts": [{"text": prompt.system}]},
        "contents": [{"role": "user", "parts": [{"text": prompt.user}]}],
        "generationConfig": config,
    });
    Bytes::from(request.to_string())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(default)]
    candidates: Vec<Candidate>,
    prompt_feedback: Option<Feedback>,
    #[serde(default)]
    usage_metadata: Usage,
    model_version: Option<String>,
    response_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    #[serde(default)]
    content: Content,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Content {
    #[serde(default)]
    parts: Vec<Part>,
}

#[derive(Debug, Deserialize)]
struct Part {
    text: Option<String>,
    /// Whether it is what the model thought, not what it answers.
    #[serde(default)]
    thought: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    #[serde(default)]
    prompt_token_count: u64,
    #[serde(default)]
    candidates_token_count: u64,
    /// Not part of the candidates' tokens, and paid for like them.
    #[serde(default)]
    thoughts_token_count: u64,
}

/// An answer that was cut short is one too: what it took has to be counted, and whoever reads it sees that it is not whole.
pub(super) fn completion(body: &[u8], asked: &str) -> Result<Completion, ModelError> {
    let response: Response = serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        ModelError::BadAnswer(format!("Gemini's answer is not the JSON it should be (line {line}, column {column})"))
    })?;
    if let Some(reason) = response.prompt_feedback.and_then(|feedback| feedback.block_reason) {
        return Err(ModelError::BadAnswer(format!("Gemini blocks the prompt ({})", named(&reason))));
    }
    let Some(candidate) = response.candidates.into_iter().next() else {
        return Err(ModelError::BadAnswer("Gemini's answer has no candidates".to_owned()));
    };
    let parts = candidate.content.parts.into_iter().filter(|part| !part.thought);
    let text: String = parts.filter_map(|part| part.text).collect();
    let reason = candidate.finish_reason.as_deref().map(named);
    if text.is_empty() && reason != Some("MAX_TOKENS") {
        let reason = reason.unwrap_or("no reason given");
        return Err(ModelError::BadAnswer(format!("Gemini answers nothing ({reason})")));
    }
    let usage = response.usage_metadata;
    Ok(Completion {
        text,
        model: response.model_version.unwrap_or_else(|| asked.to_owned()),
        id: response.response_id,
        finish_reason: reason.map(str::to_owned),
        input_tokens: usage.prompt_token_count,
        output_tokens: usage.candidates_token_count + usage.thoughts_token_count,
    })
}

/// One of Google's names, such as `SAFETY`: anything else that stands there is not repeated.
fn named(reason: &str) -> &str {
    let is_name = reason.len() <= 64 && reason.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    if is_name { reason } else { "another reason" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_thought_is_paid_for_and_not_part_of_the_answer() {
        let body = json!({
            "candidates": [{"content": {"role": "model", "parts": [
                {"text": "Hm, a salary.", "thought": true}, {"text": "{\"intent\":"}, {"text": "\"offer\"}"}
            ]}, "finishReason": "STOP", "index": 0}],
            "usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 9, "thoughtsTokenCount": 30,
                              "totalTokenCount": 139},
            "modelVersion": "gemini-2.5-pro-001", "responseId": "r-1",
        });
        let expected = Completion {
            text: r#"{"intent":"offer"}"#.to_owned(),
            model: "gemini-2.5-pro-001".to_owned(),
            id: Some("r-1".to_owned()),
            finish_reason: Some("STOP".to_owned()),
            input_tokens: 100,
            output_tokens: 39,
        };
        assert_eq!(completion(body.to_string().as_bytes(), "gemini-2.5-pro"), Ok(expected));
    }

    #[test]
    fn an_answer_without_an_answer_says_why() {
        for (body, wrong) in [
            ("", "Gemini's answer is not the JSON it should be (line 1, column 0)"),
            ("[]", "Gemini's answer is not the JSON it should be (line 1, column 2)"),
            (r#"{"candidates": "secret"}"#, "Gemini's answer is not the JSON it should be (line 1, column 23)"),
            ("{}", "Gemini's answer has no candidates"),
            (r#"{"promptFeedback":{"blockReason":"SAFETY"}}"#, "Gemini blocks the prompt (SAFETY)"),
            (r#"{"promptFeedback":{"blockReason":"a mail"}}"#, "Gemini blocks the prompt (another reason)"),
            (r#"{"candidates":[{"finishReason":"RECITATION"}]}"#, "Gemini answers nothing (RECITATION)"),
            (r#"{"candidates":[{"content":{"parts":[{}]}}]}"#, "Gemini answers nothing (no reason given)"),
        ] {
            let error = completion(body.as_bytes(), "m").unwrap_err();
            assert_eq!(error, ModelError::BadAnswer(wrong.to_owned()), "{body}");
        }
    }
}
