//! What the LLM page is made of: figures of the store, baselines that monitors have learned, traces to look at.

use detect::MonitorStatus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{AttributeTest, Comparison, Llm, LlmFilter, LlmKind, LlmPoint, SpanSearch, Store, TraceSummary};

use crate::state::State;

/// Attributes of tokens and money: a baseline of one of them stands beside the curves.
const OF_MODELS: [&str; 4] =
    ["llm.usage.total_tokens", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "llm.cost_usd"];
/// Traces that the page lists of each kind.
const MOST_TRACES: usize = 10;

/// What `/api/llm` answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LlmView {
    /// Requests and calls over the stretch.
    pub figures: Llm,
    /// What monitors have learned of attributes of models.
    pub baselines: Vec<LlmBaseline>,
    /// The newest traces with a request or a call that failed.
    pub failed: Vec<TraceSummary>,
    /// The newest traces with a request or a call.
    pub newest: Vec<TraceSummary>,
}

/// What a monitor has learned, or is learning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LlmBaseline {
    /// The key of the monitor.
    pub monitor: String,
    /// Its name.
    pub name: String,
    /// The attribute whose mean it watches.
    pub attribute: String,
    /// The `traffic.type` it is about, if about one.
    pub traffic_type: Option<String>,
    /// What was usual; `None` while it learns.
    pub baseline: Option<f64>,
    /// Above which it fires.
    pub limit: Option<f64>,
    /// For how much longer it learns, in milliseconds.
    pub learning_left_ms: Option<u64>,
    /// Whether it fires.
    pub is_firing: bool,
}

/// Everything for a stretch.
pub(crate) fn view(state: &State, filter: &LlmFilter) -> LlmView {
    let figures = state.store().llm(filter, state.now());
    let failed = figures.requests.failed + figures.calls.failed;
    LlmView {
        baselines: baselines(&state.monitors().monitors),
        failed: if failed > 0 { traces(state.store(), filter, &figures, true) } else { Vec::new() },
        newest: traces(state.store(), filter, &figures, false),
        figures,
    }
}

fn baselines(monitors: &[MonitorStatus]) -> Vec<LlmBaseline> {
    let mut found = Vec::new();
    for status in monitors {
        for watching in &status.watches {
            let attribute = watching.attribute.as_deref().filter(|key| OF_MODELS.contains(key));
            let learns = watching.baseline.is_some() || status.learning_left_ms.is_some();
            if let Some(attribute) = attribute.filter(|_| learns && watching.measure == "mean") {
                found.push(LlmBaseline {
                    monitor: status.key.clone(),
                    name: status.name.clone(),
                    attribute: attribute.to_owned(),
                    traffic_type: status.traffic_type.clone(),
                    baseline: watching.baseline,
                    limit: watching.limit,
                    learning_left_ms: status.learning_left_ms,
                    is_firing: status.phase == detect::AlertPhase::Firing,
                });
            }
        }
    }
    found
}

/// The newest traces with a request, or with a call where there are no requests; or those that failed by the error that came most.
fn traces(store: &Store, filter: &LlmFilter, figures: &Llm, failed: bool) -> Vec<TraceSummary> {
    let exists = |key: &str| AttributeTest { key: key.into(), comparison: Comparison::Exists, value: String::new() };
    let key = |kind: LlmKind| match kind {
        LlmKind::Request => "llm.endpoint",
        LlmKind::Call => "gen_ai.operation.name",
    };
    let attributes = if failed {
        let Some(most) = figures.errors.first() else { return Vec::new() };
        let (name, value) = match (&most.error_type, most.status) {
            (Some(error_type), _) => ("error.type", error_type.clone()),
            (None, Some(status)) => ("http.response.status_code", status.to_string()),
            (None, None) => return Vec::new(),
        };
        vec![exists(key(most.kind)), AttributeTest { key: name.into(), comparison: Comparison::Equals, value }]
    } else {
        match (figures.requests.count, figures.calls.count) {
            (0, 0) => return Vec::new(),
            (0, _) => vec![exists(key(LlmKind::Call))],
            _ => vec![exists(key(LlmKind::Request))],
        }
    };
    let came = |point: &LlmPoint| match failed {
        true => point.requests.failed + point.calls.failed,
        false => point.requests.count + point.calls.count,
    };
    let Some((from_unix_ms, to_unix_ms)) = reach(figures, came) else { return Vec::new() };
    store.search(&SpanSearch {
        service: filter.service.clone(),
        traffic_type: filter.traffic_type.clone(),
        attributes,
        from_unix_ms: Some(from_unix_ms),
        to_unix_ms: Some(to_unix_ms),
        limit: Some(MOST_TRACES),
        ..SpanSearch::default()
    })
}

/// How long before its end a span may have started and still be found.
const LONGEST_MS: u64 = 60_000;

/// The stretch in which the newest that are wanted stand, by the curves: whatever else came before and since, and however
/// much, is not looked at.
fn reach(figures: &Llm, came: impl Fn(&LlmPoint) -> u64) -> Option<(u64, u64)> {
    let mut points = figures.points.iter().rev().filter(|point| came(point) > 0);
    let newest = points.next()?;
    let (mut found, mut oldest) = (came(newest), newest);
    // A trace has a request and a call: with twice as many there are enough.
    while found < 2 * MOST_TRACES as u64 {
        let Some(point) = points.next() else { break };
        (found, oldest) = (found + came(point), point);
    }
    Some((oldest.at_unix_ms.saturating_sub(LONGEST_MS), newest.at_unix_ms + figures.step_seconds * 1000))
}

#[cfg(test)]
mod tests {
    use store::LlmSummary;

    use super::*;

    #[test]
    fn traces_are_looked_for_where_the_newest_stand() {
        let point = |second: u64, count| LlmPoint {
            at_unix_ms: second * 1000,
            requests: LlmSummary { count, ..LlmSummary::default() },
            ..LlmPoint::default()
        };
        let of = |points: Vec<LlmPoint>| {
            let figures = Llm { points, step_seconds: 5, ..Llm::default() };
            reach(&figures, |point| point.requests.count)
        };
        assert_eq!(of(vec![]), None);
        assert_eq!(of(vec![point(100, 0)]), None);
        let few = vec![point(1000, 3), point(2000, 4), point(3000, 0)];
        assert_eq!(of(few), Some((940_000, 2_005_000)), "all there are");
        let many = vec![point(1000, 50), point(2000, 15), point(3000, 15), point(4000, 0)];
        assert_eq!(of(many), Some((1_940_000, 3_005_000)), "no further back than is needed");
    }
}
