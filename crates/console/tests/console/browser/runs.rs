//! Past runs in a browser: their curves are drawn, two are chosen and compared, a report stands alone, an opened run says that it is over.

use console::story::{self, EvidenceTraces};
use console::{ConsoleOptions, OpenRun};
use serde_json::Value;

use crate::browser::{Browser, Key, Theme};
use crate::runs::{console_of, keep, story as a_story};
use crate::started::Started;

/// Curves of a page with a run: errors, latency, arrivals.
const CHARTS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_opened_from_the_list_and_compared_with_another() {
    let runs = tempfile::tempdir().expect("a temporary folder");
    for one in [a_story("first", 1), a_story("second", 7)] {
        keep(runs.path(), &one);
    }
    let console = console_of(runs.path()).await;
    let browser = Browser::start().await;
    browser.open(&console.pages).await;
    browser.keys("r").await;
    browser.is_at("/runs").await;
    browser.shows("#runs", "80.0 %").await;
    for theme in Theme::ALL {
        browser.theme(theme).await;
        browser.screenshot(&format!("runs-{}", theme.word())).await;
    }

    browser.click("#runs a[href='/runs/second']").await;
    browser.is_at("/runs/second").await;
    browser.holds("all curves are drawn", "return document.querySelectorAll('.plot canvas').length === 3").await;
    browser.holds("a key for each line", "return document.querySelectorAll('.key li b').length >= 6").await;
    for theme in Theme::ALL {
        browser.theme(theme).await;
        browser.screenshot(&format!("run-{}", theme.word())).await;
        assert_eq!(browser.count(".plot canvas").await, CHARTS, "drawn anew, not twice");
    }
    browser.click(".beside button").await;
    browser.shows("main", "What was asked differently").await;
    browser.holds("all curves are drawn", "return document.querySelectorAll('.plot canvas').length === 3").await;

    // By radio buttons and keys alone.
    browser.keys("r").await;
    browser.is_at("/runs").await;
    browser.click("input[name=a][value=first]").await;
    browser.click("input[name=b][value=second]").await;
    browser.key(Key::Enter).await;
    browser.shows("main", "+0.75").await;
    let address = browser.url().await;
    assert!(
        address.contains("/runs/compare?") && address.contains("a=first") && address.contains("b=second"),
        "{address}"
    );
    browser.screenshot("runs-compare").await;
    assert_eq!(browser.errors().await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_chosen_on_the_list_stays_chosen_while_the_list_keeps_itself_fresh() {
    let runs = tempfile::tempdir().expect("a temporary folder");
    keep(runs.path(), &a_story("first", 1));
    let console = console_of(runs.path()).await;
    keep(runs.path(), &a_story("second", 7));
    let browser = Browser::start().await;
    browser.open(&format!("{}/runs", console.pages)).await;
    browser.click("input[name=a][value=first]").await;
    keep(runs.path(), &a_story("third", 9));
    browser.shows("#runs", "third").await;
    browser.holds("A is still chosen", "return document.querySelector('input[name=a][value=first]').checked").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_draws_its_curves_from_the_file_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("report.html");
    std::fs::write(&path, console::report::render(&a_story("one", 1), &EvidenceTraces::default())).expect("written");
    let browser = Browser::start().await;
    browser.open(&format!("file://{}", path.display())).await;
    browser.holds("all curves are drawn", "return document.querySelectorAll('.plot canvas').length === 3").await;
    browser.click("#theme").await;
    browser.holds("the button switches the theme", "return Boolean(document.documentElement.dataset.theme)").await;
    browser.holds("and nothing is drawn twice", "return document.querySelectorAll('.plot canvas').length === 3").await;
    assert_eq!(browser.errors().await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opened_run_shows_its_story_on_the_stage_and_says_that_it_is_over() {
    let runs = tempfile::tempdir().expect("a temporary folder");
    let told = a_story("opened", 1);
    keep(runs.path(), &told);
    let folder = runs.path().join("opened");
    let traces = story::read_traces(&folder).expect("none are kept");
    let open = OpenRun { folder, story: told, traces };
    let console = Started::with(ConsoleOptions { open: Some(open), ..ConsoleOptions::default() }).await;
    let browser = Browser::start().await;
    browser.open(&console.pages).await;
    browser.shows(".finished-run", "opened").await;
    browser.shows("#verdict", "PASS").await;
    browser.shows("#alerts", "flow").await;
    browser.holds("its curves are drawn", "return document.querySelectorAll('.plot canvas').length >= 2").await;
    for theme in Theme::ALL {
        browser.theme(theme).await;
        browser.screenshot(&format!("opened-{}", theme.word())).await;
    }
    assert_eq!(browser.errors().await, Vec::<Value>::new());
}
