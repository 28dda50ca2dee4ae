//! Rules about journeys: where their steps go, and what they may use of each other.

use super::super::Mistakes;
use super::super::keys::{POINTER_REMEDY, is_pointer};
use super::super::tree::{Entry, Node};
use super::requests::{self, Slots};
use super::suggested;
use crate::load_test::BUILT_IN_SLOTS;

/// Reports what is wrong with journeys that may use `data` and go to `targets`, if these are known.
pub(in super::super) fn check(journeys: &[Entry], data: &[&str], targets: Option<&[&str]>, mistakes: &mut Mistakes) {
    for Entry { key, node, .. } in journeys {
        let mut slots = Slots::of_journey(data, node.items());
        for (position, step) in node.items().iter().enumerate() {
            if let Some(targets) = targets {
                suggested(step.get("target"), targets, "target", "targets of this file", mistakes);
            }
            sends(step, &slots, mistakes);
            for entry in step.get("extract").map_or(&[][..], Node::entries) {
                extraction(entry, data, mistakes);
                slots.add(&entry.key);
            }
            labelled(step, &node.items()[..position], key, mistakes);
        }
    }
}

/// What a step is called in reports, if it can be told: [`crate::Step::label`].
pub(super) fn label(step: &Node) -> Option<String> {
    if let Some(name) = step.get("name") {
        return name.text().map(str::to_owned);
    }
    let method = step.get("method").map_or(Some("GET"), Node::text)?;
    let path = step.get("path")?.text()?;
    Some(format!("{method} {}", path.split('?').next().unwrap_or_default()))
}

/// Two steps of one name would be counted as one.
fn labelled(step: &Node, before: &[Node], journey: &str, mistakes: &mut Mistakes) {
    let Some(called) = label(step) else { return };
    if let Some(first) = before.iter().find(|other| label(other).as_ref() == Some(&called)) {
        let remedy = format!("the first stands in line {}: give this one a `name` of its own", first.at.line);
        mistakes.add(step.at, format!("a second step called {called:?} in `{journey}`"), remedy);
    }
}

fn sends(step: &Node, slots: &Slots<'_>, mistakes: &mut Mistakes) {
    if let Some(path) = step.get("path") {
        requests::path(path, slots, mistakes);
    }
    requests::headers(step.get("headers"), slots, mistakes);
    if let Some(json) = step.get("json") {
        requests::json(json, slots, mistakes);
    }
    if let Some(body) = step.get("body") {
        requests::body(body, slots, mistakes);
    }
}

fn extraction(entry: &Entry, data: &[&str], mistakes: &mut Mistakes) {
    let name = entry.key.as_str();
    if let Some(slot) = BUILT_IN_SLOTS.iter().find(|slot| slot.name == name) {
        mistakes.add(entry.key_at, format!("`{name}` is built in: {}", slot.about), "give it another name");
    } else if data.contains(&name) {
        mistakes.add(entry.key_at, format!("`{name}` is in `data` already"), "give one of them another name");
    }
    if let Some(text) = entry.node.text().filter(|text| !text.trim().is_empty() && !is_pointer(text)) {
        mistakes.add(entry.node.at, format!("{text:?} is no JSON pointer"), POINTER_REMEDY);
    }
}
