//! Any server that speaks OpenAI's chat completions: Ollama, llama.cpp, vLLM, proxies, OpenAI itself.
//!
//! They differ in what they can be told: some refuse `response_format`, and models that reason refuse `max_tokens` and
//! `temperature` (`dialect.rs`). Some don't say what an answer took: their tokens are counted.

mod dialect;
mod wire;

use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderValue, Method};

use self::dialect::{Dialect, Known};
use super::http::{Deadline, Refusal, Remedies, Request};
use super::{Completion, HttpClient, Identity, Model, ModelError, Prompt};
use crate::config::{OpenAiConfig, OpenAiServer};

/// Whether a model could answer is known soon or not at all.
const REACH_TIMEOUT: Duration = Duration::from_secs(3);
const REMEDIES: Remedies = Remedies {
    credentials: "check OPENAI_API_KEY",
    address: "check OPENAI_MODEL, and that OPENAI_BASE_URL ends where \"/chat/completions\" begins, mostly in \"/v1\"",
};

/// A model on an OpenAI-compatible server.
#[derive(Debug)]
pub(crate) struct OpenAi {
    identity: Identity,
    http: HttpClient,
    timeout: Duration,
    server: Result<OpenAiServer, &'static str>,
    /// How the model has let itself be asked so far.
    known: Known,
}

impl OpenAi {
    /// Nothing is sent yet, so nothing can fail: a lack is told when it is asked.
    pub(crate) fn new(config: OpenAiConfig, http: HttpClient) -> Self {
        let OpenAiConfig { server, timeout } = config;
        let (model, address) = match &server {
            Ok(server) => (server.model.clone(), Some(server.base_url.server())),
            Err(_) => ("unknown".to_owned(), None),
        };
        let identity = Identity { provider: "openai", model, server: address };
        Self { identity, http, timeout, server, known: Known::default() }
    }

    fn server(&self) -> Result<&OpenAiServer, ModelError> {
        self.server.as_ref().map_err(|why| ModelError::Unconfigured((*why).to_owned()))
    }

    async fn ask(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        let server = self.server()?;
        let deadline = Deadline::after(self.timeout);
        let mut dialect = self.known.get();
        let answer = loop {
            match self.post(server, prompt, dialect, deadline).await {
                Ok(answer) => break answer,
                Err(refusal) => dialect = dialect.after(&refusal).ok_or(refusal.error)?,
            }
        };
        self.known.set(dialect);
        wire::completion(&answer, prompt, &server.model)
    }

    async fn post(
        &self,
        server: &OpenAiServer,
        prompt: &Prompt,
        dialect: Dialect,
        deadline: Deadline,
    ) -> Result<Bytes, Refusal> {
        let request = Request {
            method: Method::POST,
            uri: server.base_url.join("/chat/completions"),
            headers: server.proof().into_iter().collect(),
            body: wire::request(prompt, &server.model, dialect),
        };
        self.http.ask(&request, deadline, &REMEDIES).await
    }

    async fn list(&self) -> Result<(), ModelError> {
        let server = self.server()?;
        let request = Request {
            method: Method::GET,
            uri: server.base_url.join("/models"),
            headers: server.proof().into_iter().collect(),
            body: Bytes::new(),
        };
        let deadline = Deadline::after(self.timeout.min(REACH_TIMEOUT));
        self.http.ask(&request, deadline, &REMEDIES).await.map(drop).map_err(|Refusal { error, .. }| error)
    }
}

impl OpenAiServer {
    fn proof(&self) -> Option<(HeaderName, HeaderValue)> {
        self.api_key.as_ref().map(|key| (AUTHORIZATION, key.header("Bearer ")))
    }
}

impl Model for OpenAi {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn complete<'a>(&'a self, prompt: &'a Prompt) -> BoxFuture<'a, Result<Completion, ModelError>> {
        self.ask(prompt).boxed()
    }

    fn reach(&self) -> BoxFuture<'_, Result<(), ModelError>> {
        self.list().boxed()
    }
}
