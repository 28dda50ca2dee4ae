//! A run's record in the console's words. Pure.

use std::path::Path;

use console::story::{Breakdown, Cost, Ended, PhaseFootprint, RunFacts, ServiceTimes};
use scenario::{Clock, Scenario};

use crate::run_folder::{MONITORS, Monitored, SCENARIO};
use crate::{CalibrationLook, CheckoutStats, Footprint, RunRecord};

/// The facts of a run; `folder` is where it is kept, for the command that plays it again.
pub(super) fn of(record: &RunRecord, scenario: &Scenario, text: &str, folder: &Path, ended_minute: f64) -> RunFacts {
    RunFacts {
        id: record.id.clone(),
        scenario: record.scenario.clone(),
        title: scenario.title.clone(),
        doorbuster: record.doorbuster.clone(),
        speed: record.speed,
        seed: record.seed,
        calibration: record.calibration.clone(),
        monitors: record.monitors.name().to_owned(),
        started_at: record.started_at.clone(),
        start_unix: record.start_unix,
        ended_minute,
        ended: match record.ended {
            crate::Ended::Finished => Ended::Finished,
            crate::Ended::Interrupted => Ended::Interrupted,
            crate::Ended::Broke => Ended::Broke,
        },
        request_digest: record.request_digest.clone(),
        first_trace_seconds: record.first_trace_seconds,
        ready_seconds: record.ready_seconds,
        footprint: record.footprint_by_phase.iter().map(|(phase, cost)| footprint(phase, cost)).collect(),
        cost: record.checkouts.as_ref().map(cost),
        service_times: service_times(&record.calibration_looks),
        reproduce: reproduce(record, text, folder),
    }
}

/// Where a run ended: its last minute, or where it was cut short; of runs that do not say, the last that was measured.
pub(super) fn ended_minute(record: &RunRecord, scenario: &Scenario, last_measured: f64) -> f64 {
    match (record.ended_minute, record.ended) {
        (Some(minute), _) => minute.clamp(0.0, scenario.minutes),
        (None, crate::Ended::Finished) => scenario.minutes,
        (None, _) => last_measured.clamp(0.0, scenario.minutes),
    }
}

/// The clock that the run had.
pub(super) fn clock(record: &RunRecord) -> Clock {
    Clock { start_unix: record.start_unix, speed: record.speed }
}

fn breakdown<'a>(parts: impl Iterator<Item = (&'a String, f64)>) -> Vec<Breakdown> {
    let mut parts: Vec<Breakdown> = parts.map(|(name, amount)| Breakdown { name: name.clone(), amount }).collect();
    parts.sort_by(|a, b| b.amount.total_cmp(&a.amount));
    parts
}

fn footprint(phase: &str, cost: &Footprint) -> PhaseFootprint {
    PhaseFootprint {
        phase: phase.to_owned(),
        total_mib: cost.total_mib,
        processes: cost.processes,
        cpus: cost.cpus,
        parts: breakdown(cost.by_part_mib.iter().map(|(name, mib)| (name, *mib))),
    }
}

fn cost(checkouts: &CheckoutStats) -> Cost {
    Cost {
        failed_checkouts: checkouts.failed,
        lost_revenue_usd: checkouts.lost_revenue_usd,
        by_stream_usd: breakdown(checkouts.by_traffic_type.iter().map(|(name, lost)| (name, lost.lost_revenue_usd))),
    }
}

/// `None` where nobody looked.
fn service_times(looks: &[CalibrationLook]) -> Option<ServiceTimes> {
    let worst_deviation = looks.iter().map(|look| look.deviation().abs()).max_by(f64::total_cmp)?;
    let mut scans: Vec<f64> = looks.iter().map(|look| look.scan_ms).collect();
    scans.sort_by(f64::total_cmp);
    Some(ServiceTimes {
        looks: u32::try_from(looks.len()).unwrap_or(u32::MAX),
        worst_deviation,
        scan_median_ms: scans[scans.len() / 2],
        overshot: u32::try_from(looks.iter().filter(|look| look.overshoot_ms().is_some()).count()).unwrap_or(u32::MAX),
    })
}

/// The command that plays the same again: the shipped scenario by its name, any other from the run's own copy.
fn reproduce(record: &RunRecord, text: &str, folder: &Path) -> String {
    let is_shipped = scenario::shipped().iter().any(|(name, shipped)| *name == record.scenario && *shipped == text);
    let kept = |name: &str| folder.join(name).display().to_string();
    let what = if is_shipped { record.scenario.clone() } else { kept(SCENARIO) };
    let mut command = format!("doorbuster demo {what} --speed {} --seed {}", record.speed, record.seed);
    if record.calibration == crate::Calibration::None.name() {
        command.push_str(" --calibration none");
    }
    if record.monitors == Monitored::Own {
        command.push_str(&format!(" --monitors {}", kept(MONITORS)));
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::told::testing::record;

    #[test]
    fn a_shipped_scenario_is_played_again_by_name_and_any_other_from_the_runs_copy() {
        let text = scenario::shipped().iter().find(|(name, _)| *name == "black-friday").expect("shipped").1;
        let folder = Path::new("runs/black-friday-1");
        assert_eq!(reproduce(&record(), text, folder), "doorbuster demo black-friday --speed 10 --seed 7");
        let own = RunRecord { calibration: "none".into(), monitors: Monitored::Own, ..record() };
        assert_eq!(
            reproduce(&own, "name: black-friday # changed", folder),
            "doorbuster demo runs/black-friday-1/scenario.yaml --speed 10 --seed 7 --calibration none \
             --monitors runs/black-friday-1/monitors.yaml"
        );
    }
}
