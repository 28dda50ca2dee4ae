//! The Stage is patched in place.

use console::api::{PlayPhase, StagePlay};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::started::Started;

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
    browser.run("window.isTheSamePage = true", json!([])).await;
    tell("The second act").await;
    browser.shows("body", "The second act").await;
    let same = browser.run("return window.isTheSamePage", json!([])).await;
    assert_eq!(same, json!(true));
    assert_eq!(browser.errors().await, Vec::<Value>::new());
}
