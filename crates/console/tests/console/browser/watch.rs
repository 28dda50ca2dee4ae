//! The pages of models and incidents: curves are drawn, keep themselves fresh, and read well in both themes.

use console::ConsoleOptions;
use serde_json::{Value, json};

use super::accessibility::wrong;
use crate::browser::{Browser, Theme};
use crate::inbox::{MONITORS, Mail, go_wrong, learn, mail, ten_minutes};
use crate::started::Started;

#[tokio::test(flavor = "multi_thread")]
async fn models_and_incidents_read_well_in_both_themes_and_on_a_narrow_screen() {
    let console = Started::with(ConsoleOptions { monitors: MONITORS.into(), ..ConsoleOptions::default() }).await;
    ten_minutes(&console).await;
    learn(&console).await;
    go_wrong(&console).await;
    let browser = Browser::start().await;
    let mut all = Vec::new();
    for theme in Theme::ALL {
        browser.open(&console.pages).await;
        browser.theme(theme).await;
        for (name, path, word) in [
            ("llm", "/llm?window=15m", "Tokens a request"),
            ("incidents", "/incidents", "LLM error burst"),
            ("incident", "/incidents/1", "Traces that show it"),
            ("monitors-baseline", "/monitors", "Cost anomaly"),
        ] {
            for (size, (width, height)) in [("", (1600, 1900)), ("-narrow", (420, 1400))] {
                browser.size(width, height).await;
                browser.open(&format!("{}{path}", console.pages)).await;
                browser.shows("main", word).await;
                browser.screenshot(&format!("{name}{size}-{}", theme.word())).await;
                all.extend(wrong(&browser).await.into_iter().map(|what| format!("{path}, {}: {what}", theme.word())));
                let overflow = "return document.documentElement.scrollWidth - innerWidth";
                let over = browser.run(overflow, json!([])).await;
                assert!(over.as_i64().is_some_and(|pixels| pixels <= 0), "{path} at {width}: {over} pixels too wide");
            }
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    assert_eq!(browser.errors().await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn curves_appear_without_a_reload_once_calls_come() {
    let console = Started::new().await;
    let browser = Browser::start().await;
    browser.open(&format!("{}/llm", console.pages)).await;
    browser.shows("#llm", "No model was asked").await;
    console.send("inbox", (0..30).flat_map(|n| mail(n, Mail::Usual, n * 100)).collect()).await;
    browser.shows("#llm", "Requests a minute").await;
    assert_eq!(browser.count("#llm .chart").await, 4);
    let drawn = "return document.querySelectorAll('#llm .chart path.line[d^=M]').length";
    browser.holds("the curves have points", &format!("{drawn} >= 4")).await;
    browser.click("nav.segments a[href*='window=1m']").await;
    browser.shows("#llm", "Requests a minute").await;
    assert!(browser.url().await.contains("window=1m"));
}
