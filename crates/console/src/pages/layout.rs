//! What all pages share: the bar above, the honest line below.

use maud::{DOCTYPE, Markup, html};

use crate::api::{FinishedRun, Health};
use crate::assets::ICON;
use crate::pages::format::{bytes, count, stretch, time_of_day};
use crate::pages::shape::{Shape, state};

/// A page.
pub(crate) struct Page<'a> {
    pub(crate) title: &'a str,
    /// Path of the page in the bar that this belongs to.
    pub(crate) section: &'a str,
    /// Assets beyond those of every page.
    pub(crate) styles: &'a [&'a str],
    pub(crate) scripts: &'a [&'a str],
    /// Whether the page keeps itself fresh.
    pub(crate) is_live: bool,
}

/// Path, name, and the key that leads there (`console.js` has them too).
const SECTIONS: [(&str, &str, &str); 11] = [
    ("/", "Stage", "s"),
    ("/services", "Services", "v"),
    ("/traces", "Traces", "t"),
    ("/databases", "Databases", "b"),
    ("/logs", "Logs", "l"),
    ("/monitors", "Monitors", "m"),
    ("/incidents", "Incidents", "i"),
    ("/slos", "SLOs", "o"),
    ("/llm", "LLM", "a"),
    ("/sql", "SQL", "q"),
    ("/runs", "Runs", "r"),
];

impl Page<'_> {
    /// The whole document around `main`; the line below and the sign of a finished run are made of `health`.
    pub(crate) fn render(&self, main: &Markup, health: Option<&Health>) -> Markup {
        let finished_run = health.and_then(|health| health.finished_run.as_ref());
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) " · Doorbuster" }
                    link rel="icon" href=(ICON);
                    // Before the styles: the theme must be known when the first thing is painted.
                    script src="/assets/console.js" {}
                    link rel="stylesheet" href="/assets/console.css";
                    @for style in self.styles { link rel="stylesheet" href={ "/assets/" (style) }; }
                    @for script in self.scripts { script src={ "/assets/" (script) } defer {} }
                }
                body {
                    a.skip href="#main" { "Skip to content" }
                    header.bar {
                        a.brand href="/" { "Doorbuster" }
                        nav aria-label="Pages" {
                            @for (path, name, key) in SECTIONS {
                                a href=(path) aria-current=[(path == self.section).then_some("page")] title={ "key " (key) } { (name) }
                            }
                        }
                        @if self.is_live && finished_run.is_none() { span #live .live role="status" { "live" } }
                        button #theme type="button" title="key d" { "Dark / light" }
                    }
                    @if let Some(run) = finished_run { (finished(run)) }
                    main #main { (main) }
                    @if let Some(health) = health { (self.foot(health)) }
                }
            }
        }
    }

    /// The line below; the Stage has a stream of its own that patches it.
    fn foot(&self, health: &Health) -> Markup {
        let refresh = (self.is_live && self.section != "/").then_some("2");
        html! { div #foot data-refresh=[refresh] { (footer(health)) } }
    }
}

/// Says on every page that what is shown is over.
fn finished(run: &FinishedRun) -> Markup {
    html! {
        aside.finished-run aria-label="Finished run" {
            (state(Shape::NoData, "FINISHED RUN"))
            span { b { (run.id) } ", opened from " code { (run.folder) } }
            span { "The clock stands at " b { (time_of_day(run.at_unix_ms as f64)) " UTC" } ", the end of the run; nothing comes in." }
            @if let Some(lack) = &run.telemetry_lack { span.mistake { "No spans, logs and metrics: " (lack) } }
        }
    }
}

/// What came, what was lost, how far back it goes.
pub(crate) fn footer(health: &Health) -> Markup {
    let store = &health.store;
    let now = health.at_unix_ms;
    let back = |oldest: u64| (oldest > 0).then(|| stretch(now.saturating_sub(oldest) as f64 / 1000.0));
    let lost = |number: u64, what: &str| {
        html! { span class=[(number > 0).then_some("bad")] { b { (count(number)) } " " (what) } }
    };
    html! {
        footer #footer .foot {
            span { b { (count(health.spans_received)) } " spans received" }
            (lost(health.spans_dropped, "rejected as invalid"))
            (lost(health.requests_refused, "messages refused"))
            @if store.spans_in_overflow > 0 { (lost(store.spans_in_overflow, "counted as “other”")) }
            @if store.spans_out_of_time > 0 { (lost(store.spans_out_of_time, "outside all windows")) }
            span { b { (count(store.spans_evicted)) } " evicted to keep the budget, oldest traces first" }
            @if let Some(back) = back(store.oldest_span_unix_ms) { span { "traces of the last " b { (back) } } }
            @if let Some(back) = back(store.oldest_second_unix_ms) { span { "figures of the last " b { (back) } } }
            span { b { (bytes(store.bytes_kept)) } " of " (bytes(store.budget_bytes)) }
        }
    }
}

/// The page for paths that lead nowhere.
pub(crate) fn not_found() -> Markup {
    let page = Page { title: "Not found", section: "", styles: &[], scripts: &[], is_live: false };
    let main = html! {
        div.panel.empty { strong { "There is no such page" } "Try " a href="/" { "the Stage" } " or " a href="/traces" { "the traces" } "." }
    };
    page.render(&main, None)
}
