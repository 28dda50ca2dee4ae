//! What holds for every page: it loads without mistakes in both themes, and single keys lead from one to the other.

use serde_json::Value;

use crate::browser::{Browser, Key, Theme};
use crate::started::Started;

/// Path, the key that leads there, a word on it.
const PAGES: [(&str, &str, &str); 8] = [
    ("/services", "v", "Services"),
    ("/traces", "t", "Traces"),
    ("/monitors", "m", "What is watched for"),
    ("/incidents", "i", "All is quiet"),
    ("/slos", "o", "NOT BUILT YET"),
    ("/llm", "a", "No model was asked"),
    ("/runs", "r", "No run yet"),
    ("/", "s", "Stage"),
];

#[tokio::test(flavor = "multi_thread")]
async fn pages_load_in_both_themes_without_mistakes() {
    let console = Started::new().await;
    let browser = Browser::start().await;
    for theme in Theme::ALL {
        browser.open(&console.pages).await;
        browser.theme(theme).await;
        for (path, _, word) in PAGES {
            browser.open(&format!("{}{path}", console.pages)).await;
            browser.shows("body", word).await;
            assert_eq!(browser.errors().await, Vec::<Value>::new(), "{path}");
            let name = path.trim_matches('/').replace('/', "-");
            browser.screenshot(&format!("empty-{name}-{}", theme.word())).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn single_keys_lead_from_page_to_page_unless_somebody_types() {
    let console = Started::new().await;
    let browser = Browser::start().await;
    browser.open(&console.pages).await;
    for (path, key, _) in PAGES {
        browser.keys(key).await;
        browser.is_at(path).await;
    }
    browser.keys("t").await;
    browser.is_at("/traces").await;
    browser.click("input[name=service]").await;
    browser.keys("svl").await;
    browser.key(Key::Enter).await;
    browser.holds("the form was sent", "return location.search.includes('service=svl')").await;
}
