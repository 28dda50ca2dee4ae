//! A judged report as JUnit XML, for CI: a test case for each threshold, and one for whether it was a fair test.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Judged, bound};
use crate::output::style;

/// A broken threshold is a failure, an invalid run an error.
pub(crate) fn render(judged: &Judged) -> String {
    let mut report = Report::new("doorbuster load");
    let mut validity = TestSuite::new("validity");
    validity.add_test_case(fairness(judged));
    report.add_test_suite(validity);
    if !judged.results.is_empty() {
        let mut thresholds = TestSuite::new("thresholds");
        thresholds.add_test_cases(judged.results.iter().map(|result| {
            let mut status = TestCaseStatus::success();
            if !result.holds {
                status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_message(format!("{} {}, not {}", result.limit.name(), result.seen, bound(result)));
                status.set_type("threshold broken");
            }
            let mut case = TestCase::new(result.claim.as_str(), status);
            case.set_classname(judged.report.name.as_str());
            case.set_system_out(format!("limit: {}\nmeasured: {}", bound(result), result.seen));
            case
        }));
        report.add_test_suite(thresholds);
    }
    // Writing to memory fails only on text that XML has no way to write, and `quick-junit` strips such.
    report.to_string().unwrap_or_default()
}

fn fairness(judged: &Judged) -> TestCase {
    let mut status = TestCaseStatus::success();
    if !judged.invalid.is_empty() {
        status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(judged.invalid.join("; "));
        status.set_type("run invalid");
    }
    let mut case = TestCase::new("the generator kept its schedule", status);
    case.set_classname(judged.report.name.as_str());
    let totals = &judged.totals;
    case.set_system_out(format!(
        "due: {}\ndropped: {}\nskipped: {}\nschedule lag p99: {}",
        totals.due,
        totals.dropped,
        totals.skipped,
        style::fine_latency(totals.schedule_lag_ms.p99)
    ));
    case
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::load::testing;

    #[test]
    fn each_threshold_is_a_case_and_so_is_fairness() {
        insta::assert_snapshot!(render(&testing::judged()));
    }

    #[test]
    fn an_invalid_run_is_an_error() {
        let mut report = testing::report();
        report.streams[0].dropped = 3;
        let xml = render(&testing::judged_of(report));
        assert!(xml.contains(r#"type="run invalid""#) && xml.contains("3 arrivals were due"), "{xml}");
    }
}
