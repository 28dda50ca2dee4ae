//! The pages in a real browser: headless Chromium, driven over the WebDriver protocol.

use std::process::{Child, Command, Stdio};

use console::api::{PlayPhase, StagePlay};
use serde_json::{Value, json};

use crate::started::{Started, free_port, until};

/// Chromium under chromedriver; both end with the test.
struct Browser {
    driver: Child,
    client: reqwest::Client,
    session: String,
    // Its profile; gone when the browser is.
    _profile: tempfile::TempDir,
}

impl Browser {
    async fn start() -> Self {
        let port = free_port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed: `make setup` does it");
        let client = reqwest::Client::new();
        let base = format!("http://127.0.0.1:{port}");
        until("chromedriver answers", async || client.get(format!("{base}/status")).send().await.ok()).await;
        let profile = tempfile::tempdir().expect("a temporary folder");
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1600,1000",
            &format!("--user-data-dir={}", profile.path().display()),
        ];
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let answer = client.post(format!("{base}/session")).json(&wanted).send().await.expect("chromedriver answers");
        let answer: Value = answer.json().await.expect("JSON");
        let id = answer["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {answer}"));
        Self { driver, client, session: format!("{base}/session/{id}"), _profile: profile }
    }

    async fn command(&self, path: &str, body: Value) -> Value {
        let answer = self.client.post(format!("{}/{path}", self.session)).json(&body).send().await;
        let answer: Value = answer.expect("chromedriver answers").json().await.expect("JSON");
        answer["value"].clone()
    }

    async fn open(&self, url: &str) {
        self.command("url", json!({ "url": url })).await;
    }

    async fn text(&self, selector: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.innerText ?? ''";
        let value = self.command("execute/sync", json!({"script": script, "args": [selector]})).await;
        value.as_str().unwrap_or_default().to_owned()
    }

    async fn shows(&self, selector: &str, words: &str) {
        let what = format!("{selector} shows {words:?}");
        until(&what, async || self.text(selector).await.to_lowercase().contains(&words.to_lowercase()).then_some(()))
            .await;
    }

    async fn errors(&self) -> Vec<Value> {
        let log = self.command("se/log", json!({"type": "browser"})).await;
        let lines = log.as_array().cloned().unwrap_or_default();
        lines.into_iter().filter(|line| line["level"] == "SEVERE").collect()
    }

    /// Ends the browser in order; the driver alone would leave it behind.
    async fn close(mut self) {
        let _ = self.client.delete(&self.session).send().await;
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn play(title: &str) -> StagePlay {
    StagePlay {
        title: title.into(),
        run_id: "run-1".into(),
        scenario: "black-friday".into(),
        minutes: 33.0,
        speed: 10.0,
        minute: 10.0,
        status: "running".into(),
        phases: vec![PlayPhase { name: "peak".into(), from: 0.0, to: 33.0 }],
        ..StagePlay::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stage_page_is_patched_live_and_no_page_has_errors() {
    let console = Started::new().await;
    let tell = async |title: &str| {
        let sent = console.client.post(format!("{}/api/stage", console.pages)).json(&play(title)).send().await;
        assert!(sent.expect("it answers").status().is_success());
    };
    tell("The first act").await;
    let browser = Browser::start().await;
    browser.open(&console.pages).await;
    browser.shows("body", "The first act").await;
    // The page is not loaded again: the second act arrives over the open stream.
    browser.command("execute/sync", json!({"script": "window.isTheSamePage = true", "args": []})).await;
    tell("The second act").await;
    browser.shows("body", "The second act").await;
    let same = browser.command("execute/sync", json!({"script": "return window.isTheSamePage", "args": []})).await;
    assert_eq!(same, json!(true));
    assert_eq!(browser.errors().await, Vec::<Value>::new());
    for (path, words) in [("/services", "Services"), ("/traces", "Traces")] {
        browser.open(&format!("{}{path}", console.pages)).await;
        browser.shows("body", words).await;
        assert_eq!(browser.errors().await, Vec::<Value>::new(), "{path}");
    }
    browser.close().await;
}
