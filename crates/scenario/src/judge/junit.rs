//! The verdict as JUnit XML, for CI.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::verdict::{Check, RowOutcome, Verdict, VerdictRow};

impl Verdict {
    /// As JUnit XML: a test case for each row. A failed one is a failure, one that makes the run invalid an error.
    pub fn to_junit_xml(&self) -> String {
        let mut report = Report::new("doorbuster");
        let suites = [
            ("validity", [Check::Load, Check::Stage, Check::Proof].as_slice()),
            ("traffic", &[Check::ErrorRate, Check::RequestErrorRate, Check::P95Ms, Check::ArrivalsPerMinute]),
            ("alerts", &[Check::AlertFires, Check::AlertResolves, Check::Quiet, Check::FalseAlerts]),
            ("restoration", &[Check::Restored]),
        ];
        for (name, checks) in suites {
            let mut suite = TestSuite::new(name);
            suite.add_test_cases(
                self.rows.iter().filter(|row| checks.contains(&row.figures.check)).map(|row| case(name, row)),
            );
            if !suite.test_cases.is_empty() {
                report.add_test_suite(suite);
            }
        }
        // Writing to memory fails only on text that XML has no way to write, and `quick-junit` strips such.
        report.to_string().unwrap_or_default()
    }
}

fn case(suite: &str, row: &VerdictRow) -> TestCase {
    let mut status = match row.outcome {
        RowOutcome::Pass => TestCaseStatus::success(),
        RowOutcome::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
        RowOutcome::Invalid => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    if row.outcome != RowOutcome::Pass {
        status.set_message(format!("expected {}, was {}", row.expected, row.measured));
        status.set_type(if row.outcome == RowOutcome::Fail { "expectation missed" } else { "run invalid" });
    }
    let mut case = TestCase::new(row.what.as_str(), status);
    case.set_classname(suite);
    let mut lines = vec![format!("expected: {}", row.expected)];
    if !row.predicted.is_empty() {
        lines.push(format!("predicted: {}", row.predicted));
    }
    lines.push(format!("measured: {}", row.measured));
    if !row.note.is_empty() {
        lines.push(format!("note: {}", row.note));
    }
    case.set_system_out(lines.join("\n"));
    case
}
