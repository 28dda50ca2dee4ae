//! All parts in order, and what is printed at the end.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;

use super::arguments::{Only, RunOptions};
use super::batches::Batches;
use super::report::{Report, Traffic};
use super::{questions, subject, table, throughput};
use crate::machine::{description, say};

/// What spans are spread over: the hour before they are sent.
const HOUR_NS: u64 = 3600 * 1_000_000_000;

/// Runs what is asked for and prints it.
pub(super) fn run(options: &RunOptions) -> anyhow::Result<ExitCode> {
    let program = subject::doorbuster(options.doorbuster.as_deref())?;
    let (bytes_each, attributes_each) = traffic(options, 10_000, 0).means();
    let mut report = Report {
        machine: description(),
        traffic: Traffic { bytes_each, attributes_each, batch: options.batch, connections: options.connections },
        budget_mib: options.memory,
        ..Report::default()
    };
    if options.does(Only::Throughput) {
        say(&format!("what a span costs: {} spans, {} times", options.throughput_spans(), options.repetitions()));
        report.throughput = throughput::run(options, &program)?;
    }
    if options.does(Only::Questions) {
        say(&format!("memory and questions: {} spans, then half as many more", options.spans()));
        let (memory, visible, questions) = questions::run(options, &program)?;
        (report.memory, report.visible, report.questions) = (memory, visible, questions);
    }
    report.targets = report.judge();
    writeln!(io::stdout(), "{}", table::text(&report))?;
    if let Some(file) = &options.json {
        let json = serde_json::to_string_pretty(&report)?;
        std::fs::write(file, json + "\n").with_context(|| format!("write {}", file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Batches of the last hour that have `spans` spans in all; each `part` is other traffic.
pub(super) fn traffic(options: &RunOptions, spans: u64, part: u64) -> Batches {
    let batch = usize::try_from(options.batch).unwrap_or(usize::MAX);
    Batches::new(spans, batch, now_ns() - HOUR_NS, HOUR_NS, options.seed.wrapping_mul(1000).wrapping_add(part))
}

/// Now, in Unix nanoseconds.
pub(super) fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
