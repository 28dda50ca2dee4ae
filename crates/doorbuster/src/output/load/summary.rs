//! A judged report as text.

use std::fmt::Write;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table};
use scenario::{Outcome, ThresholdResult};

use super::figures::{Level, Percentiles, Row};
use super::{Judged, bound};
use crate::output::style::{self, Mark};

/// Most characters of a name that are shown: paths may be long.
const LONGEST_NAME: usize = 60;

/// Most characters of a line of outcomes.
const WIDEST_OUTCOMES: usize = 36;

/// Prints all of it.
///
/// # Errors
/// Standard output can't be written.
pub(crate) fn print(judged: &Judged) -> anyhow::Result<()> {
    crate::output::result(render(judged).trim_end())
}

/// What is printed.
pub(crate) fn render(judged: &Judged) -> String {
    let mut text = String::new();
    head(&mut text, judged);
    let _ = writeln!(text, "\n{}", table(&judged.rows));
    legend(&mut text, judged);
    generator(&mut text, judged);
    thresholds(&mut text, &judged.results);
    verdict(&mut text, judged);
    text
}

fn head(text: &mut String, judged: &Judged) {
    let (report, totals) = (&judged.report, &judged.totals);
    let _ = writeln!(text, "{}{}{:#}  {}", style::BOLD, report.name, style::BOLD, report.title);
    let _ = writeln!(text, "seed {}, {}, {} model{}", report.seed, judged.schedule(), report.model, judged.shares());
    let _ = writeln!(
        text,
        "{:.1} s of {:.1} s: {} arrivals due, {} answered, {} failed ({}), {} dropped, {} skipped; at most {} under way",
        report.elapsed_seconds,
        report.planned_seconds,
        style::count(totals.due),
        style::count(totals.completed),
        style::count(totals.errors),
        style::percent(totals.error_rate),
        style::count(totals.dropped),
        style::count(totals.skipped),
        style::count(report.most_in_flight),
    );
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(style::TABLE).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["", "count", "rate", "errors", "p50", "p90", "p95", "p99", "max"]);
    for row in rows {
        // A space that tables do not trim.
        let indent = match row.level {
            Level::Stream => "",
            Level::Journey => "\u{a0} ",
            Level::Step => "\u{a0} \u{a0} ",
        };
        let mut name: String = row.name().chars().take(LONGEST_NAME).collect();
        if name.len() < row.name().len() {
            name.push('…');
        }
        let mut name = format!("{indent}{name}");
        for line in outcomes(row) {
            name.push_str(&format!("\n{indent}\u{a0} {line}"));
        }
        let mut cells =
            vec![name, style::count(row.completed), style::rate(row.per_second), style::percent(row.error_rate)];
        cells.extend(latencies(&row.latency_ms, &row.uncorrected_latency_ms));
        table.add_row(cells);
    }
    // Names are what a row is found by: others give way first.
    if let Some(names) = table.column_mut(0) {
        names.set_constraint(ColumnConstraint::ContentWidth);
    }
    for column in 1..9 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Each with the uncorrected one in brackets where that is another number.
fn latencies(corrected: &Percentiles, uncorrected: &Percentiles) -> Vec<String> {
    let pairs = corrected.all().into_iter().zip(uncorrected.all());
    pairs
        .map(|(corrected, uncorrected)| {
            let text = style::fine_latency(corrected);
            if differ(corrected, uncorrected) {
                format!("{text}\n({})", style::fine_latency(uncorrected))
            } else {
                text
            }
        })
        .collect()
}

/// More than a hundredth and 50 microseconds apart: less is nothing that a user would notice.
pub(super) fn differ(corrected: Option<f64>, uncorrected: Option<f64>) -> bool {
    match (corrected, uncorrected) {
        (Some(a), Some(b)) => (a - b).abs() > f64::max(0.05, a * 0.01),
        (a, b) => a.is_some() != b.is_some(),
    }
}

/// Statuses and error kinds, the failed ones marked, in lines that are no wider than a name.
fn outcomes(row: &Row) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for outcome in &row.outcomes {
        let mark = if outcome.is_error { "■ " } else { "" };
        let text = format!("{mark}{} × {}", outcome.outcome, style::count(outcome.count));
        match lines.last_mut().filter(|line| line.chars().count() + text.chars().count() + 2 <= WIDEST_OUTCOMES) {
            Some(line) => line.push_str(&format!("  {text}")),
            None => lines.push(text),
        }
    }
    lines
}

fn legend(text: &mut String, judged: &Judged) {
    text.push_str("Streams and journeys count visits, steps count requests. ");
    if judged.is_closed() {
        text.push_str("In the closed model a visit is due when the one\nbefore was answered: nobody's waiting is in these latencies.\n");
        return;
    }
    text.push_str("Latency counts from the intended start");
    let has_brackets = judged.rows.iter().any(|row| {
        let (corrected, uncorrected) = (row.latency_ms.all(), row.uncorrected_latency_ms.all());
        corrected.into_iter().zip(uncorrected).any(|(a, b)| differ(a, b))
    });
    text.push_str(if has_brackets {
        ";\nin brackets from the actual one, which is what a tool says that forgets its own waiting.\n"
    } else {
        "; from the\nactual one it is the same, because arrivals left on time.\n"
    });
}

fn generator(text: &mut String, judged: &Judged) {
    let lag = &judged.totals.schedule_lag_ms;
    text.push('\n');
    let _ = writeln!(
        text,
        "schedule lag  p50 {}, p99 {}, max {}: how late the generator itself was",
        style::fine_latency(lag.p50),
        style::fine_latency(lag.p99),
        style::fine_latency(lag.max)
    );
    let cost = &judged.report.generator;
    let each = |us: Option<f64>| us.map_or_else(|| "-".to_owned(), |us| format!("{us:.1} µs"));
    let _ = writeln!(
        text,
        "generator     {:.2} s of CPU, {} a request ({} of it in user mode), {:.0} MiB at most",
        cost.user_cpu_seconds + cost.system_cpu_seconds,
        each(judged.totals.cpu_us_per_request),
        each(judged.totals.user_cpu_us_per_request),
        cost.peak_memory_bytes as f64 / 1_048_576.0
    );
}

fn thresholds(text: &mut String, results: &[ThresholdResult]) {
    if results.is_empty() {
        text.push_str("\nno thresholds: the file says nothing of what is good enough\n\n");
        return;
    }
    let mut table = Table::new();
    table.load_style(style::TABLE).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["threshold", "of", "measure", "limit", "measured"]);
    for result in results {
        // Shapes without colour: the table measures widths by characters.
        let mark = if result.holds { "● holds" } else { "■ BROKEN" };
        table.add_row([mark, &result.subject, result.limit.name(), &bound(result), &result.seen]);
    }
    for column in 3..5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let _ = writeln!(text, "\n{table}");
}

fn verdict(text: &mut String, judged: &Judged) {
    let style = match judged.outcome {
        Outcome::Pass => style::GOOD,
        Outcome::Fail => style::CRITICAL,
        Outcome::Invalid => style::WARN,
    };
    let _ = writeln!(text, "{style}{}{style:#}  {}", judged.word(), judged.meaning());
    for reason in judged.reasons() {
        let _ = writeln!(text, "  {} {reason}", style::symbol(Mark::Bad));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::load::testing;

    fn plain(judged: &Judged) -> String {
        anstream::adapter::strip_str(&render(judged)).to_string()
    }

    #[test]
    fn the_summary_says_what_was_measured_and_what_came_of_it() {
        insta::assert_snapshot!(plain(&testing::judged()));
    }

    #[test]
    fn a_run_that_was_stopped_and_dropped_says_so() {
        let mut report = testing::report();
        report.finished = false;
        report.elapsed_seconds = 30.0;
        report.streams[0].dropped = 12;
        let text = plain(&testing::judged_of(report));
        for part in [
            "INVALID  the test was stopped before its end",
            "■ it was stopped after 30 s of 120 s",
            "■ 12 arrivals were due while 61",
        ] {
            assert!(text.contains(part), "{part:?} is missing in\n{text}");
        }
    }

    #[test]
    fn long_names_are_cut_and_outcomes_stand_below_them() {
        let mut report = testing::report();
        let step = &mut report.streams[0].journeys[0].steps[0];
        step.step = "x".repeat(500);
        for status in 500..520 {
            step.outcomes.insert(status.to_string(), scenario::OutcomeMeasured::default());
        }
        let text = plain(&testing::judged_of(report));
        assert!(text.contains(&format!("{}…", "x".repeat(60))) && !text.contains(&"x".repeat(61)), "{text}");
        assert!(text.lines().all(|line| line.chars().count() < 160), "{text}");
    }

    #[test]
    fn without_thresholds_that_is_said() {
        let judged = Judged::new(testing::report(), Vec::new(), crate::output::load::Origin::Run);
        assert!(plain(&judged).contains("no thresholds"));
        assert!(plain(&judged).contains("PASS  the schedule was kept; there are no thresholds"));
    }
}
