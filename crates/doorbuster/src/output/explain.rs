//! A scenario minute by minute, as a table.

use comfy_table::{CellAlignment, ContentArrangement, Table};
use scenario::{ExplainedMinute, Explanation, MinutePrediction, Spread};

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
        "S: how long a connection is held. capacity: connections / S, in requests per minute. wait, errors and p95 are simulated from both;\n\
         in brackets, what errors are over a few seeds: inside that, a measurement is luck.",
    );
}

fn table(explanation: &Explanation) -> Table {
    let mut table = Table::new();
    table.load_style(style::TABLE).set_content_arrangement(ContentArrangement::Dynamic);
    let mut header = vec!["min".to_owned(), "phase".to_owned()];
    for stream in explanation.minutes.first().map(|m| m.streams.as_slice()).unwrap_or_default() {
        header.push(format!("{}/min", stream.stream));
        if retried(explanation, &stream.stream) {
            header.extend(["requests/min", "of them fail"].map(str::to_owned));
        }
        if queued(explanation, &stream.stream) {
            header.extend(["S", "capacity", "wait"].map(str::to_owned));
        }
        header.extend(["errors", "p95"].map(str::to_owned));
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
    at_any_minute(explanation, stream, |m| m.capacity_per_second.is_some())
}

/// Whether a stream's clients send requests again at any minute.
fn retried(explanation: &Explanation, stream: &str) -> bool {
    at_any_minute(explanation, stream, |m| m.requests_per_minute > m.arrivals_per_minute)
}

fn at_any_minute(explanation: &Explanation, stream: &str, is_so: impl Fn(&MinutePrediction) -> bool) -> bool {
    explanation.minutes.iter().flat_map(|m| &m.streams).any(|m| m.stream == stream && is_so(m))
}

/// A share, and what it is over a few seeds where that is another percentage.
fn share(share: f64, spread: Option<Spread>) -> String {
    let text = style::percent(Some(share));
    let whole = |share: f64| (share * 100.0).round();
    match spread {
        Some(spread) if whole(spread.low) < whole(spread.high) => {
            format!("{text} ({:.0}-{:.0})", whole(spread.low), whole(spread.high))
        }
        _ => text,
    }
}

fn row(explanation: &Explanation, minute: &ExplainedMinute) -> Vec<String> {
    let mut cells = vec![format!("{:.0}", minute.minute), minute.phase.clone().unwrap_or_default()];
    for stream in &minute.streams {
        cells.push(format!("{:.0}", stream.arrivals_per_minute));
        if retried(explanation, &stream.stream) {
            cells.push(format!("{:.0}", stream.requests_per_minute));
            cells.push(share(stream.request_error_rate, stream.request_error_rate_spread));
        }
        if queued(explanation, &stream.stream) {
            cells.push(style::latency(stream.service_time_ms));
            cells.push(stream.capacity_per_second.map_or_else(String::new, |c| format!("{:.0}", c * 60.0)));
            cells.push(style::latency(stream.wait_ms));
        }
        cells.push(share(stream.error_rate, stream.error_rate_spread));
        cells.push(style::latency(stream.p95_ms));
    }
    cells.push(minute.faults.join(", "));
    let alert = |a: &scenario::ExpectedAlertNow| format!("{} {}-{}", a.monitor, a.fires.0, a.fires.1);
    cells.push(minute.alerts.iter().map(alert).collect::<Vec<_>>().join(", "));
    cells
}
