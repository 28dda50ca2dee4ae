//! Past runs, newest first.

use maud::{Markup, html};

use crate::api::Health;
use crate::pages::format::{bytes, duration, share, stretch};
use crate::pages::layout::{Page, heading};
use crate::pages::shape::{Shape, state};
use crate::pages::states::empty;
use crate::report::{dollars, edge, minute, moment, outcome, timing};
use crate::story::{ListedRun, RunList};

/// The page.
pub(crate) fn runs(list: &RunList, health: &Health) -> Markup {
    let page = Page { title: "Runs", section: "/runs", styles: &["runs.css"], scripts: &[], is_live: true };
    let main = html! {
        (heading("Runs", &html! { "Every run is a folder in " code { (list.runs_dir) } ", the newest first." }, &html! {}))
        (content(list, "", ""))
    };
    page.render(&main, Some(health))
}

/// The list, or why there is none; `a` and `b` are chosen already.
pub(super) fn content(list: &RunList, a: &str, b: &str) -> Markup {
    if let Some(problem) = &list.problem {
        return html! {
            div.panel { (empty("The folder of runs cannot be read", &html! { code { (list.runs_dir) } ": " (problem) })) }
        };
    }
    if list.runs.is_empty() {
        return html! {
            div.panel { (empty("No run yet", &html! {
                "Stage one with " code { "doorbuster demo --speed 10" } ", about four minutes: its folder appears in " code { (list.runs_dir) } " and here. "
                "Other folders are shown with " code { "doorbuster console --runs-dir DIR" } "."
            })) }
        };
    }
    html! {
        div.runs {
            section.panel #runs data-refresh="10" {
                table {
                    thead { tr {
                        th { "Outcome" } th { "Run" } th.number { "Failed at worst" br; span.faint { "/ predicted" } } th { "Alert that it is about" } th.number { "p95 at worst" }
                        th.number { "Lost" } th.number { "Lasted" } th.number { "Size" } th.choose { "Compare" }
                    } }
                    tbody { @for run in &list.runs { (row(run, a, b)) } }
                }
                @if list.left_out > 0 { p.below { (list.left_out) " older runs are in the folder and not listed." } }
            }
            @if list.runs.iter().filter(|run| run.can_be_opened).count() > 1 {
                form.actions #choose method="get" action="/runs/compare" {
                    button type="submit" { "Compare A and B" } span.quiet { "Choose one run as A and one as B." }
                }
            }
        }
    }
}

/// What stands between backticks is set as code.
pub(super) fn with_code(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn row(run: &ListedRun, a: &str, b: &str) -> Markup {
    let headline = &run.headline;
    html! {
        tr id={ "run-" (run.id) } class=[(!run.can_be_opened).then_some("broken")] {
            td { (outcome(run.outcome)) }
            td.name {
                @if run.can_be_opened { a href={ "/runs/" (run.id) } { b { (run.title) } } } @else { b { (if run.title.is_empty() { &run.id } else { &run.title }) } }
                small {
                    @if run.start_unix > 0.0 { (moment(&run.started_at)) " · speed " (run.speed) " · seed " (run.seed) " · " }
                    (run.id)
                    @if run.can_be_opened && !run.has_telemetry { " · without spans, logs and metrics" }
                }
                @for problem in &run.problems { p.problem { (state(Shape::Warn, "")) (with_code(problem)) } }
            }
            td.number {
                @match &headline.worst_errors {
                    Some(worst) => {
                        b { (share(worst.measured)) }
                        @if let Some(predicted) = worst.predicted { span.quiet { " / " (share(predicted)) } }
                        small { (worst.stream) ", minute " (edge(worst.minute.floor())) }
                    }
                    None => span.faint { "–" },
                }
            }
            td.alert {
                @match &headline.key_alert {
                    Some(alert) => {
                        (timing(alert.timing)) @if let Some(fired) = alert.fired { " " b { (minute(fired)) } }
                        small { (alert.monitor) ", expected " (edge(alert.from)) " to " (edge(alert.to)) "; " (headline.alerts_on_time) " of " (headline.alerts_expected) " on time" }
                    }
                    None => span.faint { "–" },
                }
            }
            td.number { @match headline.worst_p95_ms { Some(ms) => (duration(ms)), None => span.faint { "–" } } }
            td.number { @match headline.lost_revenue_usd { Some(usd) => (dollars(usd)), None => span.faint { "–" } } }
            td.number { @match run.duration_seconds { Some(seconds) => (stretch(seconds)), None => span.faint { "–" } } }
            td.number.quiet { (bytes(run.bytes)) }
            td.choose {
                @if run.can_be_opened {
                    label { input type="radio" form="choose" required name="a" value=(run.id) checked[run.id == a]; "A" }
                    label { input type="radio" form="choose" required name="b" value=(run.id) checked[run.id == b]; "B" }
                }
            }
        }
    }
}
