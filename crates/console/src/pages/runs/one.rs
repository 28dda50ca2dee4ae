//! One run: its story as a page, what lies in its folder, and a way to another run.

use maud::{Markup, html};

use super::list::with_code;
use crate::api::{FinishedRun, Health, RunView};
use crate::pages::format::bytes;
use crate::pages::layout::Page;
use crate::pages::states::empty;
use crate::report::{ChartData, Linked, data, moment, parts};
use crate::story::RunList;

/// What pages with a run's parts need.
pub(super) const STYLES: &[&str] = &["uPlot.min.css", "report.css", "run.css", "runs.css"];
pub(super) const SCRIPTS: &[&str] = &["uPlot.iife.min.js", "charts.js", "run.js"];

/// Other runs that are offered for comparison.
const OFFERED: usize = 50;

/// The page.
pub(crate) fn run(view: &RunView, list: &RunList, health: &Health) -> Markup {
    let facts = &view.story.facts;
    let page = Page { title: &facts.id, section: "/runs", styles: STYLES, scripts: SCRIPTS, is_live: false };
    // Only a console that was opened on this very run has its traces.
    let is_here = |run: &FinishedRun| run.id == facts.id && run.telemetry_lack.is_none();
    let linked = if health.finished_run.as_ref().is_some_and(is_here) { Linked::Yes } else { Linked::No };
    let curves = ChartData::of(&view.story);
    let main = html! {
        nav.beside aria-label="This run" {
            a href="/runs" { "All runs" }
            a href={ "/api/runs/" (facts.id) } { "JSON" }
            span.quiet { "One page to send around: " code { "doorbuster report " (view.folder) } }
            (compare_form(&facts.id, list))
        }
        (parts(&view.story, &view.traces, &curves, linked))
        (files(view))
        (data(&curves.to_json()))
    };
    page.render(&main, Some(health))
}

fn compare_form(id: &str, list: &RunList) -> Markup {
    let others: Vec<_> = list.runs.iter().filter(|run| run.can_be_opened && run.id != id).take(OFFERED).collect();
    if others.is_empty() {
        return html! {};
    }
    html! {
        form.filters method="get" action="/runs/compare" {
            input type="hidden" name="a" value=(id);
            select name="b" aria-label="The other run" {
                @for run in others { option value=(run.id) { (run.outcome.word()) " · " (run.scenario) " · " (moment(&run.started_at)) " · speed " (run.speed) ", seed " (run.seed) } }
            }
            button type="submit" { "Compare" }
        }
    }
}

fn files(view: &RunView) -> Markup {
    html! {
        section.panel {
            h2 { "Files" }
            p.below { "In " code { (view.folder) } "." }
            table {
                tbody {
                    @for file in &view.files {
                        tr { td { code { (file.name) } } td.number.quiet { (bytes(file.bytes)) } td { (file.what) } }
                    }
                }
            }
        }
    }
}

/// The page for a run that cannot be shown.
pub(crate) fn no_run(id: &str, why: &str, health: &Health) -> Markup {
    let page = Page { title: "No such run", section: "/runs", styles: &["runs.css"], scripts: &[], is_live: false };
    let main = html! {
        div.panel { (empty("This run cannot be shown", &html! { code { (id) } ": " (with_code(why)) ". " a href="/runs" { "All runs" } })) }
    };
    page.render(&main, Some(health))
}
