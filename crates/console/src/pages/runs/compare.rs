//! Two runs beside each other.

use maud::{Markup, html};

use super::list::content;
use super::one::{SCRIPTS, STYLES};
use crate::api::Health;
use crate::pages::format::{count, duration, share, stretch};
use crate::pages::layout::{Page, heading};
use crate::report::{self, ChartData, charts, data, dollars, edge, minute, moment, outcome, signed, timing};
use crate::story::{
    AlertWindow, ComparedAlert, ComparedExpectation, ComparedFigure, Expectation, RunComparison, RunList, RunStory,
    compare,
};

/// The page.
pub(crate) fn compared(a: &RunStory, b: &RunStory, health: &Health) -> Markup {
    let page = Page { title: "Two runs", section: "/runs", styles: STYLES, scripts: SCRIPTS, is_live: false };
    let comparison = compare(a, b);
    let curves: ChartData = report::compared(&comparison, a, b);
    let main = html! {
        nav.beside aria-label="These runs" {
            a href="/runs" { "All runs" }
            a href={ "/api/runs/compare?a=" (comparison.a) "&b=" (comparison.b) } { "JSON" }
            a href={ "/runs/compare?a=" (comparison.b) "&b=" (comparison.a) } { "Swap A and B" }
        }
        section.versus aria-label="Verdicts" { (side("A", a)) (side("B", b)) }
        @if !comparison.is_same_scenario {
            p.panel.mistake role="note" { "These are different scenarios: minutes and figures of one say little about the other." }
        }
        (settings(&comparison))
        (charts(&curves))
        (alerts(&comparison))
        (figures(&comparison))
        (expectations(&comparison))
        (data(&curves.to_json()))
    };
    page.render(&main, Some(health))
}

/// The list with a word: two runs are needed.
pub(crate) fn choose_two(list: &RunList, a: &str, b: &str, health: &Health) -> Markup {
    let page = Page { title: "Two runs", section: "/runs", styles: &["runs.css"], scripts: &[], is_live: false };
    let main = html! {
        (heading("Which two runs?", &html! { "Choose one as A and one as B, then “Compare A and B” below." }, &html! {}))
        (content(list, a, b))
    };
    page.render(&main, Some(health))
}

fn side(letter: &str, story: &RunStory) -> Markup {
    let facts = &story.facts;
    html! {
        article.panel {
            h2 { (letter) }
            h3 { a href={ "/runs/" (facts.id) } { (facts.title) } }
            p.outcome { (outcome(story.outcome())) }
            p.quiet { (facts.scenario) " · speed " (facts.speed) ", seed " (facts.seed) " · " (moment(&facts.started_at)) }
            p.faint { (facts.id) }
            @if let Some(verdict) = &story.play.verdict { (report::reasons(&verdict.reasons.iter().map(String::as_str).collect::<Vec<_>>())) }
        }
    }
}

fn settings(comparison: &RunComparison) -> Markup {
    html! {
        section.panel {
            h2 { "What was asked differently" }
            @if comparison.settings.is_empty() {
                p.quiet { "Nothing: the same scenario, speed, seed, monitors and version. What differs is the machine and its day." }
            } @else {
                table {
                    thead { tr { th {} th { "A" } th { "B" } } }
                    tbody { @for setting in &comparison.settings { tr { td { (setting.name) } td { (setting.a) } td { (setting.b) } } } }
                }
            }
        }
    }
}

fn alerts(comparison: &RunComparison) -> Markup {
    html! {
        section.panel {
            h2 { "When alerts came" }
            @if comparison.alerts.is_empty() { p.quiet { "Neither run expected any." } } @else {
                table {
                    thead { tr { th { "monitor" } th { "about" } th.number { "expected" } th { "A" } th { "B" } th.number { "B later by, min" } } }
                    tbody { @for alert in &comparison.alerts { (alert_row(alert)) } }
                }
            }
        }
    }
}

fn alert_row(alert: &ComparedAlert) -> Markup {
    let window = alert.a.as_ref().or(alert.b.as_ref());
    html! {
        tr {
            td.name { (alert.monitor) }
            td { @if let Some(stream) = &alert.stream { span class={ "chip " (stream) } { (stream) } } @else { span.faint { "any" } } }
            td.number { @if let Some(window) = window { (edge(window.from)) " to " (edge(window.to)) } }
            td { (came(alert.a.as_ref())) }
            td { (came(alert.b.as_ref())) }
            td.number { (alert.later_minutes.map_or_else(|| "–".to_owned(), |later| signed(later, 2))) }
        }
    }
}

fn came(window: Option<&AlertWindow>) -> Markup {
    html! {
        @match window {
            Some(window) => { (timing(window.timing)) @if let Some(fired) = window.fired { " " (minute(fired)) } }
            None => span.faint { "not expected" },
        }
    }
}

fn figures(comparison: &RunComparison) -> Markup {
    html! {
        section.panel {
            h2 { "Figures" }
            table {
                thead { tr { th {} th.number { "A" } th.number { "B" } th.number { "B less A" } } }
                tbody {
                    @for figure in &comparison.figures {
                        tr {
                            td { (figure.name) }
                            td.number { (amount(figure, figure.a)) }
                            td.number { (amount(figure, figure.b)) }
                            td.number { (figure.difference.map_or_else(|| "–".to_owned(), |by| difference(&figure.unit, by))) }
                        }
                    }
                }
            }
        }
    }
}

fn amount(figure: &ComparedFigure, value: Option<f64>) -> String {
    let Some(value) = value else { return "–".to_owned() };
    match figure.unit.as_str() {
        "share" => share(value).to_string(),
        "ms" => duration(value).to_string(),
        "s" if value < 60.0 => format!("{value:.1} s"),
        "s" => stretch(value),
        "min" => format!("minute {}", edge(value.floor())),
        "usd" => dollars(value),
        "mib" => format!("{value:.0} MiB"),
        "points" => format!("{value:.1} points"),
        _ => count(value.max(0.0) as u64),
    }
}

/// A difference in the unit in which one would say it.
fn difference(unit: &str, by: f64) -> String {
    match unit {
        "share" => format!("{} points", signed(by * 100.0, 1)),
        "ms" if by.abs() >= 1000.0 => format!("{} s", signed(by / 1000.0, 2)),
        "ms" => format!("{} ms", signed(by, 0)),
        "s" => format!("{} s", signed(by, 1)),
        "min" => format!("{} min", signed(by, 0)),
        "usd" => format!("{} $", signed(by, 0)),
        "mib" => format!("{} MiB", signed(by, 0)),
        "points" => format!("{} points", signed(by, 1)),
        _ => signed(by, 0),
    }
}

fn expectations(comparison: &RunComparison) -> Markup {
    html! {
        section.panel.long {
            h2 { "Expectations that came out differently" }
            @if comparison.expectations.is_empty() { p.quiet { "None." } } @else {
                table {
                    thead { tr { th { "what" } th { "A" } th { "B" } } }
                    tbody { @for row in &comparison.expectations { (expectation_row(row)) } }
                }
            }
        }
    }
}

fn expectation_row(row: &ComparedExpectation) -> Markup {
    let cell = |one: Option<&Expectation>| {
        html! {
            @match one {
                Some(one) => { (report::row(one.outcome)) " " (one.measured) span.also { "expected " (one.expected) } }
                None => span.faint { "not expected" },
            }
        }
    };
    html! { tr { td.name { (row.what) } td { (cell(row.a.as_ref())) } td { (cell(row.b.as_ref())) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_said_in_the_unit_in_which_people_would() {
        let table = [
            ("share", 0.183, "+18.3 points"),
            ("ms", -2400.0, "−2.40 s"),
            ("ms", 12.4, "+12 ms"),
            ("usd", 0.0, "±0 $"),
            ("count", -3.0, "−3"),
        ];
        for (unit, by, text) in table {
            assert_eq!(difference(unit, by), text);
        }
    }
}
