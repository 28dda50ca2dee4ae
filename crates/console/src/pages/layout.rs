//! What all pages share: the bar above, the honest line below.

use maud::{DOCTYPE, Markup, html};

use crate::api::Health;
use crate::assets::ICON;
use crate::clock;
use crate::pages::format::{bytes, count, stretch};

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

const SECTIONS: [(&str, &str, &str); 3] =
    [("/", "Stage", "s"), ("/services", "Services", "v"), ("/traces", "Traces", "t")];

impl Page<'_> {
    /// The whole document around `main`.
    pub(crate) fn render(&self, main: &Markup, footer: Option<Markup>) -> Markup {
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
                        @if self.is_live { span #live .live role="status" { "live" } }
                        button #theme type="button" title="key d" { "Dark / light" }
                    }
                    main #main { (main) }
                    @if let Some(footer) = footer { (footer) }
                }
            }
        }
    }
}

/// What came, what was lost, how far back it goes.
pub(crate) fn footer(health: &Health) -> Markup {
    let store = &health.store;
    let now = clock::now().0;
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
