//! From a mail to an answer: the chosen model, the built-in one in its place where that is wished for, and what is known of
//! both afterwards.
//!
//! Every model that is asked has a span of its own, `chat {model}`, below the current one. What the models took is added up:
//! an answer that can't be used is paid for too.

mod asked;

use std::sync::Arc;
use std::time::Duration;

use telemetry::attr;
use telemetry::context::FutureExt;
use telemetry::gen_ai::{ChatAnswer, ChatCall, ChatRequest};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::answer::Answer;
use crate::config::{LlmConfig, ModelConfig};
use crate::mail::Mail;
use crate::model::{Completion, Gemini, HttpClient, Identity, Model, ModelError, OpenAi, Prompt, Task};
use crate::prices::{Price, Prices};
use crate::prompt::{Built, PromptRules};

pub(crate) use self::asked::{Asked, Refused, Spent};

/// What models say when they stop at the limit of an answer: Google's word and OpenAI's.
const CUT: [&str; 2] = ["MAX_TOKENS", "length"];

/// The way to a model's answer.
#[derive(Debug)]
pub(crate) struct Gateway {
    chosen: Arc<dyn Model>,
    /// How long the chosen model may take.
    timeout: Duration,
    fallback: Option<Arc<dyn Model>>,
    /// How long the built-in model may take in its place.
    fallback_timeout: Duration,
    prompts: PromptRules,
    prices: Prices,
    places: Semaphore,
    max_concurrent: usize,
    captures_content: bool,
}

/// One model's part in a request.
struct Attempt<'a> {
    model: &'a dyn Model,
    timeout: Duration,
    /// A slow upstream, before the model gets to see the request.
    upstream_wait: Duration,
    is_fallback: bool,
}

impl Gateway {
    /// Asks the model that `config` chose; `embedded` makes the built-in one, which takes time, where it is chosen or falls in.
    pub(crate) fn new(config: LlmConfig, embedded: impl FnOnce() -> Arc<dyn Model>) -> Self {
        let timeout = config.model.timeout();
        let (chosen, fallback): (Arc<dyn Model>, _) = match config.model {
            ModelConfig::Embedded => (embedded(), None),
            ModelConfig::Gemini(gemini) => {
                (Arc::new(Gemini::new(gemini, HttpClient::new())), config.falls_back.then(embedded))
            }
            ModelConfig::OpenAi(openai) => {
                (Arc::new(OpenAi::new(openai, HttpClient::new())), config.falls_back.then(embedded))
            }
        };
        Self {
            chosen,
            timeout,
            fallback,
            fallback_timeout: ModelConfig::Embedded.timeout(),
            prompts: config.prompts,
            prices: config.prices,
            places: Semaphore::new(config.max_concurrent),
            max_concurrent: config.max_concurrent,
            captures_content: config.captures_content,
        }
    }

    /// Has a model do `task` with `mail`. `upstream_wait` is a pause within the chosen model's call, as a slow upstream would
    /// make it: part of its latency, and up to its timeout.
    ///
    /// Dropping the future ends the call, with `error.type` `cancelled` on its span.
    ///
    /// # Errors
    /// [`Refused`], if no model gives a usable answer.
    pub(crate) async fn ask(&self, task: Task, mail: &Mail, upstream_wait: Duration) -> Result<Asked, Refused> {
        let began = Instant::now();
        let built = self.prompts.build(task, mail)?;
        let _place = self.places.try_acquire().map_err(|_| {
            let most = self.max_concurrent;
            let error = format!("{most} requests are waiting for a model, and no more may (LLM_MAX_CONCURRENT)");
            Refused::Model { error: ModelError::Unavailable(error), spent: None }
        })?;
        let mut spent = None;
        let chosen = Attempt { model: &*self.chosen, timeout: self.timeout, upstream_wait, is_fallback: false };
        let (model, result, fallback) = match (self.attempt(chosen, &built, &mut spent).await, &self.fallback) {
            (Err(error), Some(fallback)) => {
                tracing::warn!(code = error.code(), %error, "the chosen model does not answer; the built-in one does");
                let timeout = self.fallback_timeout;
                let attempt = Attempt { model: &**fallback, timeout, upstream_wait: Duration::ZERO, is_fallback: true };
                (fallback, self.attempt(attempt, &built, &mut spent).await, Some(error))
            }
            (result, _) => (&self.chosen, result, None),
        };
        match (result, fallback) {
            (Ok((answer, completion)), fallback) => Ok(Asked {
                answer,
                identity: model.identity().clone(),
                completion,
                spent: spent.unwrap_or_default(),
                latency: began.elapsed(),
                fallback,
                is_truncated: built.is_truncated,
            }),
            // Why the chosen model does not answer is what somebody can do something about.
            (Err(error), None) | (Err(_), Some(error)) => Err(Refused::Model { error, spent }),
        }
    }

    /// Who is asked first.
    pub(crate) fn chosen(&self) -> &Identity {
        self.chosen.identity()
    }

    /// Who is asked where the chosen model does not answer.
    pub(crate) fn fallback(&self) -> Option<&Identity> {
        self.fallback.as_ref().map(|model| model.identity())
    }

    /// What the chosen model costs, where that is known.
    pub(crate) fn price(&self) -> Option<&Price> {
        self.prices.of(&self.chosen().model)
    }

    /// Whether the chosen model could answer now; nothing is spent on it.
    ///
    /// # Errors
    /// [`ModelError`], if not.
    pub(crate) async fn reach(&self) -> Result<(), ModelError> {
        self.chosen.reach().await
    }

    async fn attempt(
        &self,
        attempt: Attempt<'_>,
        built: &Built,
        spent: &mut Option<Spent>,
    ) -> Result<(Answer, Completion), ModelError> {
        let Attempt { model, timeout, upstream_wait, is_fallback } = attempt;
        let prompt = &built.prompt;
        let identity = model.identity();
        let mut call = ChatCall::start(&ChatRequest {
            provider: identity.provider,
            model: &identity.model,
            server: identity.server.as_ref().map(|(host, port)| (host.as_str(), *port)),
            max_tokens: prompt.max_output_tokens,
        });
        if is_fallback {
            call.set(attr::LLM_FALLBACK, true);
        }
        if built.is_truncated {
            call.set(attr::LLM_PROMPT_TRUNCATED, true);
        }
        if self.captures_content {
            call.say(&prompt.system, &prompt.user);
        }
        let work = async {
            if !upstream_wait.is_zero() {
                tokio::time::sleep(upstream_wait).await;
            }
            model.complete(prompt).await
        };
        let work = work.with_context(call.context().clone());
        let result = tokio::time::timeout(timeout, work).await.unwrap_or(Err(ModelError::TimedOut(timeout)));
        let result = match result {
            Ok(completion) => self.read(prompt, completion, &mut call, identity, spent),
            Err(error) => Err(error),
        };
        match &result {
            Ok(_) => call.finish(),
            Err(error) => call.fail(error.code(), &error.to_string()),
        }
        result
    }

    fn read(
        &self,
        prompt: &Prompt,
        completion: Completion,
        call: &mut ChatCall,
        identity: &Identity,
        spent: &mut Option<Spent>,
    ) -> Result<(Answer, Completion), ModelError> {
        let Completion { input_tokens, output_tokens, .. } = completion;
        // Whoever answers may call itself by a name that no table knows.
        let price = self.prices.of(&completion.model).or_else(|| self.prices.of(&identity.model));
        let cost_usd = price.map(|price| price.cost_usd(input_tokens, output_tokens));
        *spent = Some(Spent { input_tokens, output_tokens, cost_usd }.after(*spent));
        call.answered(&ChatAnswer {
            model: &completion.model,
            id: completion.id.as_deref(),
            finish_reason: completion.finish_reason.as_deref(),
            input_tokens,
            output_tokens,
            cost_usd,
        });
        if self.captures_content {
            call.hear(&completion.text, completion.finish_reason.as_deref());
        }
        let is_cut = completion.finish_reason.as_deref().is_some_and(|reason| CUT.contains(&reason));
        match Answer::read(prompt.task, &completion.text) {
            Ok(answer) => Ok((answer, completion)),
            Err(_) if is_cut => Err(ModelError::BadAnswer(format!(
                "the model's answer was cut off at {} tokens; raise LLM_MAX_OUTPUT_TOKENS",
                prompt.max_output_tokens
            ))),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
