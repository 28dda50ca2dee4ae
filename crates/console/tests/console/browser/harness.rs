//! The harness itself: what a test presses, types and waits for is what the page gets.

use serde_json::json;

use crate::browser::{Browser, Key};
use crate::started::Started;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_gets_the_keys_texts_and_sizes_that_a_test_means() {
    let console = Started::new().await;
    let browser = Browser::start().await;
    browser.size(900, 700).await;
    browser.open(&format!("{}/traces", console.pages)).await;
    let listen = "window.pressed = [];\
                  addEventListener('keydown', (event) => pressed.push((event.ctrlKey ? 'Control+' : '') + event.key));";
    browser.run(listen, json!([])).await;
    let keys = [
        (Key::Up, "ArrowUp"),
        (Key::Down, "ArrowDown"),
        (Key::Left, "ArrowLeft"),
        (Key::Right, "ArrowRight"),
        (Key::Home, "Home"),
        (Key::End, "End"),
        (Key::Escape, "Escape"),
        (Key::Tab, "Tab"),
    ];
    for (key, name) in keys {
        browser.key(key).await;
        assert_eq!(browser.run("return pressed.pop()", json!([])).await, name);
    }
    browser.chord(Key::Control, Key::Down).await;
    assert_eq!(browser.run("return pressed.pop()", json!([])).await, "Control+ArrowDown");
    browser.fill("input[name=service]", "checkout").await;
    browser.fill("input[name=service]", "frontend").await;
    let typed = browser.run("return document.querySelector('input[name=service]').value", json!([])).await;
    assert_eq!(typed, "frontend");
    assert_eq!(browser.count("input[name=service]").await, 1);
    let answer = browser.run_async("return (await fetch(args[0])).status", json!(["/api/health"])).await;
    assert_eq!(answer, 200);
    assert!(browser.run("return innerWidth", json!([])).await.as_u64().is_some_and(|width| width <= 900));
}
