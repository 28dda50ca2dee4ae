//! k6's thresholds, as far as they have a counterpart.

use serde_json::{Map, Value};

use super::scenarios::Imported;
use super::units::number;

/// Latencies and shares of failure, each with the stream that it is of.
pub(super) fn read(thresholds: Option<&Value>, streams: &[Imported], left_out: &mut Vec<String>) -> Vec<Value> {
    let mut read: Vec<Map<String, Value>> = Vec::new();
    let mut judges_requests = false;
    for (metric, conditions) in thresholds.and_then(Value::as_object).into_iter().flatten() {
        let conditions = match conditions {
            Value::Array(several) => several.as_slice(),
            one => std::slice::from_ref(one),
        };
        for condition in conditions {
            // A text, or a map that also says whether to stop.
            let (text, stops) = match condition {
                Value::Object(map) => {
                    (map.get("threshold").and_then(Value::as_str), map.get("abortOnFail") == Some(&Value::Bool(true)))
                }
                other => (other.as_str(), false),
            };
            let text = text.unwrap_or_default();
            let Some((stream, key, limit)) = understood(metric, text, streams) else {
                left_out.push(format!("the threshold {metric} {text}"));
                continue;
            };
            if stops {
                left_out
                    .push(format!("abortOnFail of the threshold {metric} {text}: thresholds are judged at the end"));
            }
            judges_requests |= metric.starts_with("http_req_duration");
            put(&mut read, stream, key, limit);
        }
    }
    if judges_requests {
        left_out.push(
            "http_req_duration is of requests, a threshold here is of whole visits, think times included: give it `journey` and `step` to judge one request".to_owned(),
        );
    }
    read.into_iter().map(Value::Object).collect()
}

/// The stream that a threshold is of, if any, its key in the file, and its limit.
fn understood<'s>(
    metric: &str,
    condition: &str,
    streams: &'s [Imported],
) -> Option<(Option<&'s str>, &'static str, f64)> {
    let (metric, tags) = match metric.split_once('{') {
        Some((metric, tags)) => (metric.trim(), Some(tags.trim_end().strip_suffix('}')?)),
        None => (metric, None),
    };
    let stream = match tags {
        None => None,
        Some(tags) => {
            let (tag, value) = tags.split_once(':')?;
            let scenario = value.trim().trim_matches(['"', '\'']);
            let of = streams.iter().find(|s| tag.trim() == "scenario" && s.scenario == scenario)?;
            Some(of.name.as_str())
        }
    };
    let sign = condition.find(['<', '>', '='])?;
    let (measure, rest) = condition.split_at(sign);
    let limit_starts = rest.find(|c: char| !matches!(c, '<' | '>' | '='))?;
    let (sign, limit) = rest.split_at(limit_starts);
    let limit: f64 = limit.trim().parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0)?;
    let measure: String = measure.chars().filter(|c| !c.is_whitespace()).collect();
    let is_upper = matches!(sign, "<" | "<=");
    let key = match (metric, measure.as_str()) {
        ("http_req_failed", "rate") if is_upper && limit <= 1.0 => "error_rate_max",
        ("http_req_duration" | "iteration_duration", measure) if is_upper => match measure {
            "med" | "p(50)" => "p50_ms_max",
            "p(90)" => "p90_ms_max",
            "p(95)" => "p95_ms_max",
            "p(99)" => "p99_ms_max",
            "max" => "slowest_ms_max",
            _ => return None,
        },
        ("iterations", "rate") if matches!(sign, ">" | ">=") => {
            return Some((stream, "completed_per_minute_min", limit * 60.0));
        }
        _ => return None,
    };
    Some((stream, key, limit))
}

/// Puts a limit to the others of its stream; of two of a kind the stricter stays.
fn put(thresholds: &mut Vec<Map<String, Value>>, stream: Option<&str>, key: &str, limit: f64) {
    let of = |t: &Map<String, Value>| t.get("stream").and_then(Value::as_str) == stream;
    let position = thresholds.iter().position(of).unwrap_or_else(|| {
        let subject = stream.map(|name| ("stream".to_owned(), Value::from(name)));
        thresholds.push(subject.into_iter().collect());
        thresholds.len() - 1
    });
    let Some(threshold) = thresholds.get_mut(position) else { return };
    let is_minimum = key.ends_with("_min");
    let stricter = |old: f64| if is_minimum { old.max(limit) } else { old.min(limit) };
    let limit = threshold.get(key).and_then(Value::as_f64).map_or(limit, stricter);
    threshold.insert(key.to_owned(), number(limit));
}
