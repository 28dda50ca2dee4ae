//! What databases are asked, the pools before them, and Redis.

use maud::{Markup, html};
use store::Statement;

use crate::api::{Health, Pool};
use crate::pages::layout::{Page, REFRESH_S, heading};
use crate::pages::narrow::{traffic_types, windows};
use crate::pages::states::{empty, mistake};
use crate::pages::{pools, statements};
use crate::web::Fields;

/// Systems that keep keys rather than answer queries: a section of their own.
const KEY_VALUE: [&str; 4] = ["redis", "valkey", "memcached", "dragonfly"];

/// What the page is about.
pub(crate) struct Databases<'a> {
    pub(crate) asked: &'a Fields,
    pub(crate) mistake: Option<String>,
    /// All kinds of traffic that came.
    pub(crate) traffic_types: Vec<String>,
    pub(crate) statements: Vec<Statement>,
    pub(crate) pools: Vec<Pool>,
}

impl Databases<'_> {
    /// The page.
    pub(crate) fn page(&self, health: &Health) -> Markup {
        let page =
            Page { title: "Databases", section: "/databases", styles: &["explore.css"], scripts: &[], is_live: true };
        let line = html! {
            @if self.asked.system.is_empty() { "Statements as their callers saw them, and the pools they waited in." }
            @else { "Only " b { (self.asked.system) } ". " a href=(self.asked.address("/databases", &[("system", "")])) { "All systems" } }
        };
        let controls = html! {
            (traffic_types("/databases", self.asked, &self.traffic_types))
            (windows("/databases", self.asked, "1m"))
        };
        let (keys, queries): (Vec<&Statement>, Vec<&Statement>) = self
            .statements
            .iter()
            .filter(|statement| self.asked.system.is_empty() || statement.system == self.asked.system)
            .partition(|statement| KEY_VALUE.contains(&statement.system.as_str()));
        let is_narrowed = !self.asked.system.is_empty();
        let main = html! {
            (heading("Databases", &line, &controls))
            @if let Some(message) = &self.mistake { (mistake(message)) }
            section #pools .panel data-refresh=(REFRESH_S) aria-labelledby="pools-title" {
                header {
                    h2 #pools-title { "Connection pools" }
                    p { "All traffic shares them, so they are not narrowed by it." }
                }
                (pools::cards(&self.pools))
            }
            section #statements .panel data-refresh=(REFRESH_S) aria-labelledby="statements-title" hidden[queries.is_empty() && is_narrowed] {
                header {
                    h2 #statements-title { "Statements" }
                    p { "By the time they took altogether. A duration begins when the caller asks for a connection." }
                }
                @if queries.is_empty() {
                    (empty("No statement ended in this stretch", &html! { "Client spans with " code { "db.system.name" } " appear here. Try a longer stretch above." }))
                } @else { (statements::table("statements-title", &queries)) }
            }
            section #redis .panel data-refresh=(REFRESH_S) aria-labelledby="redis-title" hidden[keys.is_empty()] {
                header {
                    h2 #redis-title { "Redis" }
                    p { "Commands, by the time they took altogether." }
                }
                @if !keys.is_empty() { (statements::commands("redis-title", &keys)) }
            }
        };
        page.render(&main, Some(health))
    }
}
