//! The Stage is patched in place.

use console::api::{PlayPhase, StagePlay};
use serde_json::{Value, json};

use crate::browser::{Browser, Key};
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

#[tokio::test(flavor = "multi_thread")]
async fn a_room_sees_numbers_alone_and_escape_leads_back() {
    let console = Started::new().await;
    let sent = console.client.post(format!("{}/api/stage", console.pages)).json(&play("A play")).send().await;
    assert!(sent.expect("it answers").status().is_success());
    let browser = Browser::start().await;
    let is_bare = "return getComputedStyle(document.querySelector('.bar')).display === 'none'";
    let has_bar = "return getComputedStyle(document.querySelector('.bar')).display !== 'none'";
    browser.size(1280, 720).await;
    browser.open(&format!("{}/?present&theme=light", console.pages)).await;
    browser.holds("the bar is gone", is_bare).await;
    let fits = "return document.documentElement.scrollHeight <= innerHeight \
                && [...document.querySelectorAll('.card')].every((card) => card.scrollHeight <= card.clientHeight + 1)";
    browser.holds("all of it is in sight", fits).await;
    browser.key(Key::Escape).await;
    browser.holds("the bar is back", has_bar).await;
    browser.holds("the theme stayed", "return location.search === '?theme=light'").await;
    browser.keys("p").await;
    browser.holds("the bar is gone again", is_bare).await;
    browser.keys("p").await;
    browser.holds("the bar is back again", has_bar).await;
}
