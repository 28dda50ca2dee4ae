//! What no shape can say: order, names that refer to something, expectations that contradict each other.
//!
//! Each rule reads from the tree what it needs and says nothing where that is not there: the shape has said it already.

mod expectations;
mod faults;
mod journeys;
mod load_test;
mod requests;
mod scenario;
mod thresholds;
mod traffic;

use super::tree::{Content, Node};
use super::{Mistakes, suggest};

pub(super) use journeys::check as journeys;
pub(super) use load_test::check as load_test;
pub(super) use scenario::check as scenario;

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

/// The keys of the map under `key`; `None` where there is no map to refer to.
fn keys<'n>(root: &'n Node, key: &str) -> Option<Vec<&'n str>> {
    let map = root.get(key).filter(|node| matches!(node.content, Content::Map(_)))?;
    Some(map.entries().iter().map(|entry| entry.key.as_str()).collect())
}

/// Reports a title that is more than a line of text: it stands in terminals and pages as it is.
fn title(root: &Node, mistakes: &mut Mistakes) {
    let Some((node, text)) = root.get("title").and_then(|n| Some((n, n.text()?))) else {
        return;
    };
    if text.chars().any(char::is_control) {
        let remedy = "write one line of plain text, without line breaks, tabs or escapes";
        mistakes.add(node.at, "`title` has control characters", remedy);
    }
}

/// Reports `item` if it has none of `keys`.
fn says_something(item: &Node, keys: &[&str], what: &str, mistakes: &mut Mistakes) {
    if matches!(item.entries(), [_, ..]) && keys.iter().all(|key| item.get(key).is_none()) {
        mistakes.add(item.at, format!("{what} checks nothing"), format!("give it one of: {}", keys.join(", ")));
    }
}
