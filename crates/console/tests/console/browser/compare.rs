//! Two traces side by side.

use serde_json::Value;

use crate::browser::{Browser, Theme};
use crate::checkout::{hex, send_checkout};
use crate::started::Started;

#[tokio::test(flavor = "multi_thread")]
async fn the_sequential_scan_is_seen_beside_the_index() {
    let console = Started::new().await;
    send_checkout(&console, 0xa, 20, false).await;
    send_checkout(&console, 0xb, 2720, true).await;
    let browser = Browser::start().await;
    browser.size(1600, 1400).await;
    browser.open(&format!("{}/traces/compare?a={}&b={}", console.pages, hex(0xa), hex(0xb))).await;
    for words in [
        "B took 2.70 s longer than A: 2.74 s instead of 40 ms.",
        "2.70 s of it is in product-catalog SELECT recommendable_products: db.index_used idx_products_recommendation → NONE, \
         db.rows_scanned 10 → 500\u{2009}000, db.full_table_scan not there → true.",
        "B failed in 4 spans, first in product-catalog SELECT recommendable_products (“broken”); A has no error.",
        "Only A has payment-service POST /api/payment/process.",
    ] {
        browser.shows(".summary", words).await;
    }
    browser.shows(".compared", "db.index_used idx_products_recommendation → NONE").await;
    browser.shows(".compared", "only in A").await;
    // Both sides have one scale: the short bar is as short as it is.
    let widths = "const [a, b] = ['a', 'b'].map((side) => document.querySelector(`.span-bar.side-${side}`).getBoundingClientRect().width);\
                  return b / a";
    let ratio = browser.run(widths, serde_json::json!([])).await.as_f64().unwrap_or_default();
    assert!((50.0..90.0).contains(&ratio), "2740 ms beside 40 ms: {ratio}");
    for theme in Theme::ALL {
        browser.theme(theme).await;
        browser.screenshot(&format!("compare-{}", theme.word())).await;
    }
    browser.keys("w").await;
    browser.shows(".summary", "B took 2.70 s less than A").await;
    assert_eq!(browser.errors().await, Vec::<Value>::new());
}
