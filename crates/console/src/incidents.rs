//! One incident with its evidence: what differs between bad and healthy spans, traces that show it, whose traffic it was.

use detect::{Incident, MonitorStatus, SpanFilter, SpanKind, UnixMs, Watching};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{AttributeTest, Comparison, Criterion, Differences, Red, RedFilter, SpanSearch, Store, TraceSummary};

use crate::pages::format::{duration, plain};
use crate::pages::link;

/// How long before its condition began to hold an incident is looked at: what a monitor's window held by then is part of it.
const LEAD_IN_MS: u64 = 20_000;
/// Monitors whose evidence is looked for: each is a look at rows.
const MOST_EVIDENCE: usize = 4;
/// Traces of each that are listed.
const MOST_TRACES: usize = 8;

/// One incident, and what there is to show for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IncidentView {
    /// What happened when.
    pub incident: Incident,
    /// What its monitors saw, one for each thing that is measured; at most four.
    pub evidence: Vec<Evidence>,
    /// Requests to its services in its time, by operation and `traffic.type`.
    pub requests: Vec<Red>,
}

/// What one monitor saw, looked at span by span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The key of the monitor.
    pub monitor: String,
    /// Its name.
    pub name: String,
    /// What makes a span a bad one here, in words.
    pub bad_spans: String,
    /// What bad spans have more often than healthy ones.
    pub differences: Differences,
    /// The newest traces with such a span.
    pub traces: Vec<TraceSummary>,
    /// Where all of them are listed.
    pub all_traces: String,
}

/// First and last millisecond that belong to an incident.
fn stretch(incident: &Incident, now: UnixMs) -> (u64, u64) {
    (incident.began_unix_ms.saturating_sub(LEAD_IN_MS), incident.resolved_unix_ms.unwrap_or(now.0))
}

/// Looks for evidence among what is kept. Blocks while it looks at rows.
pub(crate) fn view(incident: Incident, monitors: &[MonitorStatus], store: &Store, now: UnixMs) -> IncidentView {
    let stretch = stretch(&incident, now);
    let requests = incident.services.iter().flat_map(|service| {
        let filter = RedFilter {
            service: Some(service.clone()),
            kind: Some(SpanKind::Server),
            from_unix_ms: Some(stretch.0),
            to_unix_ms: Some(stretch.1),
            ..RedFilter::default()
        };
        store.red(&filter, now)
    });
    let requests = requests.collect();
    let evidence = looks(&incident, monitors).into_iter().map(|look| look.evidence(stretch, store)).collect();
    IncidentView { incident, evidence, requests }
}

/// One thing to look at.
struct Look {
    monitor: String,
    name: String,
    filter: SpanFilter,
    criterion: Criterion,
    bad_spans: String,
    /// The same as a search: its least duration, or a test of an attribute.
    slower_than_ms: Option<f64>,
    test: Option<(String, Comparison, String)>,
    is_status: bool,
}

/// What the incident's monitors measure, each once.
fn looks(incident: &Incident, monitors: &[MonitorStatus]) -> Vec<Look> {
    let mut seen: Vec<&Watching> = Vec::new();
    let mut looks = Vec::new();
    for member in &incident.monitors {
        let status = monitors.iter().find(|one| one.key == member.key && one.traffic_type == member.traffic_type);
        for watching in status.iter().flat_map(|status| &status.watches) {
            if looks.len() == MOST_EVIDENCE || seen.contains(&watching) {
                continue;
            }
            seen.push(watching);
            let traffic_type = member.traffic_type.clone().or_else(|| watching.traffic_type.clone());
            looks.extend(Look::new(member.key.clone(), member.name.clone(), watching, traffic_type));
        }
    }
    looks
}

impl Look {
    /// `None` of what is not measured span by span.
    fn new(monitor: String, name: String, watching: &Watching, traffic_type: Option<String>) -> Option<Self> {
        let filter = SpanFilter {
            service: watching.service.clone(),
            operation: watching.operation.clone(),
            kind: watching.kind,
            status: None,
            traffic_type,
        };
        let attribute = watching.attribute.clone();
        let made = |criterion, bad_spans: String| Self {
            monitor,
            name,
            filter,
            criterion,
            bad_spans,
            slower_than_ms: None,
            test: None,
            is_status: false,
        };
        Some(match watching.measure.as_str() {
            "p50_ms" | "p95_ms" | "p99_ms" => {
                let ms = watching.limit?;
                let look = made(Criterion::SlowerThan(ms), format!("slower than {}", duration(ms)));
                Self { slower_than_ms: Some(ms), ..look }
            }
            "error_rate" => Self { is_status: true, ..made(Criterion::Failed, "with an error".to_owned()) },
            "http_error_rate" => {
                let look = made(Criterion::Failed, "answered with 400 or more".to_owned());
                Self { test: Some(("http.response.status_code".into(), Comparison::AtLeast, "400".into())), ..look }
            }
            "share" => {
                let attribute = attribute?;
                let look = made(Criterion::Flag { attribute: attribute.clone() }, format!("with {attribute}"));
                Self { test: Some((attribute, Comparison::Equals, "true".into())), ..look }
            }
            "mean" => {
                let (attribute, limit) = (attribute?, watching.limit?);
                let words = format!("with {attribute} above {}", plain(limit));
                let look = made(Criterion::NumberAbove { attribute: attribute.clone(), limit }, words);
                Self { test: Some((attribute, Comparison::Above, limit.to_string())), ..look }
            }
            _ => return None,
        })
    }

    fn evidence(self, stretch: (u64, u64), store: &Store) -> Evidence {
        let differences = store.differences(&self.filter, stretch, &self.criterion);
        let tests = self.test.iter().map(|(key, comparison, value)| AttributeTest {
            key: key.clone(),
            comparison: *comparison,
            value: value.clone(),
        });
        let search = SpanSearch {
            service: self.filter.service.clone(),
            operation: self.filter.operation.clone(),
            traffic_type: self.filter.traffic_type.clone(),
            kind: self.filter.kind,
            status: self.is_status.then_some(detect::SpanStatus::Error),
            min_duration_ms: self.slower_than_ms,
            max_duration_ms: None,
            attributes: tests.collect(),
            from_unix_ms: Some(stretch.0),
            to_unix_ms: Some(stretch.1),
            limit: Some(MOST_TRACES),
        };
        // Where nothing is bad there is nothing to look for.
        let traces = if differences.bad > 0 { store.search(&search) } else { Vec::new() };
        Evidence {
            all_traces: self.address(&search),
            monitor: self.monitor,
            name: self.name,
            bad_spans: self.bad_spans,
            differences,
            traces,
        }
    }

    /// The page of traces, narrowed as the search is.
    fn address(&self, search: &SpanSearch) -> String {
        let number = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
        let sign = |comparison: Comparison| match comparison {
            Comparison::AtLeast => ">=",
            Comparison::Above => ">",
            _ => "=",
        };
        let tests = self.test.as_ref().map(|(key, comparison, value)| format!("{key}{}{value}", sign(*comparison)));
        let (from, to) = (number(search.from_unix_ms), number(search.to_unix_ms));
        let least_ms = search.min_duration_ms.map_or_else(String::new, |ms| ms.to_string());
        let fields = [
            ("service", search.service.as_deref().unwrap_or_default()),
            ("operation", search.operation.as_deref().unwrap_or_default()),
            ("traffic_type", search.traffic_type.as_deref().unwrap_or_default()),
            ("kind", search.kind.map_or("", SpanKind::word)),
            ("status", if self.is_status { "error" } else { "" }),
            ("min_duration_ms", &least_ms),
            ("attributes", tests.as_deref().unwrap_or_default()),
            ("from_unix_ms", &from),
            ("to_unix_ms", &to),
        ];
        link("/traces", fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_measure_says_which_spans_are_bad_and_where_their_traces_are() {
        let watching = |measure: &str, attribute: Option<&str>, limit: f64| Watching {
            measure: measure.into(),
            attribute: attribute.map(str::to_owned),
            service: Some("inbox".into()),
            kind: Some(SpanKind::Server),
            limit: Some(limit),
            ..Watching::default()
        };
        let store = Store::new(store::StoreLimits::default(), detect::Counted::default());
        let told = |watching: &Watching| {
            let look = Look::new("key".into(), "Name".into(), watching, Some("demo".into()))?;
            let evidence = look.evidence((5, 9), &store);
            Some(format!("{}: {}", evidence.bad_spans, evidence.all_traces))
        };
        let address = |own: &str| {
            let (before, after) =
                ("/traces?service=inbox&traffic_type=demo&kind=server", "&from_unix_ms=5&to_unix_ms=9");
            format!("{before}{own}{after}")
        };
        let cases = [
            (watching("p95_ms", None, 3000.0), "slower than 3.00 s", "&min_duration_ms=3000"),
            (watching("error_rate", None, 0.2), "with an error", "&status=error"),
            (
                watching("http_error_rate", None, 0.05),
                "answered with 400 or more",
                "&attributes=http.response.status_code%3E%3D400",
            ),
            (
                watching("share", Some("pool.exhausted"), 0.7),
                "with pool.exhausted",
                "&attributes=pool.exhausted%3Dtrue",
            ),
            (watching("mean", Some("tokens"), 612.5), "with tokens above 613", "&attributes=tokens%3E612.5"),
        ];
        for (watching, words, own) in cases {
            assert_eq!(told(&watching), Some(format!("{words}: {}", address(own))), "{}", watching.measure);
        }
        assert_eq!(told(&watching("count", None, 5.0)), None, "a count is of no span in particular");
        let learning = Watching { limit: None, ..watching("mean", Some("tokens"), 0.0) };
        assert_eq!(told(&learning), None, "nobody knows yet what is too much");
    }
}
