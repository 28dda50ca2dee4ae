//! Every page, empty and with telemetry, in both themes, before axe-core (Deque Systems, MPL-2.0, beside this file).

use serde_json::{Value, json};

use crate::browser::{Browser, Theme};
use crate::checkout::send_checkout;
use crate::started::Started;

const AXE: &str = include_str!("axe.min.js");

/// What is wrong with the page that is open: rule, impact, and the elements.
pub(super) async fn wrong(browser: &Browser) -> Vec<String> {
    browser.run(&format!("{AXE}; window.axe = axe"), json!([])).await;
    let found = browser
        .run_async("return (await axe.run(document, { resultTypes: ['violations'] })).violations", json!([]))
        .await;
    let violation = |one: &Value| {
        let nodes = one["nodes"].as_array().cloned().unwrap_or_default();
        let places: Vec<String> =
            nodes.iter().take(4).map(|node| format!("{} {}", node["target"], node["any"][0]["message"])).collect();
        format!("{} ({}): {}", one["id"], one["impact"], places.join("; "))
    };
    found.as_array().unwrap_or(&Vec::new()).iter().map(violation).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_wrong_with_any_page() {
    let console = Started::new().await;
    let browser = Browser::start().await;
    let mut all = Vec::new();
    for has_telemetry in [false, true] {
        if has_telemetry {
            send_checkout(&console, 1, 20, false).await;
            send_checkout(&console, 2, 2000, true).await;
        }
        let trace = format!("/traces/{:032x}", 1);
        let compare = format!("/traces/compare?a={:032x}&b={:032x}", 1, 2);
        let pages = [
            "/",
            "/?present",
            "/services",
            "/traces",
            &trace,
            &compare,
            "/databases",
            "/logs",
            "/monitors",
            "/incidents",
            "/slos",
            "/llm",
            "/sql",
            "/runs",
            "/api",
            "/nowhere",
        ];
        for theme in Theme::ALL {
            browser.open(&console.pages).await;
            browser.theme(theme).await;
            for path in pages {
                browser.open(&format!("{}{path}", console.pages)).await;
                let here = format!("{path}, {}, telemetry: {has_telemetry}", theme.word());
                all.extend(wrong(&browser).await.into_iter().map(|what| format!("{here}: {what}")));
            }
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}
