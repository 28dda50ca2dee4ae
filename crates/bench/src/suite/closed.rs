//! As fast as it goes over 50 connections: what a request costs its generator, next to what it costs at least.

use super::report::ClosedRow;
use super::{Behaviour, Bench, Run};
use crate::generators::{Load, Shape};
use crate::machine::say;
use crate::spread::Spread;

/// Connections of a closed run: enough that neither side waits for the other.
const CONNECTIONS: u32 = 50;
/// The server is busy all the time. Where it had less than this share of its core, somebody else had the rest.
const BUSY: f64 = 0.9;

/// One run.
#[derive(Debug, Clone, Copy)]
struct Cost {
    per_cpu_second: f64,
    /// The same over the whole run, from the program's start to its end.
    whole: f64,
    /// Of the calibrator's, the mean of before and after; 1 for itself.
    ratio: f64,
    user_us: f64,
    system_us: f64,
    cpu_share: f64,
    server_share: f64,
}

impl Cost {
    fn of(run: &Run, calibrator_per_cpu_second: Option<f64>) -> Self {
        let requests = run.requests as f64;
        let per_cpu_second = requests / run.cpu.seconds();
        Self {
            per_cpu_second,
            whole: run.whole_requests as f64 / run.whole_cpu.seconds(),
            ratio: calibrator_per_cpu_second.map_or(1.0, |limit| per_cpu_second / limit),
            user_us: run.cpu.user_seconds / requests * 1e6,
            system_us: run.cpu.system_seconds / requests * 1e6,
            cpu_share: run.cpu.seconds() / run.seconds,
            server_share: run.server_cpu_seconds / run.seconds,
        }
    }
}

/// The calibrator's row first. Between any two generators the calibrator runs: each has one before and one after it.
pub(super) fn run(bench: &mut Bench<'_>) -> anyhow::Result<Vec<ClosedRow>> {
    let shape = Shape::Closed { connections: CONNECTIONS };
    let load = Load { shape, seconds: bench.pace.run, in_flight: CONNECTIONS };
    let calibration = Load { seconds: bench.pace.calibrator, ..load };
    let mut costs: Vec<Vec<Cost>> = vec![Vec::new(); bench.generators.len() + 1];
    for repetition in 1..=bench.pace.repetitions {
        say(&format!("closed, {CONNECTIONS} connections, {repetition} of {}", bench.pace.repetitions));
        let mut server = bench.server(Behaviour::Awake)?;
        let mut before = Cost::of(&bench.calibrate(&calibration, &mut server)?, None);
        costs[0].push(before);
        for index in 0..bench.generators.len() {
            let Some(run) = bench.measure(index, &load, &mut server) else { continue };
            let after = Cost::of(&bench.calibrate(&calibration, &mut server)?, None);
            let limit = f64::midpoint(before.per_cpu_second, after.per_cpu_second);
            costs[index + 1].push(Cost::of(&run, Some(limit)));
            costs[0].push(after);
            before = after;
        }
    }
    let busiest = Spread::of(costs[0].iter().map(|cost| cost.server_share));
    if let Some(Spread { median, .. }) = busiest
        && median < BUSY
    {
        bench.problem(format!(
            "other programs were busy on these cores: the server, which never sleeps, had {:.0} % of its own; measure again",
            median * 100.0
        ));
    }
    let names = std::iter::once("calibrator").chain(bench.generators.iter().map(|one| one.generator.name()));
    Ok(names.zip(costs).filter_map(|(name, costs)| row(name, &costs)).collect())
}

fn row(generator: &'static str, costs: &[Cost]) -> Option<ClosedRow> {
    let spread = |figure: fn(&Cost) -> f64| Spread::of(costs.iter().map(figure));
    Some(ClosedRow {
        generator,
        requests_per_cpu_second: spread(|cost| cost.per_cpu_second)?,
        whole_run_requests_per_cpu_second: spread(|cost| cost.whole)?,
        of_calibrator: spread(|cost| cost.ratio)?,
        user_us: spread(|cost| cost.user_us)?,
        system_us: spread(|cost| cost.system_us)?,
        cpu_share: spread(|cost| cost.cpu_share)?,
        server_share: spread(|cost| cost.server_share)?,
    })
}
