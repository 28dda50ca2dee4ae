//! What all pages share: the frame of the document, and the heading of a page.

use maud::{DOCTYPE, Markup, html};

use crate::api::Health;
use crate::assets::ICON;
use crate::pages::banner::{banner, finished, footer, lost};
use crate::pages::bar::{bar, keys};

/// How often pages that keep themselves fresh are asked for anew, in seconds.
pub(crate) const REFRESH_S: u32 = 2;

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

impl Page<'_> {
    /// The whole document around `main`: with the console's own account below and, while it is losing something, above.
    pub(crate) fn render(&self, main: &Markup, health: Option<&Health>) -> Markup {
        self.document(main, health, self.is_live.then_some(REFRESH_S))
    }

    /// The same, for a page whose parts come over a stream of its own.
    pub(crate) fn render_streamed(&self, main: &Markup, health: &Health) -> Markup {
        self.document(main, Some(health), None)
    }

    fn document(&self, main: &Markup, health: Option<&Health>, refresh: Option<u32>) -> Markup {
        let finished_run = health.and_then(|health| health.finished_run.as_ref());
        let is_live = self.is_live && finished_run.is_none();
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
                    (bar(self.section, is_live))
                    @if is_live { (lost()) }
                    @if let Some(run) = finished_run { (finished(run)) }
                    @if let Some(health) = health { (banner(health, refresh)) }
                    main #main tabindex="-1" { (main) }
                    @if let Some(health) = health { (footer(health, refresh)) }
                    (keys(is_live))
                }
            }
        }
    }
}

/// The head of a page: its name, a line about what it shows, and what narrows it.
pub(crate) fn heading(title: &str, line: &Markup, controls: &Markup) -> Markup {
    html! { div.heading { div { h1 { (title) } p { (line) } } (controls) } }
}

/// Choices as links, of which one holds: name, address, whether it is the one.
pub(crate) fn segments(label: &str, choices: &[(String, String, bool)]) -> Markup {
    html! {
        nav.segments aria-label=(label) {
            @for (name, address, holds) in choices { a href=(address) aria-current=[holds.then_some("true")] { (name) } }
        }
    }
}
