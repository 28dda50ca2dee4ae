//! 4,000 requests under way at once: what each takes.

use super::report::MemoryRow;
use super::{Behaviour, Bench};
use crate::generators::{Generator, Load, Shape};
use crate::machine::say;

/// Requests that wait for their answer at once.
const IN_FLIGHT: u32 = 4_000;
/// Whoever is open gets a rate that puts 4,000 under way while the server holds each; whoever is not, 4,000 connections.
///
/// Against the same run with one request under way: what it takes to be there at all, and to hold what it learned of a
/// handful of answers, is not of the 4,000.
pub(super) fn run(bench: &mut Bench<'_>) -> anyhow::Result<Vec<MemoryRow>> {
    let hold_seconds = u32::try_from(bench.pace.hold.as_secs()).unwrap_or(u32::MAX).max(1);
    let mut rows = Vec::new();
    say(&format!("memory, {IN_FLIGHT} in flight"));
    for index in 0..bench.generators.len() {
        let generator = bench.generators[index].generator.as_ref();
        let name = generator.name();
        let busy =
            Load { shape: shape(generator, IN_FLIGHT, hold_seconds), seconds: hold_seconds + 2, in_flight: IN_FLIGHT };
        let idle = Load { shape: shape(generator, 1, 1), in_flight: 1, ..busy };
        let mut server = bench.server(Behaviour::Holds(bench.pace.hold))?;
        let Some(idle) = bench.measure(index, &idle, &mut server) else { continue };
        let mut server = bench.server(Behaviour::Holds(bench.pace.hold))?;
        let Some(busy) = bench.measure(index, &busy, &mut server) else { continue };
        let in_flight = server.stats()?.most_in_flight;
        let mib = |bytes: u64| bytes as f64 / 1024.0 / 1024.0;
        let more = mib(busy.peak_memory) - mib(idle.peak_memory);
        rows.push(MemoryRow {
            generator: name,
            in_flight,
            idle_mib: mib(idle.peak_memory),
            peak_mib: mib(busy.peak_memory),
            mib_per_1000: more / (in_flight as f64 / 1000.0),
        });
    }
    Ok(rows)
}

fn shape(generator: &dyn Generator, in_flight: u32, hold_seconds: u32) -> Shape {
    if generator.is_open() {
        Shape::Open { per_second: (in_flight / hold_seconds).max(1) }
    } else {
        Shape::Closed { connections: in_flight }
    }
}
