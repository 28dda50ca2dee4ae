//! Where a model's server is.

use std::fmt;

use http::Uri;

/// `http://` or `https://`, a host, perhaps a port and a path; no slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    text: String,
    host: String,
    port: u16,
}

/// The text is no such URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotABaseUrl {
    #[error("is not a URL that can be called; give http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH]")]
    Form,
    /// What it says is not repeated: it may be a password.
    #[error("has a user or password in it; give keys in their own variables")]
    UserInfo,
}

impl BaseUrl {
    /// # Errors
    /// [`NotABaseUrl`], if `text` is none.
    pub(crate) fn parse(text: &str) -> Result<Self, NotABaseUrl> {
        let uri: Uri = text.parse().map_err(|_| NotABaseUrl::Form)?;
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host().filter(|host| !host.is_empty())) else {
            return Err(NotABaseUrl::Form);
        };
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(NotABaseUrl::UserInfo);
        }
        let default_port = match scheme {
            "http" => 80,
            "https" => 443,
            _ => return Err(NotABaseUrl::Form),
        };
        if uri.query().is_some() || text.contains('#') {
            return Err(NotABaseUrl::Form);
        }
        Ok(Self {
            text: text.trim_end_matches('/').to_owned(),
            host: host.to_owned(),
            port: uri.port_u16().unwrap_or(default_port),
        })
    }

    /// This URL, and then `path`, which starts with a slash and has only what paths may have.
    pub(crate) fn join(&self, path: &str) -> Uri {
        format!("{}{path}", self.text).parse().expect("both parts are checked where they are read")
    }

    /// Host and port.
    pub(crate) fn server(&self) -> (String, u16) {
        (self.host.clone(), self.port)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_split_into_what_telemetry_says_of_it() {
        for (text, host, port, joined) in [
            ("http://127.0.0.1:11434/v1", "127.0.0.1", 11434, "http://127.0.0.1:11434/v1/models"),
            ("http://127.0.0.1:11434/v1/", "127.0.0.1", 11434, "http://127.0.0.1:11434/v1/models"),
            ("https://api.openai.com/v1", "api.openai.com", 443, "https://api.openai.com/v1/models"),
            ("http://vllm", "vllm", 80, "http://vllm/models"),
        ] {
            let url = BaseUrl::parse(text).unwrap();
            assert_eq!(url.server(), (host.to_owned(), port), "{text}");
            assert_eq!(url.join("/models").to_string(), joined);
        }
    }

    #[test]
    fn what_can_not_be_called_is_no_base_url() {
        for text in ["", "localhost:11434", "ftp://x/v1", "http://", "http://x/v1?key=1", "http://x/#a", "http://a b/"]
        {
            assert_eq!(BaseUrl::parse(text), Err(NotABaseUrl::Form), "{text}");
        }
        let wrong = BaseUrl::parse("https://user:hunter2@models.example/v1").unwrap_err();
        assert_eq!(wrong, NotABaseUrl::UserInfo);
        assert!(!wrong.to_string().contains("hunter2"));
    }
}
