//! The HTML report in a real browser: its script runs from the file alone, and draws.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use crate::load::{FAIR, Folder, test};
use crate::{doorbuster, err, out, server};

/// What distributions call it.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// The page's elements after its script has run, and what the browser said of it.
fn opened(page: &Path) -> Output {
    let profile = tempfile::tempdir().expect("a temporary folder");
    let run = |browser: &&str| {
        Command::new(browser)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"])
            .args(["--enable-logging=stderr", "--window-size=1200,900", "--virtual-time-budget=3000", "--dump-dom"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("file://{}", page.display()))
            .output()
            .ok()
    };
    BROWSERS.iter().find_map(run).expect("Chromium is installed: `make setup` does it")
}

#[test]
fn the_page_draws_all_its_charts_and_loads_nothing() {
    let folder = Folder::new();
    let file = folder.write("test.yaml", &test(server::start(Duration::ZERO), FAIR));
    let page = folder.name("report.html");
    let run = doorbuster(&["load", &file, "--no-tui", "--html", &page]);
    assert_eq!(run.status.code(), Some(0), "{}{}", err(&run), out(&run));
    let opened = opened(Path::new(&page));
    let (elements, said) = (out(&opened), err(&opened));
    assert_eq!(elements.matches("<canvas").count(), 4, "four charts: {said}");
    for line in ["due", "answered", "p99", "from the intended start", "schedule lag"] {
        assert!(elements.contains(&format!("</svg>{line}<b>")), "{line:?} has no key: {said}");
    }
    let complaints: Vec<&str> = said.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
}
