//! What the charts draw, as JSON in the page.

use scenario::{LatencyHistogram, LoadTestReport, Second, StreamMeasured};
use serde::Serialize;

use crate::output::load::figures::merged;

/// Points of a percentile curve in each decade of `1 / (1 - q)`.
const POINTS_A_DECADE: i32 = 16;

/// All curves of a report.
#[derive(Debug, Serialize)]
pub(super) struct Series {
    /// All of them together first, where there are several; then each.
    pub(super) streams: Vec<StreamSeries>,
    lag: LagSeries,
}

/// Curves of one stream, or of all.
#[derive(Debug, Serialize)]
pub(super) struct StreamSeries {
    pub(super) name: String,
    seconds: SecondsSeries,
    percentiles: PercentileSeries,
}

/// Over time: arrivals a second, latencies in milliseconds (none where nobody was answered).
#[derive(Debug, Default, Serialize)]
struct SecondsSeries {
    /// Seconds since the start.
    t: Vec<f64>,
    due: Vec<f64>,
    answered: Vec<f64>,
    errors: Vec<f64>,
    dropped: Vec<f64>,
    p50: Vec<Option<f64>>,
    p95: Vec<Option<f64>>,
    p99: Vec<Option<f64>>,
}

/// Over `1 / (1 - q)`, in milliseconds.
#[derive(Debug, Serialize)]
struct PercentileSeries {
    x: Vec<f64>,
    corrected: Vec<Option<f64>>,
    uncorrected: Vec<Option<f64>>,
}

#[derive(Debug, Serialize)]
struct LagSeries {
    x: Vec<f64>,
    lag: Vec<Option<f64>>,
}

impl Series {
    pub(super) fn of(report: &LoadTestReport) -> Self {
        let mut streams: Vec<StreamSeries> = Vec::new();
        let each = report.streams.iter().map(|stream| stream_series(report, &stream.stream, &[stream]));
        if report.streams.len() > 1 {
            let all: Vec<&StreamMeasured> = report.streams.iter().collect();
            streams.push(stream_series(report, "all streams", &all));
        }
        streams.extend(each);
        let x = quantiles(report.schedule_lag.count());
        let lag = at(&report.schedule_lag, &x);
        Self { streams, lag: LagSeries { x, lag } }
    }

    /// As JSON that can stand in a script element, whatever names are in it.
    pub(super) fn to_json(&self) -> String {
        // Numbers and texts: nothing in it can fail.
        serde_json::to_string(self).unwrap_or_default().replace('<', "\\u003c")
    }
}

fn stream_series(report: &LoadTestReport, name: &str, streams: &[&StreamMeasured]) -> StreamSeries {
    let corrected = merged(streams.iter().map(|s| &s.latency));
    let uncorrected = merged(streams.iter().map(|s| &s.uncorrected_latency));
    let x = quantiles(corrected.count());
    StreamSeries {
        name: name.to_owned(),
        seconds: seconds(report, streams),
        percentiles: PercentileSeries { corrected: at(&corrected, &x), uncorrected: at(&uncorrected, &x), x },
    }
}

fn seconds(report: &LoadTestReport, streams: &[&StreamMeasured]) -> SecondsSeries {
    let length = f64::from(report.second_seconds.max(1));
    let count = streams.iter().map(|s| s.seconds.len()).max().unwrap_or(0);
    let mut series = SecondsSeries::default();
    for index in 0..count {
        let here: Vec<&Second> = streams.iter().filter_map(|s| s.seconds.get(index)).collect();
        let starts = index as f64 * length;
        // The last one may be cut off by the end.
        let lasts = length.min(report.planned_seconds - starts).max(0.1);
        let rate = |of: fn(&Second) -> u64| here.iter().map(|second| of(second)).sum::<u64>() as f64 / lasts;
        let latency = merged(here.iter().map(|second| &second.latency));
        series.t.push(starts);
        series.due.push(rate(|s| s.due));
        series.answered.push(rate(|s| s.completed - s.errors.min(s.completed)));
        series.errors.push(rate(|s| s.errors));
        series.dropped.push(rate(|s| s.dropped));
        series.p50.push(latency.quantile_ms(0.5));
        series.p95.push(latency.quantile_ms(0.95));
        series.p99.push(latency.quantile_ms(0.99));
    }
    series
}

/// `1 / (1 - q)` from 1 to the one that `count` samples can resolve.
fn quantiles(count: u64) -> Vec<f64> {
    let last = count.max(1) as f64;
    let steps = (0..).map(|step| 10_f64.powf(f64::from(step) / f64::from(POINTS_A_DECADE)));
    steps.take_while(|x| *x < last).chain([last]).collect()
}

fn at(histogram: &LatencyHistogram, quantiles: &[f64]) -> Vec<Option<f64>> {
    let last = quantiles.last().copied();
    let q = |x: f64| if Some(x) == last { 1.0 } else { 1.0 - 1.0 / x };
    quantiles.iter().map(|x| histogram.quantile_ms(q(*x))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::load::testing;

    #[test]
    fn curves_cover_the_time_and_end_at_the_greatest() {
        let report = testing::report();
        let series = Series::of(&report);
        assert_eq!(
            series.streams.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(),
            ["all streams", "buyers", "lookers"]
        );
        let all = &series.streams[0];
        assert_eq!(all.seconds.t.len(), report.streams[0].seconds.len());
        let slowest = merged(report.streams.iter().map(|s| &s.latency)).quantile_ms(1.0);
        assert_eq!(all.percentiles.corrected.last(), Some(&slowest));
        assert!(all.percentiles.x.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", all.percentiles.x);
    }

    #[test]
    fn an_empty_report_has_empty_curves() {
        let series = Series::of(&LoadTestReport::default());
        assert!(series.streams.is_empty());
        assert_eq!(series.lag.lag, [None]);
    }

    #[test]
    fn no_name_ends_the_script_that_it_stands_in() {
        let mut report = testing::report();
        report.streams[0].stream = "</script><script>alert(1)".to_owned();
        assert!(!Series::of(&report).to_json().contains("</"));
    }
}
