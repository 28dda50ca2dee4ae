//! Gemini, by either of Google's ways in: a project on Vertex AI, or the Gemini API with a key. What is asked and what comes
//! back is the same.
//!
//! Start with [`Gemini::complete`]; `wire.rs` has the JSON, `credentials.rs` finds out who asks.

mod credentials;
mod thinking;
mod wire;

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderValue, Method, Uri};

use self::credentials::ApplicationDefault;
use self::thinking::Thinking;
use super::http::{Deadline, Refusal, Remedies, Request};
use super::{BaseUrl, Completion, HttpClient, Identity, Model, ModelError, Prompt};
use crate::config::{GeminiAccess, GeminiConfig};
use crate::secret::Secret;

/// The header of the Gemini API's keys.
const KEY_HEADER: HeaderName = HeaderName::from_static("x-goog-api-key");
/// Who is billed for a call with a person's credentials.
const PROJECT_HEADER: HeaderName = HeaderName::from_static("x-goog-user-project");
/// Whether a model could answer is known soon or not at all.
const REACH_TIMEOUT: Duration = Duration::from_secs(3);

const VERTEX: Remedies = Remedies {
    credentials: "check that the account may use Vertex AI in GOOGLE_CLOUD_PROJECT (role aiplatform.user), or GEMINI_ACCESS_TOKEN",
    address: "check GEMINI_MODEL, GOOGLE_CLOUD_LOCATION and GEMINI_BASE_URL",
};
const GEMINI_API: Remedies =
    Remedies { credentials: "check GEMINI_API_KEY", address: "check GEMINI_MODEL and GEMINI_BASE_URL" };

/// A Gemini model.
#[derive(Debug)]
pub(crate) struct Gemini {
    identity: Identity,
    http: HttpClient,
    timeout: Duration,
    thinking: Thinking,
    way_in: Result<WayIn, &'static str>,
}

#[derive(Debug)]
struct WayIn {
    /// Where it is asked.
    generate: Uri,
    /// Where it is described.
    describe: Uri,
    proof: Proof,
    project: Option<String>,
    remedies: &'static Remedies,
}

/// What shows who asks.
#[derive(Debug)]
enum Proof {
    Key(Secret),
    Token(Secret),
    ApplicationDefault(ApplicationDefault),
}

impl Gemini {
    /// Nothing is sent yet, so nothing can fail: a lack is told when it is asked.
    pub(crate) fn new(config: GeminiConfig, http: HttpClient) -> Self {
        let GeminiConfig { access, model, timeout, base_url } = config;
        let (provider, base, way_in) = match access {
            GeminiAccess::Vertex { project, location, token } => {
                let base = base_url.unwrap_or_else(|| vertex_url(&location));
                let path = format!("publishers/google/models/{model}");
                let way_in = WayIn {
                    generate: base.join(&format!("/v1/projects/{project}/locations/{location}/{path}:generateContent")),
                    describe: base.join(&format!("/v1/{path}")),
                    proof: match token {
                        Some(token) => Proof::Token(token),
                        None => Proof::ApplicationDefault(ApplicationDefault::default()),
                    },
                    project: Some(project),
                    remedies: &VERTEX,
                };
                ("gcp.vertex_ai", base, Ok(way_in))
            }
            GeminiAccess::Key(key) => {
                let base = base_url.unwrap_or_else(gemini_api_url);
                let way_in = WayIn {
                    generate: base.join(&format!("/v1beta/models/{model}:generateContent")),
                    describe: base.join(&format!("/v1beta/models/{model}")),
                    proof: Proof::Key(key),
                    project: None,
                    remedies: &GEMINI_API,
                };
                ("gcp.gemini", base, Ok(way_in))
            }
            GeminiAccess::Missing(why) => ("gcp.gemini", base_url.unwrap_or_else(gemini_api_url), Err(why)),
        };
        let thinking = Thinking::of(&model);
        let identity = Identity { provider, model, server: Some(base.server()) };
        Self { identity, http, timeout, thinking, way_in }
    }

    fn way_in(&self) -> Result<&WayIn, ModelError> {
        self.way_in.as_ref().map_err(|why| ModelError::Unconfigured((*why).to_owned()))
    }

    async fn ask(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        let way_in = self.way_in()?;
        let deadline = Deadline::after(self.timeout);
        let request = Request {
            method: Method::POST,
            uri: way_in.generate.clone(),
            headers: vec![way_in.proof.header(deadline).await?],
            body: wire::request(prompt, self.thinking),
        };
        let answer = self.http.ask(&request, deadline, way_in.remedies).await.map_err(|Refusal { error, .. }| error)?;
        wire::completion(&answer, &self.identity.model)
    }

    async fn describe(&self) -> Result<(), ModelError> {
        let way_in = self.way_in()?;
        let deadline = Deadline::after(self.timeout.min(REACH_TIMEOUT));
        let mut headers = vec![way_in.proof.header(deadline).await?];
        if let Some(project) = way_in.project.as_deref().and_then(|project| HeaderValue::from_str(project).ok()) {
            headers.push((PROJECT_HEADER, project));
        }
        let request = Request { method: Method::GET, uri: way_in.describe.clone(), headers, body: bytes::Bytes::new() };
        self.http.ask(&request, deadline, way_in.remedies).await.map(drop).map_err(|Refusal { error, .. }| error)
    }
}

impl Proof {
    async fn header(&self, deadline: Deadline) -> Result<(HeaderName, HeaderValue), ModelError> {
        Ok(match self {
            Self::Key(key) => (KEY_HEADER, key.header("")),
            Self::Token(token) => (AUTHORIZATION, token.header("Bearer ")),
            Self::ApplicationDefault(credentials) => {
                (AUTHORIZATION, deadline.limit(credentials.token()).await??.header("Bearer "))
            }
        })
    }
}

impl Model for Gemini {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn complete<'a>(&'a self, prompt: &'a Prompt) -> BoxFuture<'a, Result<Completion, ModelError>> {
        self.ask(prompt).boxed()
    }

    fn reach(&self) -> BoxFuture<'_, Result<(), ModelError>> {
        self.describe().boxed()
    }
}

fn gemini_api_url() -> BaseUrl {
    BaseUrl::parse("https://generativelanguage.googleapis.com").expect("it is one")
}

/// Where Vertex AI answers for `location`: worldwide, for a continent, or in a region.
fn vertex_url(location: &str) -> BaseUrl {
    let host = match location {
        "global" => "aiplatform.googleapis.com".to_owned(),
        "us" | "eu" => format!("aiplatform.{location}.rep.googleapis.com"),
        region => format!("{region}-aiplatform.googleapis.com"),
    };
    BaseUrl::parse(&format!("https://{host}")).expect("locations are names")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_base_url_google_is_asked_where_the_project_is() {
        for (location, host) in [
            ("us-central1", "us-central1-aiplatform.googleapis.com"),
            ("europe-west4", "europe-west4-aiplatform.googleapis.com"),
            ("eu", "aiplatform.eu.rep.googleapis.com"),
            ("global", "aiplatform.googleapis.com"),
        ] {
            let access = GeminiAccess::Vertex { project: "p".to_owned(), location: location.to_owned(), token: None };
            let config = GeminiConfig {
                access,
                model: "gemini-2.5-flash".to_owned(),
                timeout: Duration::from_secs(1),
                base_url: None,
            };
            let gemini = Gemini::new(config, HttpClient::new());
            let path = format!(
                "/v1/projects/p/locations/{location}/publishers/google/models/gemini-2.5-flash:generateContent"
            );
            assert_eq!(gemini.way_in.unwrap().generate.to_string(), format!("https://{host}{path}"));
            assert_eq!(gemini.identity.server, Some((host.to_owned(), 443)));
        }
        assert_eq!(gemini_api_url().to_string(), "https://generativelanguage.googleapis.com");
    }
}
