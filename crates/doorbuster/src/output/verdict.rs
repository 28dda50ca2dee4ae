//! The verdict as a table: expected, predicted, measured, row by row.

use comfy_table::{ContentArrangement, Table};
use scenario::{Check, Outcome, RowOutcome, Verdict};

use super::style::{self, Mark};

/// Prints the table, and below it the verdict with its reasons.
pub(crate) fn print(verdict: &Verdict) {
    super::line(&table(verdict).to_string());
    print_outcome(verdict);
}

/// Prints the verdict in words, with its reasons.
fn print_outcome(verdict: &Verdict) {
    let (style, word) = match verdict.outcome {
        Outcome::Pass => (style::GOOD, "PASS"),
        Outcome::Fail => (style::CRITICAL, "FAIL"),
        Outcome::Invalid => (style::WARN, "INVALID"),
    };
    super::line(&format!("{style}{word}{style:#}  {}", meaning(verdict)));
    for reason in &verdict.reasons {
        super::line(&format!("  {} {reason}", style::symbol(Mark::Bad)));
    }
    for error in &verdict.prediction_error {
        super::line(&format!(
            "prediction: error rate of {} off by {:.1} points on average over {} minutes with faults",
            error.stream, error.points, error.minutes
        ));
    }
}

fn meaning(verdict: &Verdict) -> &'static str {
    let has_proofs = verdict.rows.iter().any(|row| row.figures.check == Check::Proof);
    match verdict.outcome {
        Outcome::Pass if !has_proofs => "nothing was broken, every expectation was met",
        Outcome::Pass => "the fault was real, every expectation was met, everything is as it was",
        Outcome::Fail if !has_proofs => "nothing was broken, and not every expectation was met",
        Outcome::Fail => "the fault was real, but not every expectation was met",
        Outcome::Invalid => "nothing can be said about the monitoring",
    }
}

fn table(verdict: &Verdict) -> Table {
    let mut table = Table::new();
    table.load_style(style::TABLE).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["", "what", "expected", "predicted", "measured"]);
    for row in &verdict.rows {
        // Shapes without colour: the table measures widths by characters.
        let mark = match row.outcome {
            RowOutcome::Pass => "● ok",
            RowOutcome::Fail => "■ FAIL",
            RowOutcome::Invalid => "▲ INVALID",
        };
        let measured =
            if row.note.is_empty() { row.measured.clone() } else { format!("{}\n{}", row.measured, row.note) };
        table.add_row([mark.to_owned(), row.what.clone(), row.expected.clone(), row.predicted.clone(), measured]);
    }
    table
}
