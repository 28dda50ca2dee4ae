//! The report as tables for people. Median first; least and greatest of the repetitions behind it where they matter.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};

use super::report::{ClosedRow, MemoryRow, OpenRow, Report, StallRow};
use crate::spread::Spread;

/// Within this share of what it was told, a generator keeps its rate; off it, its error grows with the length of the run.
const KEEPS_RATE: f64 = 0.01;
/// Percentiles within this share of the truth tell it.
const TELLS_TRUTH: f64 = 0.01;
/// Percentiles off by more than this are of another server.
const BLIND: f64 = 0.5;

/// All tables that have rows, under their headings.
pub(super) fn text(report: &Report) -> String {
    let mut text = format!("{}\n", report.machine);
    let versions: Vec<String> = report
        .here
        .iter()
        .filter(|one| !one.version.is_empty())
        .map(|one| format!("{}: {}", one.generator, one.version))
        .collect();
    let _ = writeln!(text, "{}", versions.join("; "));
    let mut part = |heading: &str, table: Option<Table>| {
        if let Some(table) = table {
            let _ = write!(text, "\n{heading}\n\n{table}\n");
        }
    };
    part("closed: 50 connections, keep-alive, as fast as it goes", closed(&report.closed));
    part("open: evenly spaced; distance of arrivals at the server from the schedule", open(&report.open));
    part("memory: 4,000 requests in flight", memory(&report.memory));
    part("stall: the server stops for 1 s in every 5; 500 a second", stall(&report.stall));
    part("the demo's rate: 4,200 a minute", open(&report.demo));
    for line in report.problems.iter().chain(&report.missing) {
        let _ = write!(text, "\n- {line}");
    }
    text
}

fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(headings.iter().copied());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn closed(rows: &[ClosedRow]) -> Option<Table> {
    let mut table = table(&[
        "generator",
        "requests per CPU-second",
        "of the calibrator",
        "us user",
        "us system",
        "its core",
        "the server's core",
    ]);
    for row in rows {
        table.add_row([
            row.generator.to_owned(),
            ranged(row.requests_per_cpu_second, thousands),
            ranged(row.of_calibrator, |value| format!("{value:.2}")),
            ranged(row.user_us, |value| format!("{value:.2}")),
            ranged(row.system_us, |value| format!("{value:.2}")),
            percent(row.cpu_share.median),
            percent(row.server_share.median),
        ]);
    }
    (!rows.is_empty()).then_some(table)
}

fn open(rows: &[OpenRow]) -> Option<Table> {
    let mut table =
        table(&["generator", "wanted", "delivered", "of a core", "us per request", "error p50 ms", "error p99 ms"]);
    for row in rows {
        let off = row.delivered_per_second.median / f64::from(row.wanted_per_second) - 1.0;
        let error = |spread| {
            if off.abs() <= KEEPS_RATE {
                ranged(spread, milliseconds)
            } else {
                if off < 0.0 { "falls behind" } else { "runs ahead" }.to_owned()
            }
        };
        table.add_row([
            row.generator.to_owned(),
            thousands(row.wanted_per_second.into()),
            thousands(row.delivered_per_second.median),
            ranged(row.cpu_share, percent),
            format!("{:.1}", row.cpu_us.median),
            error(row.error_p50_ms),
            error(row.error_p99_ms),
        ]);
    }
    (!rows.is_empty()).then_some(table)
}

fn memory(rows: &[MemoryRow]) -> Option<Table> {
    let mut table = table(&["generator", "in flight", "idle MiB", "peak MiB", "MiB per 1,000"]);
    for row in rows {
        table.add_row([
            row.generator.to_owned(),
            thousands(row.in_flight as f64),
            format!("{:.1}", row.idle_mib),
            format!("{:.1}", row.peak_mib),
            format!("{:.1}", row.mib_per_1000),
        ]);
    }
    (!rows.is_empty()).then_some(table)
}

fn stall(rows: &[StallRow]) -> Option<Table> {
    let mut table = table(&[
        "generator",
        "rate",
        "p50 ms",
        "p90 ms",
        "p95 ms",
        "p99 ms",
        "truth p90 / p95 / p99",
        "off by",
        "verdict",
    ]);
    for row in rows {
        let said = row.reported.unwrap_or_default();
        let ms = |value: Option<f64>| value.map_or("-".to_owned(), milliseconds);
        let verdict = match row.off {
            None => "does not say",
            Some(off) if off <= TELLS_TRUTH => "true",
            Some(off) if off <= BLIND => "off",
            Some(_) => "blind",
        };
        table.add_row([
            row.generator.to_owned(),
            if row.keeps_rate { thousands(row.delivered_per_second) } else { "its own".to_owned() },
            ms(said.p50_ms),
            ms(said.p90_ms),
            ms(said.p95_ms),
            ms(said.p99_ms),
            [row.truth.p90_ms, row.truth.p95_ms, row.truth.p99_ms].map(ms).join(" / "),
            row.off.map_or("-".to_owned(), |off| format!("{:.1} %", off * 100.0)),
            verdict.to_owned(),
        ]);
    }
    (!rows.is_empty()).then_some(table)
}

/// `median (least-greatest)`, or the one figure if they print alike.
fn ranged(spread: Spread, print: impl Fn(f64) -> String) -> String {
    let (least, greatest) = (print(spread.least), print(spread.greatest));
    if least == greatest { least } else { format!("{} ({least}-{greatest})", print(spread.median)) }
}

fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent < 10.0 { format!("{percent:.2} %") } else { format!("{percent:.0} %") }
}

fn milliseconds(ms: f64) -> String {
    if ms < 10.0 { format!("{ms:.2}") } else { format!("{ms:.0}") }
}

fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
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
    use crate::stall_truth::Percentiles;

    #[test]
    fn figures_read_well() {
        assert_eq!([0.4, 999.0, 1000.0, 1_234_567.0].map(thousands), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.004, 0.5].map(percent), ["0.40 %", "50 %"]);
        let spread = Spread { median: 2.0, least: 1.0, greatest: 3.0 };
        assert_eq!(ranged(spread, |value| format!("{value:.0}")), "2 (1-3)");
        assert_eq!(ranged(Spread { least: 2.0, greatest: 2.0, ..spread }, |value| format!("{value:.0}")), "2");
    }

    #[test]
    fn a_verdict_follows_the_distance_from_the_truth() {
        let truth = Percentiles { p50_ms: Some(0.0), p90_ms: Some(504.0), p95_ms: Some(753.0), p99_ms: Some(951.0) };
        let row = |p99_ms| {
            let reported = Percentiles { p99_ms: Some(p99_ms), ..truth };
            let off = reported.off(&truth);
            StallRow {
                generator: "x",
                keeps_rate: true,
                delivered_per_second: 500.0,
                truth,
                reported: Some(reported),
                off,
            }
        };
        let printed = stall(&[row(950.0), row(700.0), row(0.21)]).expect("rows").to_string();
        let verdicts: Vec<&str> =
            printed.lines().skip(2).filter_map(|line| line.trim_end_matches([' ', '|']).rsplit(' ').next()).collect();
        assert_eq!(verdicts, ["true", "off", "blind"], "{printed}");
    }

    #[test]
    fn a_rate_that_is_not_kept_has_no_error_to_show() {
        let one = |value| Spread { median: value, least: value, greatest: value };
        let row = OpenRow {
            generator: "x",
            wanted_per_second: 2000,
            delivered_per_second: one(1800.0),
            cpu_share: one(0.1),
            cpu_us: one(1.0),
            error_p50_ms: one(300.0),
            error_p99_ms: one(500.0),
            error_greatest_ms: one(500.0),
        };
        assert!(open(&[row]).expect("a row").to_string().contains("falls behind"));
    }
}
