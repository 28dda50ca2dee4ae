//! What services measure: the pools' connections and waits, and revenue lost, all cumulative since the start.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum,
    metric::Data, number_data_point::Value,
};

use crate::course::{Demo, chance};
use crate::otlp::{nanos, resource, text};
use crate::spans::Batch;

/// Boundaries of the pools' histograms, in seconds, as the shop has them.
const BOUNDS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];
/// Service, pool, size.
const POOLS: [(&str, &str, i64); 4] = [
    ("product-catalog", "recommendations", 20),
    ("product-catalog", "browse", 10),
    ("recommendation", "order-history", 10),
    ("checkout", "orders", 20),
];

/// A histogram so far.
#[derive(Clone, Default)]
struct Times {
    counts: [u64; 10],
    sum: f64,
}

impl Times {
    fn record(&mut self, seconds: f64) {
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        self.counts[bucket] += 1;
        self.sum += seconds;
    }
}

/// A pool so far.
#[derive(Clone, Default)]
struct Pool {
    timeouts: u64,
    wait: Times,
    held: Times,
}

/// Everything that is counted.
pub(crate) struct Meters {
    start: f64,
    pools: Vec<Pool>,
    lost: f64,
}

impl Meters {
    pub(crate) fn new(start: f64) -> Self {
        Self { start, pools: vec![Pool::default(); POOLS.len()], lost: 0.0 }
    }

    /// Counts what the traces of a second did.
    pub(crate) fn count(&mut self, demo: &Demo, batch: &Batch) {
        for trace in &batch.traces {
            self.lost += trace.lost.unwrap_or(0.0);
            for (_, span) in &trace.spans {
                let said = |key: &str| span.attributes.iter().any(|attribute| attribute.key == key);
                let named = |name: &str| span.attributes.contains(&text("db.client.connection.pool.name", name));
                let Some(at) = POOLS.iter().position(|(_, name, _)| named(name)) else { continue };
                let seconds = (span.end_time_unix_nano - span.start_time_unix_nano) as f64 / 1e9;
                let pool = &mut self.pools[at];
                if said("db.connection.pool.exhausted") {
                    pool.timeouts += 1;
                    pool.wait.record(seconds);
                } else if at == 0 && demo.is_slow() {
                    pool.wait.record(seconds * 0.6);
                    pool.held.record(seconds * 0.4);
                } else {
                    pool.wait.record(0.0002);
                    pool.held.record(seconds);
                }
            }
        }
    }

    /// Everything as it stands at a moment.
    pub(crate) fn export(&self, demo: &Demo, at: f64) -> ExportMetricsServiceRequest {
        let mut resource_metrics: Vec<ResourceMetrics> = Vec::new();
        for (index, (service, name, size)) in POOLS.into_iter().enumerate() {
            let metrics = self.pool(index, name, size, demo, at);
            resource_metrics.push(of(service, metrics));
        }
        let lost = self.sum(
            "checkout.lost_revenue",
            "USD",
            true,
            at,
            vec![(vec![text("traffic.type", "demo")], Value::AsDouble(self.lost))],
        );
        resource_metrics.push(of("frontend", vec![lost]));
        ExportMetricsServiceRequest { resource_metrics }
    }

    fn pool(&self, index: usize, name: &str, size: i64, demo: &Demo, at: f64) -> Vec<Metric> {
        let pool = &self.pools[index];
        let wobble = |most: f64| (chance((at * 10.0) as u64 + index as u64) * most) as i64;
        let (used, waiting) = match (index, demo.is_slow()) {
            (0, true) => (size, 18 + (demo.error_rate * 80.0) as i64 + wobble(9.0)),
            (0, false) => ((demo.rate / 420.0) as i64 + wobble(4.0), 0),
            _ => (wobble(3.0), 0),
        };
        let idle = if index == 0 { size - used } else { (4 - used).max(0) };
        let own = vec![text("db.client.connection.pool.name", name)];
        let with = |state: &str| [own.clone(), vec![text("db.client.connection.state", state)]].concat();
        let int = Value::AsInt;
        vec![
            self.sum(
                "db.client.connection.count",
                "{connection}",
                false,
                at,
                vec![(with("used"), int(used)), (with("idle"), int(idle))],
            ),
            self.sum("db.client.connection.max", "{connection}", false, at, vec![(own.clone(), int(size))]),
            self.sum(
                "db.client.connection.pending_requests",
                "{request}",
                false,
                at,
                vec![(own.clone(), int(waiting))],
            ),
            self.sum(
                "db.client.connection.timeouts",
                "{timeout}",
                true,
                at,
                vec![(own.clone(), int(pool.timeouts as i64))],
            ),
            self.times("db.client.connection.wait_time", &pool.wait, own.clone(), at),
            self.times("db.client.connection.use_time", &pool.held, own, at),
        ]
    }

    fn sum(&self, name: &str, unit: &str, is_monotonic: bool, at: f64, points: Vec<(Vec<KeyValue>, Value)>) -> Metric {
        let point = |(attributes, value)| NumberDataPoint {
            attributes,
            start_time_unix_nano: nanos(self.start),
            time_unix_nano: nanos(at),
            value: Some(value),
            ..NumberDataPoint::default()
        };
        let data = Data::Sum(Sum {
            data_points: points.into_iter().map(point).collect(),
            aggregation_temporality: AggregationTemporality::Cumulative.into(),
            is_monotonic,
        });
        Metric { name: name.into(), unit: unit.into(), data: Some(data), ..Metric::default() }
    }

    fn times(&self, name: &str, times: &Times, attributes: Vec<KeyValue>, at: f64) -> Metric {
        let point = HistogramDataPoint {
            attributes,
            start_time_unix_nano: nanos(self.start),
            time_unix_nano: nanos(at),
            count: times.counts.iter().sum(),
            sum: Some(times.sum),
            bucket_counts: times.counts.to_vec(),
            explicit_bounds: BOUNDS.to_vec(),
            ..HistogramDataPoint::default()
        };
        let aggregation_temporality = AggregationTemporality::Cumulative.into();
        let data = Data::Histogram(Histogram { data_points: vec![point], aggregation_temporality });
        Metric { name: name.into(), unit: "s".into(), data: Some(data), ..Metric::default() }
    }
}

fn of(service: &str, metrics: Vec<Metric>) -> ResourceMetrics {
    ResourceMetrics {
        resource: resource(service),
        scope_metrics: vec![ScopeMetrics { metrics, ..ScopeMetrics::default() }],
        ..ResourceMetrics::default()
    }
}
