//! The story in words: what was broken, what came of it, who noticed, what it cost.

use crate::pages::format::{count, duration, share};
use crate::report::shown::{dollars, edge, minute};
use crate::story::{AlertTiming, MeasuredCurve, Outcome, RunStory};

/// One sentence or two each, in the order in which it happened.
pub(super) fn story(story: &RunStory) -> Vec<String> {
    [broken(story), harmed(story), unharmed(story), noticed(story), ended(story)].into_iter().flatten().collect()
}

/// What the outcome means, in one line.
pub(super) fn meaning(story: &RunStory) -> &'static str {
    let is_broken = !story.play.faults.is_empty();
    match story.outcome() {
        Outcome::Pass if is_broken => "The fault was real, every expectation was met, everything is as it was.",
        Outcome::Pass => "Nothing was broken, every expectation was met.",
        Outcome::Fail if is_broken => "The fault was real, but not every expectation was met.",
        Outcome::Fail => "Nothing was broken, and not every expectation was met.",
        Outcome::Invalid => "Nothing can be said about the monitoring.",
        Outcome::Interrupted => "It was interrupted: there is no verdict.",
        Outcome::Broke => "Something broke in the stage itself: there is no verdict.",
        Outcome::Unknown => "Its folder holds no verdict.",
    }
}

fn broken(story: &RunStory) -> Option<String> {
    let faults = &story.play.faults;
    if faults.is_empty() {
        return Some("Nothing was broken in this run: it shows the system as it is when all is well.".into());
    }
    let begun = faults.iter().filter(|fault| fault.from <= story.facts.ended_minute);
    let each: Vec<String> = begun
        .map(|fault| format!("{} ({}) from minute {} to {}", fault.id, fault.kind, edge(fault.from), edge(fault.until)))
        .collect();
    match each.is_empty() {
        true => Some(format!("It ended in minute {}, before anything was broken.", minute(story.facts.ended_minute))),
        false => Some(format!("What was broken: {}.", each.join(", "))),
    }
}

fn harmed(story: &RunStory) -> Option<String> {
    let headline = story.headline();
    if let Some(worst) = headline.worst_errors {
        let predicted = worst.predicted.map_or_else(String::new, |rate| format!("; {} were predicted", share(rate)));
        let slowest = headline
            .worst_p95_ms
            .map_or_else(String::new, |ms| format!(" One in twenty took longer than {} at the worst.", duration(ms)));
        return Some(format!(
            "In the worst minute, {}, {} of the arrivals of {} failed{predicted}.{slowest}",
            edge(worst.minute.floor()),
            share(worst.measured),
            worst.stream
        ));
    }
    let stream = story.worst_stream()?;
    let slowest = headline.worst_p95_ms?;
    Some(format!("No arrival failed. At the worst, one in twenty of {stream} took longer than {}.", duration(slowest)))
}

/// Streams that fared well all the while: that it is not "the system".
fn unharmed(story: &RunStory) -> Option<String> {
    let worst = story.worst_stream()?;
    let others: Vec<String> = story
        .curves
        .iter()
        .filter(|curve| curve.stream != worst && curve.requests > 0)
        .map(|curve| {
            let failed = curve.errors as f64 / curve.requests as f64;
            format!(
                "{} went through the same services all the while: {} failed{}",
                curve.stream,
                share(failed),
                p95(curve)
            )
        })
        .collect();
    (!others.is_empty()).then(|| format!("{}.", others.join("; ")))
}

fn p95(curve: &MeasuredCurve) -> String {
    let greatest = curve.p95_ms.iter().flatten().copied().max_by(f64::total_cmp);
    greatest.map_or_else(String::new, |ms| format!(", p95 {} at most", duration(ms)))
}

fn noticed(story: &RunStory) -> Option<String> {
    if story.alert_windows.is_empty() {
        return None;
    }
    let each: Vec<String> = story
        .alert_windows
        .iter()
        .map(|window| match (window.timing, window.fired) {
            (AlertTiming::Missed, _) => format!("{} never fired", window.monitor),
            (AlertTiming::NotReached, _) => format!("{} had not fired when the run ended", window.monitor),
            (timing, Some(fired)) => {
                format!("{} fired at minute {} ({})", window.monitor, minute(fired), timing.word().to_lowercase())
            }
            (timing, None) => format!("{}: {}", window.monitor, timing.word()),
        })
        .collect();
    Some(format!("Who noticed: {}.", each.join(", ")))
}

fn ended(story: &RunStory) -> Option<String> {
    let all = story.restored.len();
    let back = story.restored.iter().filter(|one| one.restored).count();
    let restored = match (all, back == all) {
        (0, _) => String::new(),
        (_, true) => "Everything was put back. ".to_owned(),
        (_, false) => format!("{} of {all} faults could not be undone. ", all - back),
    };
    let cost = story.facts.cost.as_ref().filter(|cost| cost.failed_checkouts > 0);
    let cost = cost.map_or_else(String::new, |cost| {
        format!("{} checkouts failed, worth {}.", count(cost.failed_checkouts), dollars(cost.lost_revenue_usd))
    });
    let text = format!("{restored}{cost}").trim().to_owned();
    (!text.is_empty()).then_some(text)
}
