//! The model itself: a prompt in, JSON text out, in the time that it takes.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Serialize;
use tokio::time::Instant;

use super::classify::classify;
use super::extract::extract;
use super::latency::latency;
use super::weights::Weights;
use crate::intent::Intent;
use crate::model::{Completion, Identity, Model, ModelError, Prompt, Task};
use crate::tokens;

/// `gen_ai.provider.name`.
const PROVIDER: &str = "doorbuster";

/// `gen_ai.request.model`. Another number for weights that answer otherwise.
const MODEL: &str = "doorbuster-embedded-1";

/// Longer prompts are worked on beside the runtime: reading them takes milliseconds, and others wait for the thread.
const INLINE_BYTES: usize = 8 << 10;

/// Most tokens of an answer, whatever the prompt allows: with them the longest prompt takes just under two seconds.
const MOST_OUTPUT_TOKENS: usize = 200;

/// The built-in model.
#[derive(Debug)]
pub(crate) struct Embedded {
    identity: Identity,
}

/// What was made of a prompt, before anybody has waited for it.
struct Work {
    text: String,
    input_tokens: usize,
    output_tokens: usize,
}

#[derive(Serialize)]
struct Classification {
    intent: Intent,
    confidence: f64,
    reasoning: String,
}

impl Embedded {
    /// The model, ready to answer: weights, tokenizer and rules are read here, which takes a fraction of a second.
    pub(crate) fn new() -> Self {
        let warm_up = |task| Prompt {
            task,
            mail: crate::mail::Mail::default(),
            system: String::new(),
            user: String::new(),
            max_output_tokens: 0,
        };
        work(&warm_up(Task::Classify));
        work(&warm_up(Task::Extract));
        Self { identity: Identity { provider: PROVIDER, model: MODEL.to_owned(), server: None } }
    }

    async fn answer(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        let asked = Instant::now();
        let work = if prompt.system.len() + prompt.user.len() <= INLINE_BYTES {
            work(prompt)
        } else {
            let prompt = prompt.clone();
            tokio::task::spawn_blocking(move || work(&prompt))
                .await
                .map_err(|_| ModelError::Unavailable("the embedded model was stopped at its work".to_owned()))?
        };
        let takes = latency(&[&prompt.system, &prompt.user], work.input_tokens, work.output_tokens);
        // What the work took is part of it.
        tokio::time::sleep_until(asked + takes).await;
        Ok(Completion {
            text: work.text,
            model: MODEL.to_owned(),
            id: None,
            finish_reason: Some("stop".to_owned()),
            input_tokens: work.input_tokens as u64,
            output_tokens: work.output_tokens as u64,
        })
    }
}

impl Model for Embedded {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn complete<'a>(&'a self, prompt: &'a Prompt) -> BoxFuture<'a, Result<Completion, ModelError>> {
        self.answer(prompt).boxed()
    }

    fn reach(&self) -> BoxFuture<'_, Result<(), ModelError>> {
        std::future::ready(Ok(())).boxed()
    }
}

/// The answer to `prompt` and what it takes in tokens.
fn work(prompt: &Prompt) -> Work {
    let most = MOST_OUTPUT_TOKENS.min(prompt.max_output_tokens as usize);
    let sorted = classify(Weights::built_in(), &prompt.mail);
    let (text, output_tokens) = match prompt.task {
        Task::Classify => {
            // Two digits: a third would claim more than calibration has shown.
            let confidence = (sorted.confidence() * 100.0).round() / 100.0;
            let mut answer = Classification { intent: sorted.intent, confidence, reasoning: sorted.reasoning() };
            fitting(most, &mut answer, |answer| !std::mem::take(&mut answer.reasoning).is_empty())
        }
        Task::Extract => {
            let mut answer = extract(&prompt.mail, sorted.intent);
            fitting(most, &mut answer, |answer| answer.links.pop().or_else(|| answer.dates.pop()).is_some())
        }
    };
    Work { text, input_tokens: tokens::count(&prompt.system) + tokens::count(&prompt.user), output_tokens }
}

/// `answer` as JSON with its tokens; `shorten`ed until it is at most `most`, or can't be made shorter.
fn fitting<T: Serialize>(most: usize, answer: &mut T, mut shorten: impl FnMut(&mut T) -> bool) -> (String, usize) {
    loop {
        let text = serde_json::to_string(answer).expect("texts and numbers are always JSON");
        let tokens = tokens::count(&text);
        if tokens <= most || !shorten(answer) {
            return (text, tokens);
        }
    }
}

#[cfg(test)]
mod tests;
