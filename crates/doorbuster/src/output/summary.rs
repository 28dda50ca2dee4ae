//! What a run cost and what it took, in a few lines below the verdict.

use stage::{CalibrationLook, CheckoutStats, Footprint, RunIncident, RunRecord};

use super::style::{self, Mark};

/// Prints what there is to say; nothing where nothing was measured.
pub(crate) fn print(record: &RunRecord) {
    lines(record).iter().for_each(|line| super::line(line));
}

fn lines(record: &RunRecord) -> Vec<String> {
    let incidents = record.incidents.iter().map(|one| Some(incident(one)));
    let checkouts = record.checkouts.as_ref().filter(|c| c.failed > 0).map(lost);
    let heaviest = record.footprint_by_phase.iter().max_by(|a, b| a.1.total_mib.total_cmp(&b.1.total_mib));
    let rest =
        [checkouts, calibration(&record.calibration_looks), heaviest.map(|(phase, cost)| footprint(phase, cost))];
    incidents.chain(rest).flatten().collect()
}

fn incident(incident: &RunIncident) -> String {
    let until = match incident.resolved {
        Some(minute) => format!("resolved at {minute:.2}"),
        None => "still open at the end".to_owned(),
    };
    format!(
        "incident: {}, opened at minute {:.2}, {until} ({})",
        incident.title,
        incident.opened,
        incident.monitors.join(", ")
    )
}

fn lost(checkouts: &CheckoutStats) -> String {
    format!("lost revenue: ${:.2} in {} failed checkouts", checkouts.lost_revenue_usd, checkouts.failed)
}

/// How near statements came to their targets; none where nobody looked.
fn calibration(looks: &[CalibrationLook]) -> Option<String> {
    let worst = looks.iter().map(|l| l.deviation().abs()).max_by(f64::total_cmp)?;
    let mut scans: Vec<f64> = looks.iter().map(|l| l.scan_ms).collect();
    scans.sort_by(f64::total_cmp);
    let overshoot = looks.iter().filter(|l| l.overshoot_ms().is_some()).count();
    let text = format!(
        "service time: within {:.1} % of its target in {} looks; the scan alone took {:.0} ms (median)",
        worst * 100.0,
        looks.len(),
        scans[scans.len() / 2],
    );
    Some(match overshoot {
        0 => text,
        n => format!(
            "{} {text}; {n} looks were overshoot: this machine is slower than the scenario asks",
            style::symbol(Mark::Warn)
        ),
    })
}

fn footprint(phase: &str, cost: &Footprint) -> String {
    format!(
        "cost of everything in {phase}, at most: {:.0} MiB in {} processes, {:.1} processors",
        cost.total_mib, cost.processes, cost.cpus
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_look_stands_for_the_calibration() {
        let look = |scan_ms: f64, total_ms: f64| CalibrationLook {
            fault: "f".into(),
            minute: 20.0,
            target_ms: 1000.0,
            scan_ms,
            total_ms,
        };
        assert_eq!(calibration(&[]), None);
        let text = calibration(&[look(12.0, 1004.0), look(40.0, 1030.0), look(15.0, 990.0)]).expect("looked at");
        assert_eq!(text, "service time: within 3.0 % of its target in 3 looks; the scan alone took 15 ms (median)");
        assert!(calibration(&[look(1500.0, 1502.0)]).expect("looked at").contains("1 looks were overshoot"));
    }

    #[test]
    fn an_incident_that_did_not_end_says_so() {
        let one =
            RunIncident { title: "Cost anomaly".into(), monitors: vec!["cost".into()], opened: 8.214, resolved: None };
        assert_eq!(incident(&one), "incident: Cost anomaly, opened at minute 8.21, still open at the end (cost)");
        let over = RunIncident { resolved: Some(10.66), ..one };
        assert!(incident(&over).contains("resolved at 10.66"));
    }

    #[test]
    fn lost_revenue_is_in_dollars() {
        let stats = CheckoutStats { failed: 3, lost_revenue_usd: 120.5, ..CheckoutStats::default() };
        assert_eq!(lost(&stats), "lost revenue: $120.50 in 3 failed checkouts");
    }
}
