//! A fixed rate, evenly spaced: what it costs, and how far arrivals at the server lie from it.

use super::report::OpenRow;
use super::{Behaviour, Bench, BenchServer, Run};
use crate::generators::{Load, Shape};
use crate::machine::say;
use crate::schedule_error::{ScheduleError, schedule_error};
use crate::spread::Spread;

/// The rates of the comparison, a second: one that timers can do, one that they can't.
pub(super) const RATES: [u32; 2] = [2_000, 20_000];
/// The demo's busiest minute is 4,200 arrivals.
pub(super) const DEMO_PER_SECOND: u32 = 70;
/// Requests under way at once on a server that answers immediately: far fewer.
const IN_FLIGHT: u32 = 100;

struct Seen {
    delivered: f64,
    cpu_share: f64,
    cpu_us: f64,
    error: ScheduleError,
}

/// Rows by rate, then by generator.
pub(super) fn run(bench: &mut Bench<'_>, rates: &[u32]) -> anyhow::Result<Vec<OpenRow>> {
    let mut rows = Vec::new();
    for &per_second in rates {
        let load = Load { shape: Shape::Open { per_second }, seconds: bench.pace.run, in_flight: IN_FLIGHT };
        let mut seen: Vec<Vec<Seen>> = bench.generators.iter().map(|_| Vec::new()).collect();
        for repetition in 1..=bench.pace.repetitions {
            say(&format!("open, {per_second} a second, {repetition} of {}", bench.pace.repetitions));
            for (index, seen) in seen.iter_mut().enumerate() {
                // Twice what is due: some send more than they are told.
                let mut server = bench.server(Behaviour::Records(per_second * load.seconds * 2 + 1000))?;
                let Some(run) = bench.measure(index, &load, &mut server) else { continue };
                seen.extend(look(&run, &mut server, &load, per_second)?);
            }
        }
        rows.extend(
            bench.generators.iter().zip(&seen).filter_map(|(one, seen)| row(one.generator.name(), per_second, seen)),
        );
    }
    Ok(rows)
}

/// Only the window counts: the first second is connections and compilers, the end is the generator's own.
fn look(run: &Run, server: &mut BenchServer, load: &Load, per_second: u32) -> anyhow::Result<Option<Seen>> {
    let mut at_ns = server.arrivals()?.at_ns;
    at_ns.retain(|at| (run.window_ns.0..run.window_ns.1).contains(at));
    let requests = run.requests as f64;
    Ok(schedule_error(&at_ns, per_second.into()).map(|error| Seen {
        // Of the whole run: some send by whole seconds, and a window has one burst more or less.
        delivered: run.whole_requests as f64 / f64::from(load.seconds),
        cpu_share: run.cpu.seconds() / run.seconds,
        cpu_us: run.cpu.seconds() / requests * 1e6,
        error,
    }))
}

fn row(generator: &'static str, wanted_per_second: u32, seen: &[Seen]) -> Option<OpenRow> {
    let spread = |figure: fn(&Seen) -> f64| Spread::of(seen.iter().map(figure));
    Some(OpenRow {
        generator,
        wanted_per_second,
        delivered_per_second: spread(|seen| seen.delivered)?,
        cpu_share: spread(|seen| seen.cpu_share)?,
        cpu_us: spread(|seen| seen.cpu_us)?,
        error_p50_ms: spread(|seen| seen.error.p50_ms)?,
        error_p99_ms: spread(|seen| seen.error.p99_ms)?,
        error_greatest_ms: spread(|seen| seen.error.greatest_ms)?,
    })
}
