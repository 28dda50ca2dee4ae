//! One log record: a line, and all of it when it is opened.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use maud::{Markup, html};
use serde_json::Value;
use store::LogView;

use crate::pages::format::time_of_day;
use crate::pages::shape::{Shape, state};
use crate::web::Fields;

/// An id for each record: the same as long as the record is the same, so that an open one stays open when others come.
pub(crate) fn ids(found: &[LogView]) -> Vec<String> {
    let mut seen: HashMap<u64, usize> = HashMap::new();
    // From the oldest on: of records that are the same in everything, the newest has the highest number.
    let mut ids: Vec<String> = found
        .iter()
        .rev()
        .map(|record| {
            let mut hasher = DefaultHasher::new();
            record.at_unix_ms.to_bits().hash(&mut hasher);
            (&record.service, &record.event, &record.body, &record.trace_id, &record.span_id).hash(&mut hasher);
            let hash = hasher.finish();
            let number = seen.entry(hash).and_modify(|number| *number += 1).or_default();
            format!("log-{hash:016x}-{number}")
        })
        .collect();
    ids.reverse();
    ids
}

fn severity(record: &LogView) -> Markup {
    match record.severity.as_str() {
        "fatal" => state(Shape::Critical, "FATAL"),
        "error" => state(Shape::Critical, "ERROR"),
        "warn" => state(Shape::Warn, "WARN"),
        "info" => state(Shape::Ok, "INFO"),
        other => state(Shape::NoData, other),
    }
}

/// The record, on a page with these fields.
pub(crate) fn record(record: &LogView, id: &str, asked: &Fields) -> Markup {
    html! {
        li id=(id) class=(record.severity) {
            details {
                summary {
                    time title="UTC" { (time_of_day(record.at_unix_ms)) small { (format!(".{:03}", record.at_unix_ms as u64 % 1000)) } }
                    (severity(record))
                    span.service { (record.service) }
                    span.says {
                        @if let Some(event) = &record.event { b { (event) } " " }
                        (record.body)
                    }
                    @if let Some(traffic) = &record.traffic_type { span class={ "chip " (traffic) } { (traffic) } }
                }
                (more(record, asked))
            }
            @if let Some(trace_id) = &record.trace_id {
                a.small href={ "/traces/" (trace_id) @if let Some(span_id) = &record.span_id { "#" (span_id) } } { "trace" }
            }
        }
    }
}

/// Everything else, each a way to narrow the page to it.
fn more(record: &LogView, asked: &Fields) -> Markup {
    let mut attributes: Vec<(&String, &Value)> = record.attributes.iter().collect();
    attributes.sort_by_key(|(key, _)| key.as_str());
    let only = |field: &str, value: &str| asked.address("/logs", &[(field, value)]);
    html! {
        dl.more {
            (line("service", &record.service, Some(only("service", &record.service))))
            @if let Some(event) = &record.event { (line("event", event, Some(only("event", event)))) }
            @if let Some(trace_id) = &record.trace_id { (line("trace", trace_id, Some(only("trace_id", trace_id)))) }
            @if let Some(span_id) = &record.span_id { (line("span", span_id, None)) }
            @for (key, value) in attributes {
                @let text = match value { Value::String(text) => text.clone(), other => other.to_string() };
                (line(key, &text, test(key, &text, asked).map(|tests| only("attributes", &tests))))
            }
        }
    }
}

fn line(name: &str, value: &str, only: Option<String>) -> Markup {
    html! {
        div {
            dt { (name) }
            dd { (value) @if let Some(address) = only { " " a.small href=(address) aria-label={ "only records with this " (name) } { "only these" } } }
        }
    }
}

/// The page's tests of attributes and this one; nothing where it could not be written, or is long.
fn test(key: &str, value: &str, asked: &Fields) -> Option<String> {
    let is_plain = |text: &str| {
        !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || "._-:/".contains(letter))
    };
    if !is_plain(key) || value.len() > 80 || value.contains(['"', '\\']) {
        return None;
    }
    let own = if is_plain(value) { format!("{key}={value}") } else { format!("{key}=\"{value}\"") };
    Some(format!("{} {own}", asked.attributes.trim()).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(body: &str) -> LogView {
        LogView {
            at_unix_ms: 1_800_000_000_123.0,
            service: "cart".into(),
            severity: "warn".into(),
            event: None,
            traffic_type: None,
            body: body.into(),
            trace_id: Some("ab".repeat(16)),
            span_id: Some("cd".repeat(8)),
            attributes: Default::default(),
        }
    }

    #[test]
    fn a_record_keeps_its_id_when_newer_ones_come_and_twins_have_two() {
        let before = ids(&[log("a"), log("twin"), log("twin")]);
        let after = ids(&[log("new"), log("twin"), log("a"), log("twin"), log("twin")]);
        assert_eq!((&after[2], &after[3], &after[4]), (&before[0], &before[1], &before[2]));
        assert_ne!(before[1], before[2]);
    }

    #[test]
    fn a_record_leads_to_its_span() {
        let html = record(&log("full"), "log-1", &Fields::default()).into_string();
        assert!(html.contains(&format!("/traces/{}#{}", "ab".repeat(16), "cd".repeat(8))), "{html}");
        assert!(html.contains("WARN") && html.contains(">.123<"), "{html}");
    }

    #[test]
    fn tests_of_attributes_are_added_to_those_that_are_there() {
        let asked = Fields { attributes: "a=1".into(), ..Fields::default() };
        assert_eq!(test("db.index_used", "NONE", &asked).as_deref(), Some("a=1 db.index_used=NONE"));
        assert_eq!(test("reason", "no connection", &Fields::default()).as_deref(), Some("reason=\"no connection\""));
        assert_eq!(test("odd key", "x", &asked), None);
        assert_eq!(test("sql", "a \"quote\"", &asked), None);
    }
}
