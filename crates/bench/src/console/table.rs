//! The report as tables for people.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};

use super::report::Report;
use crate::spread::Spread;

/// All tables that have rows, under their headings.
pub(super) fn text(report: &Report) -> String {
    let traffic = &report.traffic;
    let mut text = format!(
        "{}\nspans of {:.0} bytes with {:.1} attributes, up to {} a batch, {} connections, budget {} MiB\n",
        report.machine,
        traffic.bytes_each,
        traffic.attributes_each,
        traffic.batch,
        traffic.connections,
        report.budget_mib,
    );
    let mut part = |heading: &str, headings: &[&str], rows: Vec<Vec<String>>| {
        if !rows.is_empty() {
            let mut table = Table::new();
            table.load_style(ASCII_MARKDOWN).set_header(headings.iter().copied());
            table.add_rows(rows);
            for column in table.column_iter_mut().skip(1) {
                column.set_cell_alignment(CellAlignment::Right);
            }
            let _ = write!(text, "\n{heading}\n\n{table}\n");
        }
    };
    part("**what a span costs**: median (least-greatest) of the runs", &THROUGHPUT, throughput(report));
    part("**memory**", &["spans", "at hand", "evicted", "store's account, MiB", "peak, MiB"], memory(report));
    part("**until a trace can be looked at**", &["", "traces", "p50 ms", "max ms"], visible(report));
    part("**questions**, over HTTP", &["", "found", "p50 ms", "max ms", ""], questions(report));
    let targets = report.targets.iter().map(|target| {
        let verdict = if target.is_met { "met" } else { "**missed**" };
        vec![target.what.clone(), target.wanted.clone(), target.measured.clone(), verdict.to_owned()]
    });
    part("**targets**", &["", "wanted", "measured", ""], targets.collect());
    text
}

const THROUGHPUT: [&str; 9] = [
    "protocol",
    "spans per CPU-second",
    "CPU s per million",
    "of it user",
    "sink's CPU s per million",
    "times the sink",
    "accepted/s",
    "stored/s",
    "put off",
];

fn throughput(report: &Report) -> Vec<Vec<String>> {
    let rows = report.throughput.iter().map(|row| {
        vec![
            row.protocol.to_owned(),
            whole(row.spans_per_cpu_second),
            spread(row.cpu_seconds_per_million),
            format!("{:.2}", row.user_seconds_per_million.median),
            spread(row.sink_cpu_seconds_per_million),
            format!("{:.1}", row.times_the_sink.median),
            thousands(row.accepted_per_second.median),
            thousands(row.stored_per_second.median),
            row.asked_to_wait.to_string(),
        ]
    });
    rows.collect()
}

fn memory(report: &Report) -> Vec<Vec<String>> {
    let rows = report.memory.iter().map(|row| {
        let count = |spans: u64| thousands(spans as f64);
        vec![
            count(row.spans),
            count(row.kept_at_hand),
            count(row.evicted),
            format!("{:.0}", row.store_mib),
            format!("{:.0}", row.peak_mib),
        ]
    });
    rows.collect()
}

fn visible(report: &Report) -> Vec<Vec<String>> {
    let rows = report
        .visible
        .iter()
        .map(|row| vec![row.when.to_owned(), row.traces.to_string(), ms(row.ms.median), ms(row.ms.greatest)]);
    rows.collect()
}

fn questions(report: &Report) -> Vec<Vec<String>> {
    let rows = report.questions.iter().map(|row| {
        let found = if row.found > 0 { row.found.to_string() } else { String::new() };
        let lack = row.lack.clone().unwrap_or_default();
        vec![row.question.clone(), found, ms(row.ms.median), ms(row.ms.greatest), lack]
    });
    rows.collect()
}

fn ms(ms: f64) -> String {
    format!("{ms:.1}")
}

fn spread(spread: Spread) -> String {
    format!("{:.2} ({:.2}-{:.2})", spread.median, spread.least, spread.greatest)
}

fn whole(spread: Spread) -> String {
    format!("{} ({}-{})", thousands(spread.median), thousands(spread.least), thousands(spread.greatest))
}

/// `1234567` as `1,234,567`.
fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_have_commas() {
        assert_eq!([0.0, 999.4, 1000.0, 1_234_567.0].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }
}
