//! Rules about what the verdict checks.

use super::super::Mistakes;
use super::super::tree::Node;
use super::{inside, names, refers, says_something, suggested};

pub(super) fn check(root: &Node, mistakes: &mut Mistakes) {
    let Some(expect) = root.get("expect") else {
        return;
    };
    let streams = names(root, "streams", "name");
    let about = |item: &Node, mistakes: &mut Mistakes| refers(item.get("stream"), &streams, "stream", mistakes);
    for checkpoint in expect.list("checkpoints") {
        about(checkpoint, mistakes);
        journey(checkpoint, root, mistakes);
        says_something(checkpoint, &["error_rate", "request_error_rate", "p95_ms"], "the checkpoint", mistakes);
        let length = root.get("minutes").and_then(Node::number);
        if let (Some(at), Some(length)) = (checkpoint.get("at"), length)
            && at.number().is_some_and(|at| at >= length)
        {
            mistakes.add(
                at.at,
                format!("nothing is left to measure at the end, minute {length}"),
                "set the checkpoint before `minutes`",
            );
        }
    }
    for always in expect.list("always") {
        about(always, mistakes);
        says_something(always, &["error_rate_max", "p95_ms_max", "arrivals_per_minute"], "`always`", mistakes);
    }
    for quiet in expect.list("quiet") {
        about(quiet, mistakes);
        inside(quiet.get("until"), root, "`until`", mistakes);
        if let Some((from, until)) = minutes(quiet)
            && until <= from
        {
            let at = quiet.get("until").map_or(quiet.at, |n| n.at);
            mistakes.add(at, format!("quiet from {from} until {until}"), "end it after it begins");
        }
    }
    for (position, alert) in expect.list("alerts").iter().enumerate() {
        about(alert, mistakes);
        self::alert(alert, &expect.list("alerts")[..position], expect, root, mistakes);
    }
}

/// The journey that a checkpoint is about must be one of its stream.
fn journey(checkpoint: &Node, root: &Node, mistakes: &mut Mistakes) {
    let name = checkpoint.get("stream").and_then(Node::text);
    let of_that_name = |stream: &&Node| stream.get("name").and_then(Node::text) == name;
    let Some((name, stream)) = name.zip(root.list("streams").iter().find(of_that_name)) else {
        return;
    };
    let entries = stream.get("journeys").map_or(&[][..], Node::entries);
    let journeys: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    suggested(checkpoint.get("journey"), &journeys, "journey", &format!("journeys of {name}"), mistakes);
}

fn minutes(quiet: &Node) -> Option<(f64, f64)> {
    Some((quiet.get("from")?.number()?, quiet.get("until")?.number()?))
}

fn alert(alert: &Node, before: &[Node], expect: &Node, root: &Node, mistakes: &mut Mistakes) {
    let words = |node: &Node, key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    let subject = |node: &Node| (words(node, "monitor"), words(node, "stream"));
    let Some(monitor) = alert.get("monitor") else {
        return;
    };
    if before.iter().any(|other| subject(other) == subject(alert)) {
        mistakes.add(
            monitor.at,
            "this monitor is expected twice",
            "an alert counts when it fires for the first time: keep one",
        );
    }
    let Some((node, (first, last))) = alert.get("fires").and_then(|n| Some((n, n.pair()?))) else {
        return;
    };
    inside(node.items().last(), root, "the end of `fires`", mistakes);
    if let Some((by, minute)) = alert.get("resolves_by").and_then(|n| Some((n, n.number()?)))
        && minute < last
    {
        mistakes.add(
            by.at,
            format!("`resolves_by` is {minute}, but it may fire until {last}"),
            "let it resolve after it fired",
        );
    }
    let stream = words(alert, "stream");
    let forbids = |quiet: &&Node| {
        let same = words(quiet, "stream").is_none_or(|only| stream.as_ref() == Some(&only));
        same && minutes(quiet).is_some_and(|(from, until)| from <= first && last < until)
    };
    if let Some(quiet) = expect.list("quiet").iter().find(forbids) {
        let remedy = format!("the stretch in line {} must be quiet: move one of them", quiet.at.line);
        mistakes.add(node.at, format!("expected between {first} and {last}, where nothing may fire"), remedy);
    }
}
