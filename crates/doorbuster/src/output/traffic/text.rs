//! A summary as text.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::figures::{Changed, Mode, Outcome, Summary};
use crate::output::load::figures::Percentiles;
use crate::output::style::{self, Mark};

/// All of it.
pub(crate) fn render(summary: &Summary) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}traffic{:#}  {}  seed {}, {:.1} s of {:.0} s",
        style::BOLD,
        style::BOLD,
        summary.url,
        summary.seed,
        summary.elapsed_seconds,
        summary.planned_seconds
    );
    for mode in &summary.modes {
        text.push('\n');
        one_mode(&mut text, mode);
        if mode.mode == "latency_injection" {
            waited(&mut text, mode, summary);
        }
    }
    let _ = writeln!(text, "\nschedule lag  {}: how late requests left", percentiles(&summary.schedule_lag_ms));
    for note in &summary.notes {
        let _ = writeln!(text, "{} {note}", style::symbol(Mark::Warn));
    }
    let (mark, word) = match summary.outcome {
        Outcome::AsAsked => (Mark::Good, "as asked"),
        Outcome::Failed => (Mark::Bad, "FAIL"),
        Outcome::Invalid => (Mark::Warn, "INVALID"),
        Outcome::Unanswered => (Mark::Bad, "UNANSWERED"),
        Outcome::Interrupted => (Mark::Warn, "interrupted"),
    };
    let reasons = if summary.reasons.is_empty() { String::new() } else { format!(": {}", summary.reasons.join("; ")) };
    let _ = write!(text, "{} {word}{reasons}", style::symbol(mark));
    text
}

fn one_mode(text: &mut String, mode: &Mode) {
    let _ = writeln!(text, "{}{}{:#}  X-Traffic-Type: {}", style::BOLD, mode.mode, style::BOLD, mode.header);
    let _ = write!(
        text,
        "  requests  {} ({} of {} asked), {} succeeded",
        style::count(mode.requests),
        style::rate(mode.achieved_per_second),
        style::rate(mode.asked_per_second),
        style::percent(mode.success_rate)
    );
    if mode.well_formed_success_rate != mode.success_rate {
        let _ = write!(text, "; of the well-formed ones {}", style::percent(mode.well_formed_success_rate));
    }
    for (count, what) in [(mode.given_up, "given up"), (mode.dropped, "dropped")] {
        if count > 0 {
            let _ = write!(text, "; {} {what}", style::count(count));
        }
    }
    let _ = writeln!(text, "\n  statuses  {}", counts(&mode.statuses));
    if !mode.errors.is_empty() {
        let _ = writeln!(text, "  errors    {}", counts(&mode.errors));
    }
    let _ = writeln!(text, "  latency   {}", percentiles(&mode.latency_ms));
    for changed in &mode.changed {
        one_way(text, changed);
    }
}

/// How many were changed so, what was answered, and when.
fn one_way(text: &mut String, changed: &Changed) {
    let _ = writeln!(
        text,
        "    {:<13} {:>6}  {}  p50 {}, p95 {}",
        changed.way,
        style::count(changed.sent),
        counts(&changed.outcomes),
        style::fine_latency(changed.latency_ms.p50),
        style::fine_latency(changed.latency_ms.p95)
    );
}

/// How many really were slow, and what the service says of those that it made so.
fn waited(text: &mut String, mode: &Mode, summary: &Summary) {
    let slow = (mode.requests > 0).then(|| mode.two_seconds_or_longer as f64 / mode.requests as f64);
    let count = style::count(mode.two_seconds_or_longer);
    let _ = writeln!(text, "  slow      {count} took 2 s or longer, {} of all", style::percent(slow));
    if let Some(waited) = &summary.waited_inside {
        let requests = waited.requests.map_or_else(|| "-".to_owned(), style::count);
        let share = style::percent(Some(waited.share));
        let _ = writeln!(text, "    {:<13} {requests:>6}  by the service's own count; {share} were to wait", "inside");
    }
}

fn counts(counts: &BTreeMap<String, u64>) -> String {
    if counts.is_empty() {
        return "-".to_owned();
    }
    counts.iter().map(|(what, count)| format!("{what} × {}", style::count(*count))).collect::<Vec<_>>().join("  ")
}

fn percentiles(of: &Percentiles) -> String {
    let names = ["p50", "p90", "p95", "p99", "max"].into_iter().zip(of.all());
    names.map(|(name, ms)| format!("{name} {}", style::fine_latency(ms))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::figures::tests::summary;
    use super::*;

    #[test]
    fn the_summary_says_what_was_sent_what_came_back_and_what_it_comes_to() {
        let text = anstream::adapter::strip_str(&render(&summary(29, false))).to_string();
        insta::assert_snapshot!(text);
    }
}
