//! Asking one service.

use std::time::Duration;

use reqwest::{Client, Method, Response, StatusCode, Url};
use serde_json::Value;

use crate::{FaultError, Target};

/// A service that takes longer is no witness, and an act that waits longer is late for its scenario.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// Longest answer that is read. The longest there is lists 32 filters, in 8 KiB.
const LONGEST_ANSWER: usize = 1 << 20;

/// The admin of one service.
#[derive(Debug, Clone)]
pub(crate) struct Admin<'a> {
    service: &'a str,
    base: Url,
    token: Option<&'a str>,
    client: Client,
}

impl<'a> Admin<'a> {
    /// Of a service that the target knows.
    pub(crate) fn of(target: &'a Target, service: &'a str) -> Result<Self, FaultError> {
        let url = target.service_url(service).ok_or_else(|| FaultError::NoAddress {
            service: service.to_owned(),
            known: target.services().map(|(name, _)| name.to_owned()).collect(),
        })?;
        Self::at(target, service, url)
    }

    /// Of the service `service` at `url`.
    pub(crate) fn at(target: &'a Target, service: &'a str, url: &str) -> Result<Self, FaultError> {
        let base = Url::parse(url).ok().filter(|base| base.has_host() && base.scheme() == "http").ok_or_else(|| {
            FaultError::refused(format!("the address {url:?} of {service} is not of the form http://host:port"))
        })?;
        // Idle connections are not kept: they belong to the runtime that opened them, and looks are seconds apart.
        let client = Client::builder().timeout(ANSWER_WITHIN).no_proxy().pool_max_idle_per_host(0);
        let client = client.redirect(reqwest::redirect::Policy::none()).build();
        let client = client.map_err(|source| FaultError::Http { url: url.to_owned(), source })?;
        Ok(Self { service, base, token: target.token(), client })
    }

    pub(crate) fn service(&self) -> &'a str {
        self.service
    }

    /// The address of `path` below the service's own.
    pub(crate) fn url(&self, path: &[&str]) -> Url {
        extended(self.base.clone(), path)
    }

    pub(crate) async fn get(&self, path: &[&str]) -> Result<Value, FaultError> {
        self.call(Method::GET, self.url(path), None).await
    }

    /// The entries of the list at `/admin/{name}`, which the answer calls by the same name.
    pub(crate) async fn list(&self, name: &str) -> Result<Vec<Value>, FaultError> {
        let path = ["admin", name];
        match self.get(&path).await?.get_mut(name).map(Value::take) {
            Some(Value::Array(entries)) => Ok(entries),
            _ => Err(FaultError::Answer { url: self.url(&path).into(), reason: format!("it has no list {name}") }),
        }
    }

    pub(crate) async fn put(&self, path: &[&str], body: &Value) -> Result<Value, FaultError> {
        self.call(Method::PUT, self.url(path), Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &[&str]) -> Result<Value, FaultError> {
        self.call(Method::DELETE, self.url(path), None).await
    }

    async fn call(&self, method: Method, url: Url, body: Option<&Value>) -> Result<Value, FaultError> {
        let trouble = |source| FaultError::Http { url: url.to_string(), source };
        let mut request = self.client.request(method, url.clone());
        if let Some(token) = self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(trouble)?;
        let status = answer.status();
        let text = read(answer).await.map_err(trouble)?;
        let json = serde_json::from_slice(&text);
        if !status.is_success() {
            let message = refusal(status, json.unwrap_or_default());
            return Err(FaultError::Status { url: url.to_string(), status: status.as_u16(), message });
        }
        json.map_err(|error| FaultError::Answer { url: url.to_string(), reason: format!("it is no JSON: {error}") })
    }
}

/// The address of `path` below `base`, as somebody types it.
pub(super) fn below(base: &str, path: &[&str]) -> String {
    Url::parse(base).map_or_else(|_| base.to_owned(), |base| extended(base, path).into())
}

fn extended(mut base: Url, path: &[&str]) -> Url {
    if let Ok(mut segments) = base.path_segments_mut() {
        // What could end a shell's quotes is not escaped in a path by the standard.
        segments.pop_if_empty().extend(path.iter().map(|segment| segment.replace('\'', "")));
    }
    base
}

/// The answer's body, cut off where it is longer than any that is right.
async fn read(mut answer: Response) -> reqwest::Result<Vec<u8>> {
    let mut text = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        text.extend_from_slice(&chunk);
        if text.len() > LONGEST_ANSWER {
            break;
        }
    }
    Ok(text)
}

fn refusal(status: StatusCode, answer: Value) -> String {
    match status {
        StatusCode::UNAUTHORIZED => "set DOORBUSTER_ADMIN_TOKEN to the token of the service".to_owned(),
        StatusCode::FORBIDDEN => "the service takes no orders: start it with DOORBUSTER_ADMIN_TOKEN set".to_owned(),
        _ => match answer["error"]["message"].as_str() {
            Some(said) => said.to_owned(),
            None => status.canonical_reason().unwrap_or("without a word").to_lowercase(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_not_climb_out_of_their_place_in_the_path() {
        let target = Target::new("postgres://127.0.0.1/shop").service("cart", "http://127.0.0.1:8013/");
        let admin = Admin::of(&target, "cart").expect("known");
        assert_eq!(
            admin.url(&["admin", "faults", "a/../b?c"]).as_str(),
            "http://127.0.0.1:8013/admin/faults/a%2F..%2Fb%3Fc"
        );
    }

    #[test]
    fn a_service_without_an_address_is_named_beside_those_that_have_one() {
        let target =
            Target::new("postgres://127.0.0.1/shop").service("cart", "http://127.0.0.1:8013").service("x", "ftp://x");
        let unknown = Admin::of(&target, "shipping").expect_err("not known").to_string();
        assert_eq!(unknown, "no address is known for shipping; known are cart, x");
        assert!(matches!(Admin::of(&target, "x"), Err(FaultError::Refused { .. })));
    }
}
