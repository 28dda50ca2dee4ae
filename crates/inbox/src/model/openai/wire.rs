//! OpenAI's JSON: chat completions (<https://platform.openai.com/docs/api-reference/chat>), as far as a mail needs them.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::dialect::Dialect;
use crate::model::{Completion, ModelError, Prompt};
use crate::tokens;

/// Room for what a model reasons at low effort, tokens: it counts against the limit of the answer.
const REASONING_ROOM: u32 = 1024;

pub(super) fn request(prompt: &Prompt, model: &str, dialect: Dialect) -> Bytes {
    let mut request = json!({
        "model": model,
        "messages": [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
        "stream": false,
    });
    if dialect.reasons {
        request["max_completion_tokens"] = json!(prompt.max_output_tokens + REASONING_ROOM);
        request["reasoning_effort"] = json!("low");
    } else {
        request["max_tokens"] = json!(prompt.max_output_tokens);
        // The same mail is to get the same answer.
        request["temperature"] = json!(0);
    }
    if dialect.takes_format {
        request["response_format"] = json!({"type": "json_object"});
    }
    Bytes::from(request.to_string())
}

#[derive(Debug, Deserialize)]
struct Response {
    id: Option<String>,
    model: Option<String>,
    choices: Vec<Choice>,
    usage: Option<Usage>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    message: Message,
    finish_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Message {
    content: Option<String>,
    refusal: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Usage {
    prompt_tokens: u64,
    /// Absent where nothing was answered.
    #[serde(default)]
    completion_tokens: u64,
}

/// An answer that was cut short is one too: what it took has to be counted, and whoever reads it sees that it is not whole.
pub(super) fn completion(body: &[u8], prompt: &Prompt, asked: &str) -> Result<Completion, ModelError> {
    let response: Response = serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        ModelError::BadAnswer(format!("the answer is no chat completion (line {line}, column {column})"))
    })?;
    let Some(choice) = response.choices.into_iter().next() else {
        return Err(ModelError::BadAnswer("the answer has no choices".to_owned()));
    };
    let reason = choice.finish_reason.filter(|reason| is_word(reason));
    let text = choice.message.content.unwrap_or_default();
    if text.is_empty() && reason.as_deref() != Some("length") {
        let why =
            if choice.message.refusal.is_some() { "refusal" } else { reason.as_deref().unwrap_or("no reason given") };
        return Err(ModelError::BadAnswer(format!("the model answers nothing ({why})")));
    }
    let (input_tokens, output_tokens) = match response.usage {
        Some(usage) => (usage.prompt_tokens, usage.completion_tokens),
        None => ((tokens::count(&prompt.system) + tokens::count(&prompt.user)) as u64, tokens::count(&text) as u64),
    };
    Ok(Completion {
        text,
        model: response.model.filter(|model| !model.is_empty()).unwrap_or_else(|| asked.to_owned()),
        id: response.id,
        finish_reason: reason,
        input_tokens,
        output_tokens,
    })
}

/// `stop`, `length`, `content_filter`: anything else that stands there is not repeated.
fn is_word(reason: &str) -> bool {
    reason.len() <= 64 && reason.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Mail;
    use crate::model::Task;

    fn prompt() -> Prompt {
        Prompt {
            task: Task::Classify,
            mail: Mail::default(),
            system: "Answer with JSON.".to_owned(),
            user: "hello world".to_owned(),
            max_output_tokens: 99,
        }
    }

    #[test]
    fn the_tokens_that_a_server_does_not_tell_are_counted() {
        let text = r#"{"intent":"offer"}"#;
        let mut body = json!({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]});
        let counted = completion(body.to_string().as_bytes(), &prompt(), "llama3.2").unwrap();
        assert_eq!((counted.input_tokens, counted.output_tokens), (6, tokens::count(text) as u64));
        assert_eq!(counted.model, "llama3.2");
        body["usage"] = json!({"prompt_tokens": 31, "completion_tokens": 7, "total_tokens": 38});
        let told = completion(body.to_string().as_bytes(), &prompt(), "llama3.2").unwrap();
        assert_eq!((told.input_tokens, told.output_tokens), (31, 7));
    }

    #[test]
    fn an_answer_without_an_answer_says_why() {
        for (body, wrong) in [
            ("", "the answer is no chat completion (line 1, column 0)"),
            (r#"{"message": "hi"}"#, "the answer is no chat completion (line 1, column 17)"),
            (r#"{"choices": []}"#, "the answer has no choices"),
            (
                r#"{"choices": [{"message": {"content": null, "refusal": "I can't"}}]}"#,
                "the model answers nothing (refusal)",
            ),
            (
                r#"{"choices": [{"message": {"content": ""}, "finish_reason": "content_filter"}]}"#,
                "the model answers nothing (content_filter)",
            ),
            (
                r#"{"choices": [{"message": {}, "finish_reason": "A Mail"}]}"#,
                "the model answers nothing (no reason given)",
            ),
        ] {
            let error = completion(body.as_bytes(), &prompt(), "m").unwrap_err();
            assert_eq!(error, ModelError::BadAnswer(wrong.to_owned()), "{body}");
        }
    }
}
