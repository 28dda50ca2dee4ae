//! A server that stops for 1 s in every 5: who tells what its visitors waited?

use std::time::Duration;

use super::report::StallRow;
use super::{Behaviour, Bench};
use crate::generators::{Load, Shape};
use crate::machine::say;
use crate::stall_truth::{EvenSchedule, truth};

/// The server's cycle.
const STALL: Duration = Duration::from_secs(1);
const EVERY: Duration = Duration::from_secs(5);
/// Visitors a second.
const PER_SECOND: u32 = 500;
/// Connections of those that can't keep a rate.
const CONNECTIONS: u32 = 50;

/// Whoever can't keep a rate plays as fast as it goes: that is what it is used for, and what it then reports.
pub(super) fn run(bench: &mut Bench<'_>) -> anyhow::Result<Vec<StallRow>> {
    say(&format!("stalls of {} s in every {} s, {PER_SECOND} a second", STALL.as_secs(), EVERY.as_secs()));
    // Twice what one stall holds back.
    let in_flight = PER_SECOND * 2;
    let open = Load { shape: Shape::Open { per_second: PER_SECOND }, seconds: bench.pace.stall, in_flight };
    let closed = Load { shape: Shape::Closed { connections: CONNECTIONS }, ..open };
    let mut rows = Vec::new();
    for index in 0..bench.generators.len() {
        let generator = bench.generators[index].generator.as_ref();
        let name = generator.name();
        if !generator.measures_latency() {
            continue;
        }
        let keeps_rate = generator.call(&open, 0).is_some();
        // What stands in another row with its rate need not be here without.
        if !keeps_rate
            && bench.generators.iter().any(|other| {
                other.generator.program() == generator.program() && other.generator.call(&open, 0).is_some()
            })
        {
            continue;
        }
        let load = if keeps_rate { open } else { closed };
        let mut server = bench.server(Behaviour::Stalls { stall: STALL, every: EVERY })?;
        let Some(run) = bench.measure(index, &load, &mut server) else { continue };
        let schedule =
            EvenSchedule { from_ns: run.began_ns, per_second: PER_SECOND.into(), seconds: f64::from(load.seconds) };
        let truth = truth(schedule, &server.stalls()?);
        let reported = match bench.generators[index].generator.reported(&run.stdout(), &run.directory) {
            Ok(reported) => Some(reported),
            Err(error) => {
                bench.problem(format!("{name} in the stall run: {error}"));
                None
            }
        };
        rows.push(StallRow {
            generator: name,
            keeps_rate,
            delivered_per_second: run.whole_requests as f64 / f64::from(load.seconds),
            truth,
            reported,
            off: reported.and_then(|reported| reported.off(&truth)),
        });
    }
    Ok(rows)
}
