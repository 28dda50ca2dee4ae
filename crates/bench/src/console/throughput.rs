//! What a span costs over each protocol, beside what it costs to carry its bytes.

use std::path::Path;
use std::time::Instant;

use super::arguments::RunOptions;
use super::report::ThroughputRow;
use super::run::traffic;
use super::send::{Protocol, Sent, send};
use super::subject::Subject;
use crate::process::CpuTime;
use crate::spread::Spread;

/// One run of one protocol.
struct Run {
    accepted_per_second: f64,
    stored_per_second: f64,
    cpu: CpuTime,
    sink: CpuTime,
    spans: u64,
    asked_to_wait: u64,
    rejected: u64,
    peak_memory: u64,
}

/// A row for each protocol. Repetitions are the outermost loop, so that a bad minute does not meet one protocol alone.
pub(super) fn run(options: &RunOptions, program: &Path) -> anyhow::Result<Vec<ThroughputRow>> {
    let mut runs: Vec<(Protocol, Vec<Run>)> = Protocol::ALL.map(|protocol| (protocol, Vec::new())).into();
    for repetition in 0..options.repetitions() {
        for (protocol, runs) in &mut runs {
            runs.push(once(options, program, *protocol, repetition)?);
        }
    }
    Ok(runs.iter().filter_map(|(protocol, runs)| row(*protocol, runs)).collect())
}

fn once(options: &RunOptions, program: &Path, protocol: Protocol, repetition: u64) -> anyhow::Result<Run> {
    let batches = traffic(options, options.throughput_spans(), repetition);
    let numbers = 0..batches.numbers_of(options.throughput_spans());
    let connections = usize::try_from(options.connections).unwrap_or(usize::MAX);

    let sink = Subject::sink()?;
    let before = sink.child.cpu()?;
    send(protocol, sink.ports, connections, &batches, numbers.clone())?;
    let sink_cpu = sink.child.cpu()?.since(&before);
    drop(sink);

    let mut console = Subject::console(program, options.memory)?;
    let before = console.child.cpu()?;
    let Sent { spans, asked_to_wait, took, .. } = send(protocol, console.ports, connections, &batches, numbers)?;
    let sent_at = Instant::now();
    let health = console.wait_until_stored(spans)?;
    let stored = took + sent_at.elapsed();
    let cpu = console.child.cpu()?.since(&before);
    Ok(Run {
        accepted_per_second: spans as f64 / took.as_secs_f64(),
        stored_per_second: health.spans_received as f64 / stored.as_secs_f64(),
        cpu,
        sink: sink_cpu,
        spans,
        asked_to_wait,
        rejected: health.spans_dropped,
        peak_memory: console.child.peak_memory(),
    })
}

fn row(protocol: Protocol, runs: &[Run]) -> Option<ThroughputRow> {
    let spread = |of: fn(&Run) -> f64| Spread::of(runs.iter().map(of));
    Some(ThroughputRow {
        protocol: protocol.name(),
        spans: runs.first()?.spans,
        accepted_per_second: spread(|run| run.accepted_per_second)?,
        stored_per_second: spread(|run| run.stored_per_second)?,
        cpu_seconds_per_million: spread(|run| run.cpu.seconds() * 1e6 / run.spans as f64)?,
        user_seconds_per_million: spread(|run| run.cpu.user_seconds * 1e6 / run.spans as f64)?,
        spans_per_cpu_second: spread(|run| run.spans as f64 / run.cpu.seconds())?,
        sink_cpu_seconds_per_million: spread(|run| run.sink.seconds() * 1e6 / run.spans as f64)?,
        times_the_sink: spread(|run| run.cpu.seconds() / run.sink.seconds())?,
        asked_to_wait: runs.iter().map(|run| run.asked_to_wait).sum(),
        rejected: runs.iter().map(|run| run.rejected).sum(),
        peak_memory_mib: runs.iter().map(|run| run.peak_memory).max()? as f64 / f64::from(1 << 20),
    })
}
