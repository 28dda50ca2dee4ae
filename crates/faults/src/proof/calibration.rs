//! How long a statement takes, and how much of it is the machine's own.

use serde_json::Value;

use super::plan::explain;
use crate::database::{Purpose, connect};
use crate::{FaultError, Target};

/// How long a statement took, once, on its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// Until its rows were found and sorted, in milliseconds: what the machine takes. Over the target, it is overshoot.
    pub scan_ms: f64,
    /// All of it, the wait included, in milliseconds.
    pub total_ms: f64,
}

impl Calibration {
    /// By how much the scan alone exceeds the target, in milliseconds; `None` if it does not. No wait can make up for it.
    pub fn overshoot_ms(&self, target_ms: f64) -> Option<f64> {
        (self.scan_ms > target_ms).then_some(self.scan_ms - target_ms)
    }

    /// How far the whole is from the target, as a share of it: -0.05 is 5 % too short.
    pub fn deviation(&self, target_ms: f64) -> f64 {
        (self.total_ms - target_ms) / target_ms
    }
}

/// Runs `statement` once and takes the time.
pub(crate) async fn calibrate(target: &Target, statement: &str) -> Result<Calibration, FaultError> {
    let mut connection = connect(target, Purpose::Proof).await?;
    let plan = explain(&mut connection, "ANALYZE, FORMAT JSON", statement).await?;
    let root = &plan[0]["Plan"];
    Ok(Calibration { scan_ms: found_ms(root), total_ms: plan[0]["Execution Time"].as_f64().unwrap_or_default() })
}

/// When the last row was there before the part that may wait: the outermost node below `Limit` and projections.
fn found_ms(node: &Value) -> f64 {
    match (node["Node Type"].as_str(), node["Plans"].as_array().and_then(|p| p.first())) {
        (Some("Limit" | "Result"), Some(below)) => found_ms(below),
        _ => node["Actual Total Time"].as_f64().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_wait_is_above_the_sort_and_the_scan_below_it() {
        let plan = json!({"Node Type": "Limit", "Actual Total Time": 520.0, "Plans": [
            {"Node Type": "Result", "Actual Total Time": 520.0, "Plans": [
                {"Node Type": "Sort", "Actual Total Time": 41.5, "Plans": [{"Node Type": "Seq Scan", "Actual Total Time": 40.0}]}]}]});
        assert_eq!(found_ms(&plan), 41.5);
    }

    #[test]
    fn overshoot_is_the_scan_beyond_the_target_and_never_the_wait() {
        let measured = Calibration { scan_ms: 40.0, total_ms: 525.0 };
        assert_eq!(measured.overshoot_ms(520.0), None);
        assert_eq!(measured.overshoot_ms(30.0), Some(10.0));
        assert!((measured.deviation(500.0) - 0.05).abs() < 1e-9);
        assert!((measured.deviation(525.0)).abs() < 1e-9);
    }
}
