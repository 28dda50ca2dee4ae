//! Chromedriver as a child of the test, and the browser that it started.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::started::{free_port, within};

/// Two cores, a test beside it and a cold start: a browser may take this long.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A driver with one session; both end with it, however the test ends.
pub(super) struct Session {
    driver: Child,
    port: u16,
    id: String,
    // The browser's profile; gone when the browser is.
    _profile: tempfile::TempDir,
}

impl Session {
    pub(super) async fn start(client: &reqwest::Client) -> Self {
        let port = free_port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed: `make setup` does it");
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
        // From here on whatever fails ends the driver.
        let mut session = Self { driver, port, id: String::new(), _profile: profile };
        let base = format!("http://127.0.0.1:{port}");
        within(PATIENCE, "chromedriver answers", async || client.get(format!("{base}/status")).send().await.ok()).await;
        let answer = client.post(format!("{base}/session")).json(&wanted).send().await.expect("chromedriver answers");
        let answer: Value = answer.json().await.expect("JSON");
        session.id = answer["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {answer}")).to_owned();
        session
    }

    /// Where the session's commands go.
    pub(super) fn url(&self, command: &str) -> String {
        format!("http://127.0.0.1:{}/session/{}/{command}", self.port, self.id)
    }

    /// Asks the driver to end the browser; the driver alone would leave it behind. Written by hand, because nothing can
    /// be awaited while a test fails.
    fn end_browser(&self) -> std::io::Result<()> {
        let mut driver = TcpStream::connect(("127.0.0.1", self.port))?;
        driver.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(driver, "DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", self.id)?;
        driver.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if !self.id.is_empty() {
            let _ = self.end_browser();
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
