//! The way to a model, over real connections: to servers that look like Gemini and like OpenAI, look at what they are asked, and
//! answer what they were told to.

mod bounds;
mod credentials;
mod failures;
mod requests;
mod stub;
mod tls;
mod traces;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use self::stub::Stub;
use super::*;
use crate::answer::Classification;
use crate::intent::Intent;

/// What a server that is asked for a classification says in these tests.
const OFFER: &str = r#"{"intent":"offer","confidence":0.9,"reasoning":"It names a salary."}"#;
/// A key that no error, log or span may show.
const KEY: &str = "sk-hunter2";

/// The three ways to a model elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Vertex,
    GeminiKey,
    OpenAi,
}

impl Way {
    const ALL: [Self; 3] = [Self::Vertex, Self::GeminiKey, Self::OpenAi];

    /// Variables that lead to the server at `url`.
    fn vars(self, url: &str) -> Vec<(&'static str, String)> {
        let gemini = [("USE_GEMINI_FOR_CLASSIFY", "1".to_owned()), ("GEMINI_BASE_URL", url.to_owned())];
        match self {
            Self::Vertex => {
                let own = [("GOOGLE_CLOUD_PROJECT", "my-project".to_owned()), ("GEMINI_ACCESS_TOKEN", KEY.to_owned())];
                gemini.into_iter().chain(own).collect()
            }
            Self::GeminiKey => gemini.into_iter().chain([("GEMINI_API_KEY", KEY.to_owned())]).collect(),
            Self::OpenAi => vec![
                ("OPENAI_BASE_URL", format!("{url}/v1")),
                ("OPENAI_API_KEY", KEY.to_owned()),
                ("OPENAI_MODEL", "gpt-4o-mini".to_owned()),
            ],
        }
    }

    /// A good answer that says `text`, for 100 tokens in and 20 out.
    fn says(self, text: &str) -> String {
        self.stops(text, if self == Self::OpenAi { "stop" } else { "STOP" })
    }

    fn stops(self, text: &str, reason: &str) -> String {
        match self {
            Self::Vertex | Self::GeminiKey => serde_json::json!({
                "candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": reason}],
                "usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 15, "thoughtsTokenCount": 5},
                "modelVersion": "gemini-2.5-flash", "responseId": "answer-1",
            }),
            Self::OpenAi => serde_json::json!({
                "id": "answer-1", "object": "chat.completion", "model": "gpt-4o-mini-2024-07-18",
                "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": reason}],
                "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
            }),
        }
        .to_string()
    }

    /// What 100 tokens in and 20 out cost.
    fn cost(self) -> f64 {
        if self == Self::OpenAi { (100.0 * 0.15 + 20.0 * 0.60) / 1e6 } else { (100.0 * 0.30 + 20.0 * 2.50) / 1e6 }
    }
}

fn config(vars: &[(&str, String)]) -> LlmConfig {
    let vars: HashMap<&str, &String> = vars.iter().map(|(name, value)| (*name, value)).collect();
    LlmConfig::from_vars(&|name| vars.get(name).map(|value| (*value).clone())).unwrap()
}

/// A gateway to `stub`; `more` variables win over those that lead there.
fn gateway(way: Way, stub: &Stub, more: &[(&'static str, &str)]) -> Gateway {
    let more = more.iter().map(|(name, value)| (*name, (*value).to_owned()));
    let vars: Vec<_> = way.vars(&stub.url()).into_iter().chain(more).collect();
    Gateway::new(config(&vars), nobody)
}

/// In the built-in model's place: a server that is not there.
fn nobody() -> Arc<dyn Model> {
    other("http://127.0.0.1:1")
}

/// In the built-in model's place: the server at `url`.
fn other(url: &str) -> Arc<dyn Model> {
    let vars = [("OPENAI_BASE_URL", url.to_owned()), ("OPENAI_MODEL", "doorbuster-embedded-1".to_owned())];
    match config(&vars).model {
        ModelConfig::OpenAi(config) => Arc::new(OpenAi::new(config, HttpClient::new())),
        model => panic!("{model:?}"),
    }
}

fn mail() -> Mail {
    Mail {
        subject: "Your offer from Hooli".to_owned(),
        snippet: "We are happy to offer you the role for 90,000 a year.".to_owned(),
        sender: Some("jobs@hooli.example".to_owned()),
    }
}

async fn classify(gateway: &Gateway) -> Result<Asked, Refused> {
    gateway.ask(Task::Classify, &mail(), Duration::ZERO).await
}

fn offer() -> Answer {
    let reasoning = "It names a salary.".to_owned();
    Answer::Classification(Classification { intent: Intent::Offer, confidence: 0.9, reasoning })
}

/// The error of a request that no model answered.
fn error(result: Result<Asked, Refused>) -> ModelError {
    match result {
        Err(Refused::Model { error, .. }) => error,
        other => panic!("{other:?}"),
    }
}
