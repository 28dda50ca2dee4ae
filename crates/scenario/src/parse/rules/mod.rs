//! What no shape can say: order, names that refer to something, expectations that contradict each other.
//!
//! Each rule reads from the tree what it needs and says nothing where that is not there: the shape has said it already.

mod expectations;
mod faults;

use super::tree::Node;
use super::{Mistakes, suggest};
use crate::{Curve, FaultKinds, World};

/// Greatest number of arrivals at speed 1, each taken as often as it may be sent: the prediction keeps about 24 bytes of every one.
const MOST_ARRIVALS: f64 = 20e6;

/// Reports what breaks a rule.
pub(super) fn check(root: &Node, kinds: &dyn FaultKinds, mistakes: &mut Mistakes) {
    unique(root.list("phases"), "name", "phase", mistakes);
    unique(root.list("streams"), "name", "stream", mistakes);
    unique(root.list("queues"), "name", "queue", mistakes);
    unique(root.list("faults"), "id", "fault", mistakes);
    phases(root, mistakes);
    streams(root, mistakes);
    queues(root, mistakes);
    queries(root, mistakes);
    faults::check(root, kinds, mistakes);
    expectations::check(root, mistakes);
}

/// What the items of the list under `list` are called by `key`.
fn names<'n>(root: &'n Node, list: &str, key: &str) -> Vec<&'n str> {
    root.list(list).iter().filter_map(|item| item.get(key)?.text()).collect()
}

/// Reports `node` if it names nothing in `known`, all of which stand in the file.
fn refers(node: Option<&Node>, known: &[&str], what: &str, mistakes: &mut Mistakes) {
    suggested(node, known, what, &plural_of(what), mistakes);
}

/// Reports `node` if it names nothing in `known`, which the remedy calls `all`.
fn suggested(node: Option<&Node>, known: &[&str], what: &str, all: &str, mistakes: &mut Mistakes) {
    let Some((node, text)) = node.and_then(|n| Some((n, n.text()?))) else {
        return;
    };
    if !known.contains(&text) {
        let remedy = suggest::one_of(text, known.iter().copied(), all);
        mistakes.add(node.at, format!("there is no {what} {text:?}"), remedy);
    }
}

/// What a remedy calls the choice among the file's own names.
fn plural_of(what: &str) -> String {
    if what == "query" { "queries of this file".to_owned() } else { format!("{what}s of this file") }
}

/// Reports `node` if it lies after the end of the scenario.
fn inside(node: Option<&Node>, root: &Node, what: &str, mistakes: &mut Mistakes) {
    let length = root.get("minutes").and_then(Node::number);
    if let (Some(node), Some(length)) = (node, length)
        && let Some(minute) = node.number()
        && minute > length
    {
        mistakes.add(
            node.at,
            format!("{what} is minute {minute} of {length}"),
            "move it inside, or make the scenario longer",
        );
    }
}

fn unique(items: &[Node], key: &str, what: &str, mistakes: &mut Mistakes) {
    for (position, item) in items.iter().enumerate() {
        let Some((node, name)) = item.get(key).and_then(|n| Some((n, n.text()?))) else {
            continue;
        };
        let same = |other: &Node| other.get(key).and_then(Node::text) == Some(name);
        if let Some(first) = items[..position].iter().find(|other| same(other)) {
            let remedy = format!("the first stands in line {}: give this one another name", first.at.line);
            mistakes.add(node.at, format!("a second {what} named {name:?}"), remedy);
        }
    }
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
    let world = root.get("world").and_then(Node::text);
    let length = root.get("minutes").and_then(Node::number).filter(|m| (1.0..=1440.0).contains(m));
    let mut arrivals = 0.0;
    for stream in root.list("streams") {
        let rate = stream.get("arrivals_per_minute").and_then(curve);
        let journeys = stream.get("journeys");
        if world == Some("shop") {
            let known = World::Shop.journeys();
            for entry in journeys.map_or(&[][..], Node::entries).iter().filter(|e| !known.contains(&e.key.as_str())) {
                let remedy = suggest::one_of(&entry.key, known.iter().copied(), "journeys of this world");
                mistakes.add(entry.key_at, format!("there is no journey {:?}", entry.key), remedy);
            }
        }
        if let (Some(rate), Some(length)) = (&rate, length) {
            arrivals += rate.integral(0.0, length);
            if let Some(journeys) = journeys {
                weights(journeys, rate, length, mistakes);
            }
        }
    }
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

/// Somewhere between two neighbouring minutes of change, is there traffic and no journey to send?
fn weights(journeys: &Node, rate: &Curve, length: f64, mistakes: &mut Mistakes) {
    let Some(weights) = journeys.entries().iter().map(|e| curve(&e.node)).collect::<Option<Vec<Curve>>>() else {
        return;
    };
    let mut cuts: Vec<f64> = weights.iter().chain([rate]).flat_map(|c| c.points().iter().map(|p| p.0)).collect();
    cuts.extend([0.0, length]);
    cuts.retain(|minute| *minute <= length);
    cuts.sort_by(f64::total_cmp);
    // Curves are straight between cuts and never negative: a sum that is 0 in the middle is 0 throughout.
    let middles = cuts.windows(2).filter(|w| w[1] > w[0]).map(|w| (w[0], f64::midpoint(w[0], w[1])));
    for (from, middle) in middles {
        if rate.at(middle) > 0.0 && weights.iter().map(|w| w.at(middle)).sum::<f64>() <= 0.0 {
            let message = format!("no journey has any weight after minute {from}, while traffic arrives");
            return mistakes.add(
                journeys.at,
                message,
                "give one a weight over 0 there; a curve is 0 before its first point",
            );
        }
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

/// The curve that `node` describes, if it is one.
fn curve(node: &Node) -> Option<Curve> {
    if let Some(value) = node.number().filter(|v| *v >= 0.0) {
        return Some(Curve::constant(value));
    }
    let points: Option<Vec<(f64, f64)>> =
        node.items().iter().map(|p| p.pair().filter(|(m, v)| *m >= 0.0 && *v >= 0.0)).collect();
    Curve::new(points?)
}
