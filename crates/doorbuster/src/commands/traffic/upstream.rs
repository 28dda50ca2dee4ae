//! A wait inside the service, where it waits for its model: a fault of the service's own, put in over its admin API.
//!
//! It is taken out at the end, however that comes; should this process be killed, it ends by itself.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::{Client, Method, StatusCode, Url};
use serde_json::{Value, json};

use super::plan::{PATH, SLOW_SECONDS};
use crate::arguments::TrafficMode;
use crate::output::traffic::Waited;

/// How long a service is waited for that is asked for something.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// How long after the last arrival the service ends the fault by itself: answers may be outstanding for half a minute.
const GRACE: Duration = Duration::from_secs(60);
/// Where the token for services on other machines is.
const TOKEN: &str = "DOORBUSTER_ADMIN_TOKEN";

/// A wait that is in.
#[derive(Debug)]
pub(super) struct Upstream {
    client: Client,
    admin: Url,
    id: String,
    share: f64,
}

impl Upstream {
    /// Makes a share of the requests of latency_injection wait inside the service at `url`, for the next `duration`.
    ///
    /// # Errors
    /// Why the service takes no such order, in words.
    pub(super) async fn put_in(url: &str, share: f64, duration: Duration) -> Result<Self, String> {
        let mut admin = Url::parse(url).map_err(|error| error.to_string())?;
        admin
            .path_segments_mut()
            .map_err(|()| "its address has no path".to_owned())?
            .pop_if_empty()
            .extend(["admin", "faults"]);
        let client = Client::builder().timeout(ANSWER_WITHIN).no_proxy().redirect(reqwest::redirect::Policy::none());
        let client = client.build().map_err(|error| error.to_string())?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // Several may run at once, on several machines.
        let id = format!("traffic-{:x}-{}", now.as_micros(), std::process::id());
        let upstream = Self { client, admin, id, share };
        let (least, most) = SLOW_SECONDS;
        let order = json!({
            "kind": "latency",
            "at": "upstream",
            "delay_ms": [least * 1000, most * 1000],
            "share": share,
            "traffic_type": TrafficMode::LatencyInjection.name(),
            "path": PATH,
            "until_unix": (now + duration + GRACE).as_secs_f64(),
        });
        match upstream.call(Method::PUT, Some(&order)).await {
            Ok((status, _)) if status.is_success() => Ok(upstream),
            Ok((status, answer)) => Err(refusal(status, &answer)),
            Err(error) => {
                // It may have come through all the same.
                let _ = upstream.call(Method::DELETE, None).await;
                Err(error)
            }
        }
    }

    /// Takes it out, and says how many requests it held up.
    pub(super) async fn take_out(self, notes: &mut Vec<String>) -> Waited {
        let requests = match self.hits().await {
            Some(hits) => hits,
            None => {
                notes.push(format!(
                    "the service no longer had the wait {}: it may have been started anew meanwhile",
                    self.id
                ));
                None
            }
        };
        let problem = match self.call(Method::DELETE, None).await {
            Ok((status, _)) if status.is_success() || status == StatusCode::NOT_FOUND => None,
            Ok((status, answer)) => Some(refusal(status, &answer)),
            Err(error) => Some(error),
        };
        if let Some(problem) = problem {
            notes.push(format!(
                "the wait {} could not be taken out of the service ({problem}); it ends by itself a minute after the last \
                 arrival was due, or: curl -X DELETE {}/{}",
                self.id, self.admin, self.id
            ));
        }
        Waited { share: self.share, requests }
    }

    /// How many it held up, as far as the service says so; `None` if the service does not have it.
    async fn hits(&self) -> Option<Option<u64>> {
        let answer = self.ask(Method::GET, self.admin.clone(), None).await.unwrap_or_default().1;
        let Some(faults) = answer["faults"].as_array() else {
            return Some(None);
        };
        faults.iter().find(|fault| fault["id"] == self.id.as_str()).map(|mine| mine["hits"].as_u64())
    }

    async fn call(&self, method: Method, body: Option<&Value>) -> Result<(StatusCode, Value), String> {
        let mut url = self.admin.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push(&self.id);
        }
        self.ask(method, url, body).await
    }

    async fn ask(&self, method: Method, url: Url, body: Option<&Value>) -> Result<(StatusCode, Value), String> {
        let mut request = self.client.request(method, url);
        if let Ok(token) = std::env::var(TOKEN) {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let said = |error: reqwest::Error| error.without_url().to_string();
        let answer = request.send().await.map_err(said)?;
        let status = answer.status();
        let text = answer.bytes().await.map_err(said)?;
        Ok((status, serde_json::from_slice(&text).unwrap_or_default()))
    }
}

fn refusal(status: StatusCode, answer: &Value) -> String {
    let code = status.as_u16();
    match (code, answer["error"]["message"].as_str()) {
        (401 | 403, _) => format!("it takes orders from those who know its token only ({code}): set {TOKEN}"),
        (404 | 405, _) => format!("it has no faults to be put in ({code})"),
        (_, Some(message)) => format!("it answered {code}: {message}"),
        (_, None) => format!("it answered {code}"),
    }
}
