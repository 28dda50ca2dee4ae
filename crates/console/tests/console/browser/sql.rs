//! Questions in SQL, asked on the page.

use serde_json::{Value, json};

use crate::browser::{Browser, Key, Theme};
use crate::checkout::send_checkout;
use crate::started::Started;

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_run_by_keys_shared_by_its_address_and_mended_where_it_is_wrong() {
    let console = Started::new().await;
    for trace in 1..=6 {
        send_checkout(&console, trace, if trace % 2 == 0 { 2000 } else { 20 }, false).await;
    }
    let browser = Browser::start().await;
    browser.open(&format!("{}/sql", console.pages)).await;
    browser.shows("#answer", "No question yet").await;
    browser.shows(".schema", "duration_ms").await;
    browser.keys("SELECT name, count(*) AS calls FROM spans GROUP BY name ORDER BY calls DESC, name").await;
    browser.chord(Key::Control, Key::Enter).await;
    browser.shows("#answer h2", "5 rows").await;
    browser.shows("#answer table", "SELECT recommendable_products").await;
    assert_eq!(browser.count("#answer .bars .meter").await, 5, "labels and numbers make bars");
    assert!(browser.url().await.contains("/sql?q=SELECT%20name"), "{}", browser.url().await);
    // Whoever opens the address sees the same answer.
    let address = browser.url().await;
    browser.open(&format!("{}/services", console.pages)).await;
    browser.open(&address).await;
    browser.shows("#answer h2", "5 rows").await;
    assert!(browser.count("#downloads a[href*='format=parquet']").await == 1);
    for theme in Theme::ALL {
        browser.theme(theme).await;
        browser.screenshot(&format!("sql-{}", theme.word())).await;
    }
    browser.fill("#question", "SELECT nmae FROM spans").await;
    browser.click("#run").await;
    browser.shows("#answer .mistake", "name").await;
    assert_eq!(browser.count("#question[aria-invalid=true]").await, 1);
    browser.screenshot("sql-mistake").await;
    // The browser itself notes that a question was refused; nothing else went wrong.
    let errors: Vec<Value> = browser.errors().await;
    assert!(
        errors.iter().all(|error| error["message"].as_str().is_some_and(|text| text.contains("400"))),
        "{errors:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_can_be_asked_of_any_console() {
    let console = Started::new().await;
    let browser = Browser::start().await;
    let ask_all = "const answers = [];\
        for (const button of document.querySelectorAll('.example')) {\
          const body = JSON.stringify({ question: button.dataset.question });\
          const answer = await fetch('/api/sql', { method: 'POST', headers: { 'content-type': 'application/json' }, body });\
          answers.push([button.textContent, answer.status, answer.ok ? (await answer.json()).rows.length : await answer.text()]);\
        }\
        return answers;";
    browser.open(&format!("{}/sql", console.pages)).await;
    let empty = browser.run_async(ask_all, json!([])).await;
    send_checkout(&console, 1, 20, false).await;
    send_checkout(&console, 2, 2000, true).await;
    let filled = browser.run_async(ask_all, json!([])).await;
    for (answers, least) in [(&empty, 0), (&filled, 4)] {
        let answers = answers.as_array().expect("a list");
        assert_eq!(answers.len(), 8);
        assert!(answers.iter().all(|answer| answer[1] == 200), "{answers:?}");
        let with_rows = answers.iter().filter(|answer| answer[2].as_u64() > Some(0)).count();
        assert!(with_rows >= least, "{answers:?}");
    }
    browser.click(".example").await;
    browser.shows("#answer table", "POST /api/checkout").await;
}
