//! What the environment says about models: which one is asked, how, and within which bounds.
//!
//! Two kinds of wrong are told apart. A *mistake* is a value that can't be used: all of them are reported together, and the
//! service does not start. A *lack*, such as no project for Gemini, is something that whoever runs the service may still be
//! about to arrange: it starts, answers 503 with the reason, and `/debug/llm` says it too.
//!
//! Only the variables of the chosen model are looked at: `OPENAI_API_KEY` may be there for other programs.

mod reader;
mod remote;

use std::path::Path;
use std::time::Duration;

use self::reader::Reader;
use crate::prices::Prices;
use crate::prompt::{OverLimit, PromptRules};

pub(crate) use self::remote::{GeminiAccess, GeminiConfig, OpenAiConfig, OpenAiServer};

/// Tokens of instructions and mail together, unless told otherwise: mails of 30,000 characters fit.
const MAX_PROMPT_TOKENS: u64 = 8192;
/// Tokens of an answer, unless told otherwise: four times what the JSON that is asked for needs.
const MAX_OUTPUT_TOKENS: u64 = 256;
/// Requests that may wait for a model at once, unless told otherwise: what 50 a second come to at a wait of five seconds.
const MAX_CONCURRENT: u64 = 256;
/// How long the built-in model may take, an operator's slow upstream included. It takes under two seconds by itself.
const EMBEDDED_TIMEOUT: Duration = Duration::from_secs(30);

/// Everything about models that the environment decides.
#[derive(Debug, Clone)]
pub(crate) struct LlmConfig {
    pub(crate) model: ModelConfig,
    /// Whether the built-in model answers where the chosen one does not.
    pub(crate) falls_back: bool,
    pub(crate) prices: Prices,
    pub(crate) prompts: PromptRules,
    /// Most requests that wait for a model at once.
    pub(crate) max_concurrent: usize,
    /// Whether prompts and answers are written on spans: only if somebody asked for it.
    pub(crate) captures_content: bool,
}

/// The chosen model.
#[derive(Debug, Clone)]
pub(crate) enum ModelConfig {
    /// The one that is part of this program.
    Embedded,
    Gemini(GeminiConfig),
    OpenAi(OpenAiConfig),
}

/// The environment can't be used as it is; every mistake is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub(crate) struct ConfigMistakes(pub(crate) Vec<String>);

impl LlmConfig {
    /// From variables that `var` looks up; an empty one counts as absent.
    ///
    /// # Errors
    /// [`ConfigMistakes`], with all of them.
    pub(crate) fn from_vars(var: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigMistakes> {
        let mut reader = Reader::new(var);
        let model = read_model(&mut reader);
        let over_limit = reader.choice("LLM_OVER_LIMIT", &["truncate", "refuse"]);
        let config = Self {
            model,
            falls_back: reader.choice("LLM_FALLBACK", &["none", "embedded"]) == Some("embedded"),
            prices: read_prices(&mut reader),
            prompts: PromptRules {
                // At the least, what the instructions need and a short mail beside them.
                max_tokens: reader.number("LLM_MAX_PROMPT_TOKENS", MAX_PROMPT_TOKENS, 256..=1_000_000) as usize,
                over_limit: if over_limit == Some("refuse") { OverLimit::Refuse } else { OverLimit::Truncate },
                max_output_tokens: reader.number("LLM_MAX_OUTPUT_TOKENS", MAX_OUTPUT_TOKENS, 32..=65_536) as u32,
            },
            max_concurrent: reader.number("LLM_MAX_CONCURRENT", MAX_CONCURRENT, 1..=100_000) as usize,
            captures_content: reader.captures_content(),
        };
        if reader.mistakes.is_empty() { Ok(config) } else { Err(ConfigMistakes(reader.mistakes)) }
    }
}

impl ModelConfig {
    /// How long the model may take to answer.
    pub(crate) fn timeout(&self) -> Duration {
        match self {
            Self::Embedded => EMBEDDED_TIMEOUT,
            Self::Gemini(config) => config.timeout,
            Self::OpenAi(config) => config.timeout,
        }
    }
}

/// `LLM_MODEL`; otherwise Gemini where `USE_GEMINI_FOR_CLASSIFY` says so; otherwise whatever `OPENAI_BASE_URL` leads to;
/// otherwise the model that needs nothing.
fn read_model(reader: &mut Reader<'_>) -> ModelConfig {
    let asks_for_gemini = reader.flag("USE_GEMINI_FOR_CLASSIFY");
    let chosen = reader.choice("LLM_MODEL", &["gemini", "openai", "embedded"]);
    match chosen {
        Some("gemini") => ModelConfig::Gemini(remote::gemini(reader)),
        Some("openai") => ModelConfig::OpenAi(remote::openai(reader)),
        Some(_) => ModelConfig::Embedded,
        None if asks_for_gemini => ModelConfig::Gemini(remote::gemini(reader)),
        None if reader.text("OPENAI_BASE_URL").is_some() => ModelConfig::OpenAi(remote::openai(reader)),
        None => ModelConfig::Embedded,
    }
}

fn read_prices(reader: &mut Reader<'_>) -> Prices {
    let Some(path) = reader.text("LLM_PRICES") else {
        return Prices::built_in();
    };
    Prices::from_file(Path::new(&path)).unwrap_or_else(|error| {
        reader.mistakes.push(format!("LLM_PRICES: {error}"));
        Prices::built_in()
    })
}

#[cfg(test)]
mod tests;
