//! A judged report as JSON: what `--json` and `--out` write, and what `merge` reads.

use std::path::Path;

use scenario::{LoadTestReport, Threshold, ThresholdResult};
use serde::{Deserialize, Serialize};

use super::Judged;
use super::figures::{Row, Totals};
use crate::commands::files;
use crate::exit::UsageError;

/// Greatest report that is read, in bytes: a day by seconds of sixteen streams.
const GREATEST: u64 = 1 << 30;

/// The whole of it. `report` and `thresholds` are what `merge` needs; the rest is for whoever reads it.
#[derive(Debug, Serialize)]
struct Document<'j> {
    verdict: Verdict<'j>,
    /// As in the file.
    thresholds: &'j [Threshold],
    /// Each limit of each of them.
    results: &'j [ThresholdResult],
    totals: &'j Totals,
    rows: &'j [Row],
    report: &'j LoadTestReport,
}

#[derive(Debug, Serialize)]
struct Verdict<'j> {
    outcome: &'static str,
    reasons: Vec<&'j str>,
}

/// What of it is read.
#[derive(Debug, Deserialize)]
struct Read {
    thresholds: Vec<Threshold>,
    report: LoadTestReport,
}

/// On one line: it is long, and for programs.
pub(crate) fn render(judged: &Judged) -> anyhow::Result<String> {
    let document = Document {
        verdict: Verdict { outcome: judged.word(), reasons: judged.reasons().collect() },
        thresholds: &judged.thresholds,
        results: &judged.results,
        totals: &judged.totals,
        rows: &judged.rows,
        report: &judged.report,
    };
    Ok(serde_json::to_string(&document)?)
}

/// The report in `path` and its thresholds.
///
/// # Errors
/// A file that can't be read, or is no report.
pub(crate) fn read(path: &Path) -> anyhow::Result<(LoadTestReport, Vec<Threshold>)> {
    let unusable = |problem: String| {
        UsageError(format!("{}: {problem}; give what `doorbuster load FILE --out REPORT` wrote", path.display()))
    };
    let text = files::read(path, GREATEST, "report").map_err(unusable)?;
    let read: Read = serde_json::from_str(&text).map_err(|e| unusable(format!("it is no report: {e}")))?;
    Ok((read.report, read.thresholds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::load::{Origin, testing};

    #[test]
    fn what_is_written_is_read_again_and_judged_alike() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("report.json");
        let judged = testing::judged();
        std::fs::write(&path, render(&judged).expect("serializable")).expect("written");
        let (report, thresholds) = read(&path).expect("a report");
        assert_eq!(report, judged.report);
        let again = Judged::new(report, thresholds, Origin::Merge);
        assert_eq!(again.results, judged.results);
        assert_eq!(again.outcome, judged.outcome);
    }

    #[test]
    fn its_figures_can_be_read_without_histograms() {
        let document: serde_json::Value =
            serde_json::from_str(&render(&testing::judged()).expect("serializable")).expect("JSON");
        assert_eq!(document["verdict"]["outcome"], "FAIL");
        assert_eq!(document["totals"]["due"], 17_340);
        let cart = &document["rows"][3];
        assert_eq!([&cart["level"], &cart["journey"], &cart["step"]], ["step", "buy", "POST /cart/${cart_id}/add"]);
        assert!(cart["latency_ms"]["p99"].is_number() && cart["uncorrected_latency_ms"]["max"].is_number());
        assert_eq!(cart["outcomes"][0]["outcome"], "200");
        assert_eq!(document["results"][1]["limit"], "p95_ms_max");
    }
}
