//! Language models behind one trait: what is asked, what comes back, and which way it fails.

mod base_url;
mod gemini;
mod http;
mod openai;

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::mail::Mail;

pub(crate) use self::base_url::BaseUrl;
pub(crate) use self::gemini::Gemini;
pub(crate) use self::http::HttpClient;
pub(crate) use self::openai::OpenAi;

/// What a model is asked to do with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Task {
    /// Say what it wants.
    Classify,
    /// Find company, role, dates and the like in it.
    Extract,
}

impl Task {
    /// `llm.endpoint` on spans.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Classify => "classify",
            Self::Extract => "extract",
        }
    }

    /// The path of its endpoint.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Classify => "/hackathon/classify",
            Self::Extract => "/hackathon/extract",
        }
    }
}

/// One question to a model.
#[derive(Debug, Clone)]
pub(crate) struct Prompt {
    pub(crate) task: Task,
    /// The mail as it was made part of the text: models that need no text read it here.
    pub(crate) mail: Mail,
    /// Instructions: what to do and which JSON to answer with.
    pub(crate) system: String,
    /// The mail as text.
    pub(crate) user: String,
    /// Most tokens that the answer may have.
    pub(crate) max_output_tokens: u32,
}

/// Who answers, as telemetry and `/debug/llm` tell it. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// `gen_ai.provider.name`, such as `gcp.vertex_ai`, `gcp.gemini`, `openai`, `doorbuster`.
    pub(crate) provider: &'static str,
    /// `gen_ai.request.model`.
    pub(crate) model: String,
    /// Where it is reached; none for the embedded one.
    pub(crate) server: Option<(String, u16)>,
}

/// What a model answered: text that should be the JSON that was asked for, and what it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Completion {
    pub(crate) text: String,
    /// The model that says it answered; may be more exact than the one that was asked for.
    pub(crate) model: String,
    pub(crate) id: Option<String>,
    pub(crate) finish_reason: Option<String>,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
}

/// Why there is no answer. Messages never hold keys, tokens, or what the mail said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ModelError {
    /// It can't be used as configured: no project, no credentials, key refused (401, 403), no such model (404).
    #[error("{0}")]
    Unconfigured(String),
    /// It can't be reached, or answers 5xx.
    #[error("{0}")]
    Unavailable(String),
    /// It takes no more requests for now (429).
    #[error("the model takes no more requests for now{}", .retry_after.map(|after| format!("; it asks to wait {} s", after.as_secs())).unwrap_or_default())]
    RateLimited {
        /// What it asks callers to wait.
        retry_after: Option<Duration>,
    },
    /// No answer in time.
    #[error("the model did not answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// It answered something that can't be used.
    #[error("{0}")]
    BadAnswer(String),
}

impl ModelError {
    /// `error.type` on spans and `code` in answers.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Unconfigured(_) => "llm_unconfigured",
            Self::Unavailable(_) => "llm_unavailable",
            Self::RateLimited { .. } => "llm_rate_limited",
            Self::TimedOut(_) => "llm_timeout",
            Self::BadAnswer(_) => "llm_bad_answer",
        }
    }
}

/// A language model.
pub(crate) trait Model: fmt::Debug + Send + Sync {
    /// Who it is.
    fn identity(&self) -> &Identity;

    /// Answers `prompt`. Ends by itself within the model's own timeout; dropping it ends the call.
    fn complete<'a>(&'a self, prompt: &'a Prompt) -> BoxFuture<'a, Result<Completion, ModelError>>;

    /// Whether it could answer now, at no cost: no tokens are used up.
    fn reach(&self) -> BoxFuture<'_, Result<(), ModelError>>;
}
