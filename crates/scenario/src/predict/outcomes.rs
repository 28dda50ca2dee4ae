//! What became of every arrival of one stream in one simulation.

/// In order of arrival.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcomes {
    /// Scenario minute at which each was due.
    minutes: Vec<f64>,
    /// Latency in milliseconds, negative for those that failed: half the memory of a pair.
    latencies_ms: Vec<f32>,
}

/// Figures over a stretch of arrivals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Summary {
    pub(super) arrivals: u64,
    pub(super) errors: u64,
    pub(super) p50_ms: Option<f64>,
    pub(super) p95_ms: Option<f64>,
}

impl Summary {
    /// Share of arrivals that failed; `None` without arrivals.
    pub(super) fn error_rate(&self) -> Option<f64> {
        (self.arrivals > 0).then(|| self.errors as f64 / self.arrivals as f64)
    }
}

impl Outcomes {
    pub(super) fn with_capacity(arrivals: usize) -> Self {
        Self { minutes: Vec::with_capacity(arrivals), latencies_ms: Vec::with_capacity(arrivals) }
    }

    pub(super) fn push(&mut self, minute: f64, latency_ms: f64, failed: bool) {
        self.minutes.push(minute);
        // A latency of 0 would lose its sign.
        let latency = latency_ms.max(1e-3) as f32;
        self.latencies_ms.push(if failed { -latency } else { latency });
    }

    /// Over arrivals due in `[from, to)`.
    pub(super) fn summary(&self, from: f64, to: f64) -> Summary {
        let first = self.minutes.partition_point(|m| *m < from);
        let end = self.minutes.partition_point(|m| *m < to).max(first);
        let mut latencies: Vec<f32> = self.latencies_ms[first..end].to_vec();
        let errors = latencies.iter().filter(|l| l.is_sign_negative()).count() as u64;
        latencies.iter_mut().for_each(|l| *l = l.abs());
        Summary {
            arrivals: latencies.len() as u64,
            errors,
            p50_ms: quantile(&mut latencies, 0.50),
            p95_ms: quantile(&mut latencies, 0.95),
        }
    }

    /// Mean latency of all arrivals, to hold against theory.
    #[cfg(test)]
    pub(super) fn mean_latency_ms(&self) -> f64 {
        self.latencies_ms.iter().map(|l| f64::from(l.abs())).sum::<f64>() / self.latencies_ms.len() as f64
    }

    /// Minute, latency in milliseconds and failure of each arrival.
    #[cfg(test)]
    pub(crate) fn each(&self) -> impl Iterator<Item = (f64, f64, bool)> {
        self.minutes.iter().zip(&self.latencies_ms).map(|(m, l)| (*m, f64::from(l.abs()), l.is_sign_negative()))
    }
}

/// The smallest value that at least a share `q` of `values` does not exceed: what an HDR histogram reports.
fn quantile(values: &mut [f32], q: f64) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let rank = ((values.len() as f64 * q).ceil() as usize).clamp(1, values.len()) - 1;
    let (_, value, _) = values.select_nth_unstable_by(rank, f32::total_cmp);
    Some(f64::from(*value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_counts_what_was_due_inside() {
        let mut outcomes = Outcomes::default();
        for n in 0..100_u32 {
            outcomes.push(f64::from(n) / 10.0, f64::from(n + 1), n % 4 == 0);
        }
        let summary = outcomes.summary(5.0, 7.0);
        assert_eq!((summary.arrivals, summary.errors), (20, 5));
        assert_eq!((summary.p50_ms, summary.p95_ms), (Some(60.0), Some(69.0)));
        assert_eq!(outcomes.summary(20.0, 30.0), Summary { arrivals: 0, errors: 0, p50_ms: None, p95_ms: None });
    }
}
