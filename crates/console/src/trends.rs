//! The small curves beside rows of RED figures.

use std::collections::HashMap;

use detect::{SpanKind, UnixMs};
use store::{Red, RedFilter, Store};

use crate::pages::Spark;

/// Points of a curve: more cannot be told apart in a cell.
const POINTS: u64 = 48;
/// Operations that get one: each costs a walk over the seconds of the stretch.
const MOST_OPERATIONS: usize = 60;

/// What tells rows apart: service, operation, kind, `traffic.type`.
type Row = (String, String, SpanKind, Option<String>);

/// Curves by row.
#[derive(Debug, Default)]
pub(crate) struct Trends {
    curves: HashMap<Row, Spark>,
}

impl Trends {
    /// Curves for `rows` from `from_ms` on.
    pub(crate) fn take(store: &Store, rows: &[Red], from_ms: u64, now: UnixMs) -> Self {
        let step_ms = (now.0.saturating_sub(from_ms) / POINTS).div_ceil(1000).max(1) * 1000;
        // Points start at multiples of the step.
        let first_ms = from_ms / step_ms * step_ms;
        // The last stretch is under way: it would hang down until it is full.
        let points = (now.0.saturating_sub(first_ms) / step_ms) as usize;
        let mut operations: Vec<_> = rows.iter().map(|row| (&row.service, &row.operation, row.kind)).collect();
        operations.dedup();
        let mut curves: HashMap<Row, Spark> = HashMap::new();
        for (service, operation, kind) in operations.into_iter().take(MOST_OPERATIONS) {
            let filter = RedFilter {
                service: Some(service.clone()),
                operation: Some(operation.clone()),
                kind: Some(kind),
                from_unix_ms: Some(from_ms),
                ..RedFilter::default()
            };
            for point in store.timeline(&filter, step_ms / 1000, now) {
                let slot = (point.at_unix_ms.saturating_sub(first_ms) / step_ms) as usize;
                let key = (service.clone(), operation.clone(), kind, point.traffic_type);
                let curve = curves.entry(key).or_insert_with(|| Spark(vec![(0.0, 0.0); points]));
                if let Some(place) = curve.0.get_mut(slot) {
                    *place = (point.count as f64, point.error_rate);
                }
            }
        }
        Self { curves }
    }

    /// The curve of a row, if it has one.
    pub(crate) fn of(&self, row: &Red) -> Option<&Spark> {
        self.curves.get(&(row.service.clone(), row.operation.clone(), row.kind, row.traffic_type.clone()))
    }
}
