//! Rules about thresholds: they are about something that is measured.

use super::super::Mistakes;
use super::super::tree::{Content, Node};
use super::{journeys, keys, names, refers, says_something, suggested};

const LIMITS: [&str; 7] = [
    "error_rate_max",
    "p50_ms_max",
    "p90_ms_max",
    "p95_ms_max",
    "p99_ms_max",
    "slowest_ms_max",
    "completed_per_minute_min",
];

pub(super) fn check(threshold: &Node, root: &Node, mistakes: &mut Mistakes) {
    refers(threshold.get("stream"), &names(root, "streams", "name"), "stream", mistakes);
    if matches!(&threshold.content, Content::Map(entries) if entries.is_empty()) {
        let remedy = format!("give it one of: {}, or leave it out", LIMITS.join(", "));
        mistakes.add(threshold.at, "the threshold says nothing", remedy);
    }
    says_something(threshold, &LIMITS, "the threshold", mistakes);
    journey(threshold, root, mistakes);
    let Some(step) = threshold.get("step") else {
        return;
    };
    let Some(journey) = threshold.get("journey") else {
        return mistakes.add(step.at, "`step` without `journey`", "name the journey that it is a step of");
    };
    if let Some((name, steps)) = journey.text().and_then(|name| Some((name, root.get("journeys")?.get(name)?))) {
        let labels: Vec<String> = steps.items().iter().filter_map(journeys::label).collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        suggested(Some(step), &labels, "step", &format!("steps of {name}"), mistakes);
    }
}

/// It must exist, and the stream, or some stream, must take it.
fn journey(threshold: &Node, root: &Node, mistakes: &mut Mistakes) {
    let Some((node, journey)) = threshold.get("journey").and_then(|n| Some((n, n.text()?))) else {
        return;
    };
    let Some(known) = keys(root, "journeys") else { return };
    if !known.contains(&journey) {
        return suggested(Some(node), &known, "journey", "journeys of this file", mistakes);
    }
    let only = threshold.get("stream").and_then(Node::text);
    let mut streams = root.list("streams").iter().filter(|stream| {
        let name = stream.get("name").and_then(Node::text);
        only.is_none() || only == name
    });
    let takes = |stream: &Node| stream.get("journeys").is_some_and(|journeys| journeys.get(journey).is_some());
    if streams.clone().next().is_some() && !streams.any(takes) {
        let who = only.map_or_else(|| "no stream".to_owned(), |only| format!("stream {only} never"));
        mistakes.add(node.at, format!("{who} takes the journey {journey:?}"), "give it a weight under `journeys`");
    }
}
