//! A browser as tests see it: pages are opened, looked at, and photographed.

use std::path::PathBuf;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};

use super::process::{PATIENCE, Session};
use crate::started::within;

/// Headless Chromium with one window of 1600 by 1000; it ends with the test.
pub(crate) struct Browser {
    client: reqwest::Client,
    session: Session,
}

/// Dark or light.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    Dark,
    Light,
}

impl Theme {
    pub(crate) const ALL: [Self; 2] = [Self::Dark, Self::Light];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }
}

impl Browser {
    pub(crate) async fn start() -> Self {
        let client = reqwest::Client::new();
        let session = Session::start(&client).await;
        Self { client, session }
    }

    /// A command of the protocol; what it answers, or a panic with the driver's words.
    pub(super) async fn command(&self, command: &str, body: Value) -> Value {
        let answer = self.client.post(self.session.url(command)).json(&body).send().await;
        self.value(command, answer).await
    }

    async fn asked(&self, command: &str) -> Value {
        self.value(command, self.client.get(self.session.url(command)).send().await).await
    }

    async fn value(&self, command: &str, answer: reqwest::Result<reqwest::Response>) -> Value {
        let mut answer: Value = answer.expect("chromedriver answers").json().await.expect("JSON");
        let value = answer["value"].take();
        assert!(value.get("error").is_none(), "{command}: {value}");
        value
    }

    /// Opens a page and waits until it is loaded.
    pub(crate) async fn open(&self, url: &str) {
        self.command("url", json!({ "url": url })).await;
    }

    /// Where the browser is.
    pub(crate) async fn url(&self) -> String {
        self.asked("url").await.as_str().unwrap_or_default().to_owned()
    }

    /// Runs a function's body with `arguments`; what it returns.
    pub(crate) async fn run(&self, script: &str, arguments: Value) -> Value {
        self.command("execute/sync", json!({"script": script, "args": arguments})).await
    }

    /// Runs the body of an async function with `arguments`; what its promise brings.
    pub(crate) async fn run_async(&self, script: &str, arguments: Value) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];\
             (async (...args) => {{ {script} }})(...[...arguments].slice(0, -1))\
             .then(done, (error) => done({{failed: String(error)}}));"
        );
        let value = self.command("execute/async", json!({"script": script, "args": arguments})).await;
        assert!(value.get("failed").is_none(), "{value}");
        value
    }

    /// What can be read at the first place that `selector` finds; nothing if it finds none.
    pub(crate) async fn text(&self, selector: &str) -> String {
        let value = self.run("return document.querySelector(arguments[0])?.innerText ?? ''", json!([selector])).await;
        value.as_str().unwrap_or_default().to_owned()
    }

    /// How many places `selector` finds.
    pub(crate) async fn count(&self, selector: &str) -> usize {
        let value = self.run("return document.querySelectorAll(arguments[0]).length", json!([selector])).await;
        value.as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
    }

    /// Waits until `words` can be read at `selector`, letter case aside.
    pub(crate) async fn shows(&self, selector: &str, words: &str) {
        let what = format!("{selector} shows {words:?}");
        let words = words.to_lowercase();
        self.until(&what, async || self.text(selector).await.to_lowercase().contains(&words)).await;
    }

    /// Waits until a script's `return` is true.
    pub(crate) async fn holds(&self, what: &str, script: &str) {
        self.until(what, async || self.run(script, json!([])).await == true).await;
    }

    /// Waits until the browser is at a place that ends in `path`.
    pub(crate) async fn is_at(&self, path: &str) {
        self.until(&format!("it is at {path}"), async || self.url().await.ends_with(path)).await;
    }

    async fn until(&self, what: &str, look: impl AsyncFn() -> bool) {
        within(PATIENCE, what, async || look().await.then_some(())).await;
    }

    /// Mistakes that the console of the browser has shown since it was last asked.
    pub(crate) async fn errors(&self) -> Vec<Value> {
        let log = self.command("se/log", json!({"type": "browser"})).await;
        let lines = log.as_array().cloned().unwrap_or_default();
        lines.into_iter().filter(|line| line["level"] == "SEVERE").collect()
    }

    /// The theme of this page and of those that are opened later.
    pub(crate) async fn theme(&self, theme: Theme) {
        let script = "localStorage.setItem('theme', arguments[0]);\
                      document.documentElement.dataset.theme = arguments[0];\
                      document.dispatchEvent(new Event('themechange'));";
        self.run(script, json!([theme.word()])).await;
    }

    /// The window's size.
    pub(crate) async fn size(&self, width: u32, height: u32) {
        self.command("window/rect", json!({"width": width, "height": height})).await;
    }

    /// Keeps what the window shows as `NAME.png`, in the folder `DOORBUSTER_SCREENSHOTS` or `target/screenshots`.
    pub(crate) async fn screenshot(&self, name: &str) {
        let picture = self.asked("screenshot").await;
        let picture = BASE64_STANDARD.decode(picture.as_str().unwrap_or_default()).expect("a picture is base64");
        let folder = std::env::var_os("DOORBUSTER_SCREENSHOTS")
            .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots"), PathBuf::from);
        std::fs::create_dir_all(&folder).expect("the folder for screenshots can be made");
        std::fs::write(folder.join(format!("{name}.png")), picture).expect("a screenshot can be written");
    }
}
