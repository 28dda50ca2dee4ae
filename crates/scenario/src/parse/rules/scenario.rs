//! Rules about phases, queues and queries of a scenario, and who checks the rest.

use super::super::tree::Node;
use super::super::{Mistakes, suggest};
use super::traffic::{Traffic, slots_of_streams};
use super::{expectations, faults, names, refers, title, unique};
use crate::{FaultKinds, World};

/// Greatest number of arrivals at speed 1, each taken as often as it may be sent: the prediction keeps about 24 bytes of every one.
const MOST_ARRIVALS: f64 = 20e6;

/// Reports what breaks a rule.
pub(in super::super) fn check(root: &Node, kinds: &dyn FaultKinds, mistakes: &mut Mistakes) {
    title(root, mistakes);
    unique(root.list("phases"), "name", "phase", mistakes);
    unique(root.list("queues"), "name", "queue", mistakes);
    unique(root.list("faults"), "id", "fault", mistakes);
    phases(root, mistakes);
    streams(root, mistakes);
    queues(root, mistakes);
    queries(root, mistakes);
    faults::check(root, kinds, mistakes);
    expectations::check(root, mistakes);
}

fn phases(root: &Node, mistakes: &mut Mistakes) {
    let mut latest: Option<f64> = None;
    for phase in root.list("phases") {
        let Some((node, from)) = phase.get("from").and_then(|n| Some((n, n.number()?))) else {
            continue;
        };
        if let Some(before) = latest.filter(|before| from <= *before) {
            mistakes.add(
                node.at,
                format!("a phase from minute {from} after one from {before}"),
                "order phases by `from`, each later than the one before",
            );
        }
        let length = root.get("minutes").and_then(Node::number);
        if length.is_some_and(|length| from >= length) {
            mistakes.add(
                node.at,
                format!("the phase begins at minute {from}, when the scenario is over"),
                "begin it before `minutes`",
            );
        }
        latest = Some(latest.map_or(from, |before| before.max(from)));
    }
}

fn streams(root: &Node, mistakes: &mut Mistakes) {
    let world = root.get("world").and_then(Node::text).and_then(World::named);
    let traffic = Traffic {
        length: root.get("minutes").and_then(Node::number).filter(|m| (1.0..=1440.0).contains(m)),
        journeys: world.map(|world| world.journeys().to_vec()),
        all_journeys: "journeys of this world",
        slots: slots_of_streams(root),
    };
    let arrivals = traffic.check(root, mistakes);
    let tries = 1.0 + faults::most_retries(root);
    if let Some(streams) = root.get("streams").filter(|_| arrivals * tries > MOST_ARRIVALS) {
        let (message, remedy) = if arrivals > MOST_ARRIVALS {
            (format!("{arrivals:.0} arrivals in all"), "lower the rates or shorten the scenario")
        } else {
            let message = format!("{arrivals:.0} arrivals in all, sent up to {tries} times each");
            (message, "lower the rates or `retries`, or shorten the scenario")
        };
        mistakes.add(streams.at, message, format!("keep within {MOST_ARRIVALS:.0}: {remedy}"));
    }
}

fn queues(root: &Node, mistakes: &mut Mistakes) {
    let streams = names(root, "streams", "name");
    let mut taken: Vec<(&str, &str)> = Vec::new();
    for queue in root.list("queues") {
        refers(queue.get("stream"), &streams, "stream", mistakes);
        let Some(name) = queue.get("stream").and_then(Node::text) else {
            continue;
        };
        let Some(stream) = root.list("streams").iter().find(|s| s.get("name").and_then(Node::text) == Some(name))
        else {
            continue;
        };
        let journeys: Vec<&str> =
            stream.get("journeys").map_or(&[][..], Node::entries).iter().map(|e| e.key.as_str()).collect();
        for node in queue.list("journeys") {
            let Some(journey) = node.text() else { continue };
            if !journeys.contains(&journey) {
                let remedy = suggest::one_of(journey, journeys.iter().copied(), &format!("journeys of {name}"));
                mistakes.add(node.at, format!("stream {name} has no journey {journey:?}"), remedy);
            }
            if taken.contains(&(name, journey)) {
                mistakes.add(
                    node.at,
                    format!("{journey:?} of stream {name} waits in a queue already"),
                    "name each journey of a stream in one queue, the one that limits it",
                );
            }
            taken.push((name, journey));
        }
    }
}

fn queries(root: &Node, mistakes: &mut Mistakes) {
    for entry in root.get("queries").map_or(&[][..], Node::entries) {
        let Some(text) = entry.node.text().map(str::trim).filter(|t| !t.is_empty()) else {
            continue;
        };
        let select = text.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("select"));
        if !select || text.contains(';') {
            mistakes.add(
                entry.node.at,
                format!("`{}` is not one SELECT", entry.key),
                "write a single SELECT without a semicolon: it is explained, never run",
            );
        }
    }
}
