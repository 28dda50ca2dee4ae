//! Calls to language models, as the GenAI conventions want them told
//! (<https://opentelemetry.io/docs/specs/semconv/gen-ai/>): a CLIENT span `chat {model}`, its duration, and the tokens.
//!
//! What was said is written only with [`ChatCall::say`] and [`ChatCall::hear`]: the conventions make it an opt-in, and it is the
//! caller's to ask for.

use crate::attr::{self, gen_ai};
use crate::context;
use crate::instruments::instruments;
use crate::span::Span;
use opentelemetry::trace::SpanKind;
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};
use serde_json::json;
use std::time::Instant;

/// Longest text of a message on a span, bytes: a few of them fit into an export request of 4 MiB with everything else.
const MAX_MESSAGE_BYTES: usize = 32 * 1024;
const CHAT: &str = "chat";

/// What a model is asked, without what is said.
#[derive(Clone, Copy, Debug)]
pub struct ChatRequest<'a> {
    /// `gen_ai.provider.name`.
    pub provider: &'static str,
    /// The model that is asked for.
    pub model: &'a str,
    /// Host and port, where it is elsewhere.
    pub server: Option<(&'a str, u16)>,
    /// Most tokens that the answer may have.
    pub max_tokens: u32,
}

/// What a model answered, without what it said.
#[derive(Clone, Copy, Debug)]
pub struct ChatAnswer<'a> {
    /// The model that says it answered.
    pub model: &'a str,
    /// The answer's own name.
    pub id: Option<&'a str>,
    /// Why the model stopped.
    pub finish_reason: Option<&'a str>,
    /// Tokens that it read.
    pub input_tokens: u64,
    /// Tokens that it wrote, thinking included.
    pub output_tokens: u64,
    /// US dollars, where a price is known.
    pub cost_usd: Option<f64>,
}

/// A call between its start and its end. One that is dropped before its end was given up by its caller.
#[derive(Debug)]
pub struct ChatCall {
    span: Span,
    began: Instant,
    /// Attributes of both metrics that are known so far.
    measured: Vec<KeyValue>,
    is_finished: bool,
}

impl ChatCall {
    /// Starts a call as a child of the current span.
    pub fn start(request: &ChatRequest<'_>) -> Self {
        let parent = Context::current();
        let mut measured = vec![
            KeyValue::new(gen_ai::OPERATION_NAME, CHAT),
            KeyValue::new(gen_ai::PROVIDER_NAME, request.provider),
            KeyValue::new(gen_ai::REQUEST_MODEL, request.model.to_owned()),
        ];
        if let Some((host, port)) = request.server {
            measured.push(KeyValue::new(attr::common::SERVER_ADDRESS, host.to_owned()));
            measured.push(KeyValue::new(attr::common::SERVER_PORT, i64::from(port)));
        }
        let mut attributes = measured.clone();
        attributes.push(KeyValue::new(gen_ai::REQUEST_MAX_TOKENS, i64::from(request.max_tokens)));
        // Of the metrics only: on spans baggage sets it.
        if let Some(traffic_type) = context::traffic_type_of(&parent) {
            measured.push(KeyValue::new(attr::TRAFFIC_TYPE, traffic_type));
        }
        let name = format!("{CHAT} {}", request.model);
        let span = Span::start_in(&parent, name.into(), SpanKind::Client, attributes, None);
        Self { span, began: Instant::now(), measured, is_finished: false }
    }

    /// The context in which the call is made.
    pub fn context(&self) -> &Context {
        self.span.context()
    }

    /// Sets an attribute of the span.
    pub fn set(&self, key: &'static str, value: impl Into<Value>) {
        self.span.set(key, value);
    }

    /// Writes what the model is told on the span.
    pub fn say(&self, instructions: &str, message: &str) {
        if !self.span.is_recording() {
            return;
        }
        let instructions = json!([text(instructions)]);
        let messages = json!([{"role": "user", "parts": [text(message)]}]);
        self.span.set(gen_ai::SYSTEM_INSTRUCTIONS, instructions.to_string());
        self.span.set(gen_ai::INPUT_MESSAGES, messages.to_string());
    }

    /// Writes what the model said on the span.
    pub fn hear(&self, message: &str, finish_reason: Option<&str>) {
        if !self.span.is_recording() {
            return;
        }
        // The schema wants a reason; a model that gives none has come to its end.
        let reason = finish_reason.unwrap_or("stop");
        let messages = json!([{"role": "assistant", "parts": [text(message)], "finish_reason": reason}]);
        self.span.set(gen_ai::OUTPUT_MESSAGES, messages.to_string());
    }

    /// There is an answer, usable or not: what it took is counted. [`ChatCall::finish`] or [`ChatCall::fail`] follows.
    pub fn answered(&mut self, answer: &ChatAnswer<'_>) {
        let int = |tokens: u64| i64::try_from(tokens).unwrap_or(i64::MAX);
        self.span.set(gen_ai::RESPONSE_MODEL, answer.model.to_owned());
        self.span.set(gen_ai::USAGE_INPUT_TOKENS, int(answer.input_tokens));
        self.span.set(gen_ai::USAGE_OUTPUT_TOKENS, int(answer.output_tokens));
        if let Some(id) = answer.id {
            self.span.set(gen_ai::RESPONSE_ID, id.to_owned());
        }
        if let Some(reason) = answer.finish_reason {
            let reasons = Array::String(vec![StringValue::from(reason.to_owned())]);
            self.span.set(gen_ai::RESPONSE_FINISH_REASONS, Value::Array(reasons));
        }
        if let Some(cost) = answer.cost_usd {
            self.span.set(attr::LLM_COST_USD, cost);
        }
        self.measured.push(KeyValue::new(gen_ai::RESPONSE_MODEL, answer.model.to_owned()));
        let Some(instruments) = instruments() else {
            return;
        };
        for (kind, tokens) in [("input", answer.input_tokens), ("output", answer.output_tokens)] {
            let mut labels = self.measured.clone();
            labels.push(KeyValue::new(gen_ai::TOKEN_TYPE, kind));
            instruments.gen_ai_tokens.record(tokens as f64, &labels);
        }
    }

    /// Ends a call that came to something.
    pub fn finish(mut self) {
        self.measure();
    }

    /// Ends a call that came to nothing. Neither text may hold what was said.
    pub fn fail(mut self, error_type: &'static str, description: &str) {
        self.set_failure(error_type, description);
        self.measure();
    }

    fn set_failure(&mut self, error_type: &'static str, description: &str) {
        self.span.set(attr::common::ERROR_TYPE, error_type);
        self.span.fail(description.to_owned());
        self.measured.push(KeyValue::new(attr::common::ERROR_TYPE, error_type));
    }

    fn measure(&mut self) {
        self.is_finished = true;
        if let Some(instruments) = instruments() {
            instruments.gen_ai_duration.record(self.began.elapsed().as_secs_f64(), &self.measured);
        }
    }
}

impl Drop for ChatCall {
    /// The caller gave the call up: its own deadline passed, or its client has gone.
    fn drop(&mut self) {
        if !self.is_finished {
            self.set_failure("cancelled", "the caller gave up");
            self.measure();
        }
    }
}

/// A text part, as the schema of messages has it.
fn text(content: &str) -> serde_json::Value {
    let end = (0..=MAX_MESSAGE_BYTES.min(content.len())).rev().find(|at| content.is_char_boundary(*at)).unwrap_or(0);
    let ellipsis = if end < content.len() { "…" } else { "" };
    json!({"type": "text", "content": format!("{}{ellipsis}", &content[..end])})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_is_cut_between_characters_and_says_so() {
        let short = text("Grüße 🦀");
        assert_eq!(short, json!({"type": "text", "content": "Grüße 🦀"}));
        let long = text(&format!("a{}", "é".repeat(MAX_MESSAGE_BYTES)));
        let content = long["content"].as_str().unwrap_or_default();
        assert!(content.len() <= MAX_MESSAGE_BYTES + "…".len() && content.ends_with("é…"), "{}", content.len());
    }
}
