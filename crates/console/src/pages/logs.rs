//! Finding log records: how many came when, and the newest of them.

use maud::{Markup, html};
use store::{LogCounts, LogView, Searched};

use crate::api::Health;
use crate::pages::layout::{Page, REFRESH_S, heading};
use crate::pages::narrow::{traffic_types, windows};
use crate::pages::states::{empty, mistake};
use crate::pages::{log_counts, log_record};
use crate::web::{BadField, Fields};

/// The stretch that holds if none is asked for.
pub(crate) const USUAL_WINDOW: &str = "15m";

/// Least severities that are offered: value of the field, word.
const SEVERITIES: [(&str, &str); 5] = [("", "any"), ("5", "debug"), ("9", "info"), ("13", "warn"), ("17", "error")];

/// What the page is about.
pub(crate) struct Logs<'a> {
    pub(crate) asked: &'a Fields,
    pub(crate) bad: Option<BadField>,
    /// All kinds of traffic that came.
    pub(crate) traffic_types: Vec<String>,
    /// All services that came.
    pub(crate) services: Vec<String>,
    pub(crate) found: Vec<LogView>,
    pub(crate) counts: Searched<LogCounts>,
}

impl Logs<'_> {
    /// The page.
    pub(crate) fn page(&self, health: &Health) -> Markup {
        let page = Page { title: "Logs", section: "/logs", styles: &["explore.css"], scripts: &[], is_live: true };
        let usual = if self.asked.trace_id.trim().is_empty() { USUAL_WINDOW } else { "all" };
        let controls = html! {
            (traffic_types("/logs", self.asked, &self.traffic_types))
            (windows("/logs", self.asked, usual))
        };
        let line = html! { "What services say, the newest first." };
        let main = html! {
            (heading("Logs", &line, &controls))
            (self.form())
            @if let Some(bad) = &self.bad { (mistake(&bad.to_string())) }
            @if self.bad.is_none() { section #counts .panel data-refresh=(REFRESH_S) aria-labelledby="counts-title" {
                header { h2 #counts-title { "Records over time" } (log_counts::totals(&self.counts.found, self.asked)) }
                (log_counts::bars(&self.counts.found))
                    @if self.counts.is_cut { p.small.quiet { "Older records of this stretch have left memory for the disk: they are found below, and not counted here." } }
            } }
            section #found .panel data-refresh=(REFRESH_S) aria-label="Records" { (self.list()) }
        };
        page.render(&main, Some(health))
    }

    fn form(&self) -> Markup {
        let is_bad = |field: &str| self.bad.as_ref().is_some_and(|bad| bad.field() == field).then_some("true");
        let asked = self.asked;
        let word = |name: &str, label: &str, value: &str, hint: &str, list: Option<&str>| {
            html! { label { (label) input name=(name) value=(value) placeholder=(hint) list=[list] autocomplete="off" spellcheck="false" aria-invalid=[is_bad(name)]; } }
        };
        html! {
            form #search .filters method="get" action="/logs" {
                label.grow { "text" input type="search" name="text" value=(asked.text) placeholder="part of what a record says" autocomplete="off" spellcheck="false" data-key="/" data-key-does="search by text"; }
                (word("service", "service", &asked.service, "any", Some("services")))
                label { "at least" select name="severity_at_least" aria-invalid=[is_bad("severity_at_least")] {
                    @for (value, name) in SEVERITIES { option value=(value) selected[asked.severity_at_least.trim() == value] { (name) } }
                } }
                (word("event", "event", &asked.event, "any", None))
                (word("attributes", "attributes, all must hold", &asked.attributes, "checkout.failure_reason~Pool", None))
                (word("trace_id", "trace", &asked.trace_id, "32 hex digits", None))
                input type="hidden" name="traffic_type" value=(asked.traffic_type);
                input type="hidden" name="window" value=(asked.window);
                button type="submit" { "Find" }
                datalist #services { @for service in &self.services { option value=(service) {} } }
            }
        }
    }

    fn list(&self) -> Markup {
        if self.found.is_empty() {
            let hint = if self.bad.is_some() {
                html! { "Nothing was searched: see above." }
            } else if self.is_narrowed() {
                html! { a href="/logs" { "Take everything out of the form" } ", or choose a longer stretch." }
            } else {
                html! { "Records appear as soon as services send some, over OTLP." }
            };
            return empty("No record fits", &hint);
        }
        html! {
            ol.logs data-rows {
                @for (record, id) in self.found.iter().zip(log_record::ids(&self.found)) { (log_record::record(record, &id, self.asked)) }
            }
            p.small.quiet { "The newest " (self.found.len()) ". Narrow the search to see further back." }
        }
    }

    fn is_narrowed(&self) -> bool {
        let asked = self.asked;
        [
            &asked.text,
            &asked.service,
            &asked.severity_at_least,
            &asked.event,
            &asked.attributes,
            &asked.trace_id,
            &asked.traffic_type,
        ]
        .iter()
        .any(|field| !field.trim().is_empty())
    }
}
