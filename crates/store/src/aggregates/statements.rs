//! What databases were asked, as the aggregates have it.

use detect::UnixMs;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aggregates::red::RedFilter;
use crate::aggregates::sum::{Aggregates, stretch_minutes};
use crate::symbols::Symbol;

/// One statement of one service, over a stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Statement {
    /// `service.name` of the resource that asked.
    pub service: String,
    /// `db.system.name`, or its older name `db.system`.
    pub system: String,
    /// `db.query.text` or `db.statement`; the span's name where there is neither.
    pub statement: String,
    /// The span's name.
    pub operation: String,
    /// The attribute `traffic.type`.
    pub traffic_type: Option<String>,
    /// The attribute `db.index_used`: an index, or `NONE`.
    pub index_used: Option<String>,
    /// Calls that ended.
    pub calls: u64,
    /// Those with an error.
    pub errors: u64,
    /// Calls per minute.
    pub rate_per_minute: f64,
    /// Share of errors, 0 to 1.
    pub error_rate: f64,
    /// Median duration, in milliseconds.
    pub p50_ms: f64,
    /// 19 of 20 were faster, in milliseconds.
    pub p95_ms: f64,
    /// 99 of 100 were faster, in milliseconds.
    pub p99_ms: f64,
    /// All durations together, in milliseconds: what the list is ordered by.
    pub total_ms: f64,
    /// Mean of `db.rows_scanned` over the calls that had it.
    pub rows_scanned: Option<f64>,
}

impl Aggregates<'_> {
    /// The statements of a stretch, those first that took the most time altogether.
    pub(crate) fn statements(&mut self, filter: &RedFilter, now: UnixMs) -> Vec<Statement> {
        let stretch = filter.seconds(now);
        let minutes = stretch_minutes(stretch, now);
        let sums = self.sums(&filter.spans(), stretch, 0, |_, key| {
            (key.system, key.service, key.statement, key.operation, key.traffic_type, key.index_used)
        });
        let mut statements: Vec<Statement> = sums
            .into_iter()
            .filter(|((system, ..), _)| *system != Symbol::NONE)
            .map(|((system, service, statement, operation, traffic_type, index_used), sum)| Statement {
                service: self.text(service),
                system: self.text(system),
                statement: self.text(if statement == Symbol::NONE { operation } else { statement }),
                operation: self.text(operation),
                traffic_type: self.some(traffic_type),
                index_used: self.some(index_used),
                calls: sum.count,
                errors: sum.errors,
                rate_per_minute: sum.count as f64 / minutes,
                error_rate: sum.share(sum.errors).unwrap_or(0.0),
                p50_ms: sum.quantile_ms(0.50),
                p95_ms: sum.quantile_ms(0.95),
                p99_ms: sum.quantile_ms(0.99),
                total_ms: sum.total_ns as f64 / 1e6,
                rows_scanned: (sum.with_rows > 0).then(|| sum.rows as f64 / sum.with_rows as f64),
            })
            .collect();
        statements.sort_by(|a, b| b.total_ms.total_cmp(&a.total_ms));
        statements
    }
}
