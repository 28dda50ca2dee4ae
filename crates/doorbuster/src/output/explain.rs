//! A scenario minute by minute, as a table.

use comfy_table::{CellAlignment, ContentArrangement, Table};
use scenario::{ExplainedMinute, Explanation, MinutePrediction};

use super::style;

/// Prints what is known about a run beforehand.
pub(crate) fn print(explanation: &Explanation) {
    let minutes = explanation.real_seconds / 60.0;
    super::line(&format!(
        "{}{}{:#}  {}\nseed {}, speed {} ({minutes:.1} real minutes), requests {}",
        style::BOLD,
        explanation.scenario,
        style::BOLD,
        explanation.title,
        explanation.seed,
        explanation.speed,
        explanation.request_digest.get(..16).unwrap_or_default(),
    ));
    super::line(&table(explanation).to_string());
    super::line(
        "S: how long a connection is held. capacity: connections / S, in requests per minute. Errors and p95 are simulated from both.",
    );
}

fn table(explanation: &Explanation) -> Table {
    let mut table = Table::new();
    table.load_style(style::TABLE).set_content_arrangement(ContentArrangement::Dynamic);
    let mut header = vec!["min".to_owned(), "phase".to_owned()];
    for stream in explanation.minutes.first().map(|m| m.streams.as_slice()).unwrap_or_default() {
        header.push(format!("{}/min", stream.stream));
        if queued(explanation, &stream.stream) {
            header.extend(["S", "capacity", "errors", "p95"].map(str::to_owned));
        } else {
            header.extend(["errors", "p95"].map(str::to_owned));
        }
    }
    header.extend(["faults", "alerts expected"].map(str::to_owned));
    let columns = header.len();
    table.set_header(header);
    for minute in &explanation.minutes {
        table.add_row(row(explanation, minute));
    }
    for column in (0..columns).filter(|c| *c != 1 && *c < columns - 2) {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Whether a stream waits in a queue at any minute.
fn queued(explanation: &Explanation, stream: &str) -> bool {
    let of = |m: &&MinutePrediction| m.stream == stream && m.capacity_per_second.is_some();
    explanation.minutes.iter().any(|m| m.streams.iter().any(|s| of(&s)))
}

fn row(explanation: &Explanation, minute: &ExplainedMinute) -> Vec<String> {
    let mut cells = vec![format!("{:.0}", minute.minute), minute.phase.clone().unwrap_or_default()];
    for stream in &minute.streams {
        cells.push(format!("{:.0}", stream.arrivals_per_minute));
        if queued(explanation, &stream.stream) {
            cells.push(style::latency(stream.service_time_ms));
            cells.push(stream.capacity_per_second.map_or_else(String::new, |c| format!("{:.0}", c * 60.0)));
        }
        cells.push(style::percent(Some(stream.error_rate)));
        cells.push(style::latency(stream.p95_ms));
    }
    cells.push(minute.faults.join(", "));
    let alert = |a: &scenario::ExpectedAlertNow| format!("{} {}-{}", a.monitor, a.fires.0, a.fires.1);
    cells.push(minute.alerts.iter().map(alert).collect::<Vec<_>>().join(", "));
    cells
}
