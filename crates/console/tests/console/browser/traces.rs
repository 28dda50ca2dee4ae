//! Finding traces with fields and keys.

use serde_json::{Value, json};

use crate::browser::{Browser, Key, Theme};
use crate::checkout::{hex, send_checkout};
use crate::started::Started;

/// Twelve checkouts: every third one scans, every sixth one fails.
async fn send_checkouts(console: &Started) {
    for trace in 1..=12u128 {
        send_checkout(console, trace, if trace % 3 == 0 { 2000 } else { 20 }, trace % 6 == 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_are_found_by_attribute_and_drawn_over_time() {
    let console = Started::new().await;
    send_checkouts(&console).await;
    let browser = Browser::start().await;
    browser.open(&format!("{}/traces", console.pages)).await;
    browser.shows("#found", "12 found, 2 with errors").await;
    browser.holds("the picture is drawn", "return document.querySelector('#scatter canvas') !== null").await;
    for theme in Theme::ALL {
        browser.theme(theme).await;
        browser.screenshot(&format!("traces-{}", theme.word())).await;
    }
    browser.keys("/").await;
    browser.keys("db.rows_scanned>=500000 db.index_used=NONE").await;
    browser.key(Key::Enter).await;
    browser.shows("#found", "4 found, 2 with errors").await;
    browser.fill("[name=attributes]", "user.id~user-12").await;
    browser.key(Key::Enter).await;
    browser.shows("#found", "1 found").await;
    browser.fill("[name=attributes]", "user.id>").await;
    browser.key(Key::Enter).await;
    browser.shows(".mistake", "nothing stands after `>`").await;
    assert_eq!(browser.count("[name=attributes][aria-invalid=true]").await, 1);
    assert_eq!(browser.errors().await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_traces_are_selected_and_compared_without_a_mouse() {
    let console = Started::new().await;
    send_checkouts(&console).await;
    let browser = Browser::start().await;
    browser.open(&format!("{}/traces", console.pages)).await;
    browser.shows("#found", "12 found").await;
    browser.keys("jx").await;
    browser.shows("#tray", "select another one").await;
    browser.keys("j").await;
    browser.key(Key::Down).await;
    browser.keys("x").await;
    browser.holds("two are selected", "return !document.getElementById('compare').disabled").await;
    assert_eq!(browser.count("#found tr.selected").await, 2);
    browser.keys("c").await;
    browser.is_at(&format!("/traces/compare?a={}&b={}", hex(12), hex(10))).await;
    browser.shows("h1", "Two traces").await;
    // Back in the list the two are still there, and Enter opens what has the focus.
    browser.keys("t").await;
    browser.shows("#tray", "B: frontend POST /api/checkout").await;
    browser.keys("j").await;
    browser.key(Key::Enter).await;
    browser.is_at(&format!("/traces/{}", hex(12))).await;
    assert_eq!(browser.errors().await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_were_seen_are_suggested_and_a_click_in_the_picture_leads_to_the_trace() {
    let console = Started::new().await;
    send_checkout(&console, 7, 20, false).await;
    let browser = Browser::start().await;
    browser.open(&format!("{}/traces", console.pages)).await;
    browser.holds("services are suggested", "return document.querySelectorAll('#services option').length === 3").await;
    let has = |list: &str, value: &str| {
        format!("return document.querySelector('#{list} option[value=\"{value}\"]') !== null")
    };
    browser.holds("operations too", &has("operations", "POST /api/checkout")).await;
    browser.holds("keys too", &has("attribute-tests", "db.index_used")).await;
    browser.holds("the picture is drawn", "return document.querySelector('#scatter .u-over') !== null").await;
    // One trace stands in the middle of the picture's time.
    let place = "const box = document.querySelector('#scatter .u-over').getBoundingClientRect();\
                 return [box.left + box.width / 2, box.top, box.bottom]";
    let place = browser.run(place, json!([])).await;
    let number = |at: usize| place[at].as_f64().expect("a number") as i64;
    for y in (number(1) + 8..number(2)).step_by(16) {
        if browser.url().await.ends_with("/traces") {
            browser.click_at(number(0), y).await;
        }
    }
    browser.is_at(&format!("/traces/{}", hex(7))).await;
    assert_eq!(browser.errors().await, Vec::<Value>::new());
}
