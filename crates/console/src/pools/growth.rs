//! How much counters and histograms grew over a stretch of time, whichever way they are sent.

use serde_json::Value;
use store::MetricSeries;

/// Moments, Unix milliseconds: after the first, up to and with the last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    pub(crate) from_ms: f64,
    pub(crate) to_ms: f64,
}

impl Stretch {
    fn has(self, at_ms: f64) -> bool {
        self.from_ms < at_ms && at_ms <= self.to_ms
    }
}

/// What came on top between points, with its moment. Of cumulative series the first point of all only says where
/// counting stands: how much of it is of this stretch is not known. A value that fell was counted anew from zero.
fn steps<T>(
    series: &MetricSeries,
    read: impl Fn(&Value) -> Option<T>,
    minus: impl Fn(&T, &T) -> Option<T>,
) -> Vec<(f64, T)> {
    let points = series.points.iter().filter_map(|point| Some((point.at_unix_ms, read(&point.value)?)));
    if series.temporality.as_deref() == Some("delta") {
        return points.collect();
    }
    let mut steps = Vec::new();
    let mut before: Option<T> = None;
    for (at, now) in points {
        if let Some(before) = &before
            && let Some(step) = minus(&now, before)
        {
            steps.push((at, step));
        }
        before = Some(now);
    }
    steps
}

/// By how much a counter grew, step by step.
pub(crate) fn counted(series: &MetricSeries, stretch: Stretch) -> Vec<(f64, f64)> {
    let minus = |now: &f64, before: &f64| Some(if now < before { *now } else { now - before });
    let mut steps = steps(series, Value::as_f64, minus);
    steps.retain(|(at, _)| stretch.has(*at));
    steps
}

/// What a histogram counted: in each bucket, and the sum.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Counted {
    pub(crate) count: f64,
    pub(crate) sum: f64,
    /// Upper bounds of the buckets but the last; none where there are no explicit ones.
    bounds: Vec<f64>,
    counts: Vec<f64>,
}

impl Counted {
    fn read(value: &Value) -> Option<Self> {
        let list = |key: &str| -> Vec<f64> {
            value.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_f64).collect()
        };
        let number = |key: &str| value.get(key).and_then(Value::as_f64);
        let (bounds, counts) = (list("bounds"), list("counts"));
        let is_explicit = counts.len() == bounds.len() + 1;
        let (bounds, counts) = if is_explicit { (bounds, counts) } else { Default::default() };
        Some(Self { count: number("count")?, sum: number("sum").unwrap_or(0.0), bounds, counts })
    }

    fn minus(&self, before: &Self) -> Option<Self> {
        if self.count < before.count {
            return Some(self.clone());
        }
        let is_same = self.bounds == before.bounds && self.counts.len() == before.counts.len();
        let counts = self.counts.iter().zip(&before.counts).map(|(now, before)| (now - before).max(0.0)).collect();
        is_same.then(|| Self {
            count: self.count - before.count,
            sum: self.sum - before.sum,
            bounds: self.bounds.clone(),
            counts,
        })
    }

    /// Adds another; where the buckets are others, only count and sum.
    pub(crate) fn add(&mut self, other: &Self) {
        if self.count == 0.0 && self.bounds.is_empty() {
            *self = other.clone();
            return;
        }
        self.count += other.count;
        self.sum += other.sum;
        if self.bounds == other.bounds {
            self.counts.iter_mut().zip(&other.counts).for_each(|(own, other)| *own += other);
        } else {
            (self.bounds, self.counts) = Default::default();
        }
    }

    /// The `q` quantile (0 to 1), by straight lines through the buckets; the greatest bound where it lies beyond.
    pub(crate) fn quantile(&self, q: f64) -> Option<f64> {
        let total: f64 = self.counts.iter().sum();
        if total <= 0.0 {
            return None;
        }
        let rank = total * q;
        let mut below = 0.0;
        for (index, count) in self.counts.iter().enumerate() {
            if below + count >= rank && *count > 0.0 {
                let least = index.checked_sub(1).map_or(0.0, |before| self.bounds[before]);
                let most = self.bounds.get(index).copied().unwrap_or(least);
                return Some(least + (most - least) * ((rank - below) / count).clamp(0.0, 1.0));
            }
            below += count;
        }
        self.bounds.last().copied()
    }
}

/// What a histogram counted over a stretch.
pub(crate) fn histogram(series: &MetricSeries, stretch: Stretch) -> Counted {
    let mut all = Counted::default();
    for (at, step) in steps(series, Counted::read, Counted::minus) {
        if stretch.has(at) {
            all.add(&step);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use store::MetricPoint;

    fn series(temporality: &str, points: Vec<(f64, Value)>) -> MetricSeries {
        MetricSeries {
            service: "s".into(),
            name: "m".into(),
            unit: "s".into(),
            kind: "sum".into(),
            temporality: Some(temporality.into()),
            attributes: Default::default(),
            points: points.into_iter().map(|(at_unix_ms, value)| MetricPoint { at_unix_ms, value }).collect(),
        }
    }

    const ALL: Stretch = Stretch { from_ms: 0.0, to_ms: 1e9 };

    #[test]
    fn counters_grow_by_their_differences_and_start_anew_when_they_fall() {
        let sum = |series: &MetricSeries, stretch| counted(series, stretch).iter().map(|(_, step)| step).sum::<f64>();
        let cumulative =
            series("cumulative", vec![(1.0, json!(100)), (2.0, json!(107)), (3.0, json!(4)), (4.0, json!(5))]);
        assert_eq!(sum(&cumulative, ALL), 12.0, "7, then anew 4, then 1: the hundred before are of another time");
        assert_eq!(sum(&cumulative, Stretch { from_ms: 2.0, to_ms: 3.0 }), 4.0);
        assert_eq!(sum(&series("delta", vec![(1.0, json!(3)), (2.0, json!(2.5))]), ALL), 5.5);
    }

    #[test]
    fn quantiles_of_a_stretch_are_those_of_what_came_in_it() {
        let point = |slow: u64| json!({"count": 1000 + slow, "sum": 1.0 + slow as f64 * 2.0, "bounds": [0.001, 1.0, 5.0], "counts": [1000, 0, slow, 0]});
        let waits = series("cumulative", vec![(1.0, point(0)), (2.0, point(100))]);
        let counted = histogram(&waits, ALL);
        assert_eq!((counted.count, counted.sum / counted.count), (100.0, 2.0));
        assert_eq!(counted.quantile(0.5), Some(3.0), "half of the way from 1 to 5");
        let none = histogram(&waits, Stretch { from_ms: 5.0, to_ms: 9.0 });
        assert_eq!((none.count, none.quantile(0.95)), (0.0, None));
        let beyond = series("delta", vec![(1.0, json!({"count": 1, "sum": 30.0, "bounds": [1.0], "counts": [0, 1]}))]);
        assert_eq!(histogram(&beyond, ALL).quantile(0.95), Some(1.0), "all that is known: beyond the last bound");
        let exponential = series("delta", vec![(1.0, json!({"count": 4, "sum": 8.0, "scale": 3}))]);
        let counted = histogram(&exponential, ALL);
        assert_eq!((counted.sum / counted.count, counted.quantile(0.95)), (2.0, None));
    }
}
