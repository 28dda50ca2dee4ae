//! A running inbox.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use chassis::ServeOptions;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// It stops when this is dropped.
pub(crate) struct Inbox {
    pub(crate) url: String,
    pub(crate) client: Client,
    shutdown: CancellationToken,
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// Unix seconds, `seconds` from now.
pub(crate) fn unix_in(seconds: f64) -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() + seconds
}

/// An ordinary mail.
pub(crate) fn mail() -> Value {
    json!({
        "subject": "Interview for the data analyst position",
        "snippet": "Hello, thank you for applying. We would like to invite you to a first interview next Tuesday at 10:00. \
                    Does that suit you?",
        "sender": "jobs@harbor.example",
    })
}

impl Inbox {
    /// With the model that it brings along.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    pub(crate) async fn with(vars: &[(&str, &str)]) -> Self {
        let vars: HashMap<String, String> = vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let shutdown = CancellationToken::new();
        let options = ServeOptions { port: Some(0), ..ServeOptions::default() };
        let running = inbox::start(options, &|name| vars.get(name).cloned(), shutdown.clone()).await.unwrap();
        Self { url: format!("http://{}", running.address()), client: Client::new(), shutdown }
    }

    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Response {
        let mut request = self.client.request(method, format!("{}{path}", self.url)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    /// POSTs JSON.
    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> (u16, Value) {
        let headers: Vec<_> = headers.iter().copied().chain([("content-type", "application/json")]).collect();
        let answer = self.send(Method::POST, path, &headers, body.to_string().into_bytes()).await;
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    pub(crate) async fn classify(&self, body: &Value) -> (u16, Value) {
        self.post("/hackathon/classify", &[], body).await
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.send(Method::GET, path, &[], Vec::new()).await;
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    pub(crate) async fn text(&self, path: &str) -> String {
        self.send(Method::GET, path, &[], Vec::new()).await.text().await.unwrap()
    }
}
