//! What came of it, in a word, in words, and in figures.

use maud::{Markup, html};

use crate::pages::format::{count, duration, share};
use crate::report::shown::{dollars, edge, minute, moment, outcome};
use crate::report::words;
use crate::story::{AlertTiming, Outcome, RunStory};

/// Reasons that stand open; more than these are read in the table of expectations.
const MOST_REASONS: usize = 6;

/// The head of the page.
pub(super) fn head(story: &RunStory) -> Markup {
    let facts = &story.facts;
    let came = story.outcome();
    let tone = match came {
        Outcome::Pass => "pass",
        Outcome::Fail | Outcome::Broke => "fail",
        Outcome::Invalid => "invalid",
        Outcome::Interrupted | Outcome::Unknown => "none",
    };
    let title = if facts.title.is_empty() { &facts.scenario } else { &facts.title };
    html! {
        section.panel.head.(tone) {
            h1 { (title) }
            p.quiet { (facts.scenario) " at speed " (facts.speed) ", seed " (facts.seed) " · " (moment(&facts.started_at)) " · run " (facts.id) }
            p.outcome { (outcome(came)) span { (words::meaning(story)) } }
            @let reasons = story.play.verdict.as_ref().map_or(&[][..], |verdict| &verdict.reasons);
            dl.figures { (figures(story)) }
            div.words { @for sentence in words::story(story) { p { (sentence) } } }
            (self::reasons(&reasons.iter().chain(&story.breakages).map(String::as_str).collect::<Vec<_>>()))
        }
    }
}

/// Why it did not pass; beyond the first few they are folded.
pub(crate) fn reasons(reasons: &[&str]) -> Markup {
    let (first, rest) = reasons.split_at(reasons.len().min(MOST_REASONS));
    html! {
        @if !first.is_empty() {
            ul.reasons {
                @for reason in first { li { (reason) } }
                @if !rest.is_empty() {
                    li.rest { details { summary { (rest.len()) " more" } ul.reasons { @for reason in rest { li { (reason) } } } } }
                }
            }
        }
    }
}

fn figures(story: &RunStory) -> Markup {
    let headline = story.headline();
    html! {
        @if let Some(worst) = &headline.worst_errors {
            (figure(&format!("of {} failed in minute {}", worst.stream, edge(worst.minute.floor())), &share(worst.measured).to_string(), false))
            @if let Some(predicted) = worst.predicted { (figure("were predicted", &share(predicted).to_string(), false)) }
        }
        @if let Some(ms) = headline.worst_p95_ms { (figure("greatest p95", &duration(ms).to_string(), false)) }
        @if headline.alerts_expected > 0 {
            (figure("alerts on time", &format!("{} of {}", headline.alerts_on_time, headline.alerts_expected), headline.alerts_on_time < headline.alerts_expected))
        }
        @if let Some(alert) = &headline.key_alert {
            @let fired = alert.fired.map_or_else(|| "never".to_owned(), minute);
            @let is_bad = !matches!(alert.timing, AlertTiming::OnTime | AlertTiming::NotReached);
            (figure(&format!("{} fired; expected {} to {}", alert.monitor, edge(alert.from), edge(alert.to)), &fired, is_bad))
        }
        @if let Some(failed) = headline.failed_checkouts { (figure("failed checkouts", &count(failed), false)) }
        @if let Some(usd) = headline.lost_revenue_usd { (figure("lost revenue", &dollars(usd), false)) }
    }
}

fn figure(name: &str, value: &str, is_bad: bool) -> Markup {
    html! { div class=[is_bad.then_some("bad")] { dt { (name) } dd { (value) } } }
}
