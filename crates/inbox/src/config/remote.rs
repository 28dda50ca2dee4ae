//! How models elsewhere are reached.

use std::time::Duration;

use super::reader::Reader;
use crate::model::BaseUrl;
use crate::secret::Secret;

/// Gemini answers a mail in about a second; ten leave room for a slow one.
const GEMINI_TIMEOUT: Duration = Duration::from_secs(10);
/// A model on somebody's own processor takes many seconds for a long mail.
const OPENAI_TIMEOUT: Duration = Duration::from_secs(30);
const GEMINI_MODEL: &str = "gemini-2.5-flash";
const LOCATION: &str = "us-central1";
/// Where OpenAI itself is.
const OPENAI_URL: &str = "https://api.openai.com/v1";

/// How Gemini is asked.
#[derive(Debug, Clone)]
pub(crate) struct GeminiConfig {
    pub(crate) access: GeminiAccess,
    pub(crate) model: String,
    pub(crate) timeout: Duration,
    /// In place of Google's own address.
    pub(crate) base_url: Option<BaseUrl>,
}

/// Which of Google's two ways in is taken.
#[derive(Debug, Clone)]
pub(crate) enum GeminiAccess {
    /// A project on Vertex AI.
    Vertex {
        project: String,
        location: String,
        /// A ready token; without one, Application Default Credentials are looked for.
        token: Option<Secret>,
    },
    /// The Gemini API, with a key.
    Key(Secret),
    /// None, and what to do about it.
    Missing(&'static str),
}

/// How an OpenAI-compatible server is asked.
#[derive(Debug, Clone)]
pub(crate) struct OpenAiConfig {
    /// What is missing is told by the [`Err`], with what to do about it.
    pub(crate) server: Result<OpenAiServer, &'static str>,
    pub(crate) timeout: Duration,
}

/// An OpenAI-compatible server and the model on it.
#[derive(Debug, Clone)]
pub(crate) struct OpenAiServer {
    pub(crate) base_url: BaseUrl,
    pub(crate) api_key: Option<Secret>,
    pub(crate) model: String,
}

/// The key that is named after Gemini wins over a project, and a project over a key that may be for anything of Google's.
pub(super) fn gemini(reader: &mut Reader<'_>) -> GeminiConfig {
    let key = reader.secret("GEMINI_API_KEY");
    let token = reader.secret("GEMINI_ACCESS_TOKEN");
    let project = reader.name("GOOGLE_CLOUD_PROJECT", "my-project-123");
    let location = reader.name("GOOGLE_CLOUD_LOCATION", LOCATION).unwrap_or_else(|| LOCATION.to_owned());
    let any_key = reader.secret("GOOGLE_API_KEY");
    let access = match (key, project, any_key) {
        (Some(key), ..) | (None, None, Some(key)) => GeminiAccess::Key(key),
        (None, Some(project), _) => GeminiAccess::Vertex { project, location, token },
        (None, None, None) => GeminiAccess::Missing(
            "Gemini is chosen, but there is neither a project nor a key; set GOOGLE_CLOUD_PROJECT or GEMINI_API_KEY",
        ),
    };
    GeminiConfig {
        access,
        model: reader.name("GEMINI_MODEL", GEMINI_MODEL).unwrap_or_else(|| GEMINI_MODEL.to_owned()),
        timeout: reader.timeout("GEMINI_TIMEOUT_MS", GEMINI_TIMEOUT),
        base_url: reader.url("GEMINI_BASE_URL"),
    }
}

pub(super) fn openai(reader: &mut Reader<'_>) -> OpenAiConfig {
    let given = reader.url("OPENAI_BASE_URL");
    let api_key = reader.secret("OPENAI_API_KEY");
    // A key without an address is OpenAI's own; an address without a key is a server of one's own.
    let base_url = given.or_else(|| api_key.as_ref().and_then(|_| BaseUrl::parse(OPENAI_URL).ok()));
    let server = match (base_url, reader.text("OPENAI_MODEL")) {
        (Some(base_url), Some(model)) => Ok(OpenAiServer { base_url, api_key, model }),
        (None, _) => Err("an OpenAI-compatible model is chosen, but not where it is; set OPENAI_BASE_URL, such as \
                          http://127.0.0.1:11434/v1, or OPENAI_API_KEY"),
        (_, None) => {
            Err("an OpenAI-compatible server is chosen, but no model on it; set OPENAI_MODEL, such as llama3.2")
        }
    };
    OpenAiConfig { server, timeout: reader.timeout("OPENAI_TIMEOUT_MS", OPENAI_TIMEOUT) }
}
