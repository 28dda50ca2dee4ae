//! Rules about what is sent: slots, paths, headers, bodies.

use super::super::tree::{Content, Entry, Node};
use super::super::{Mistakes, suggest};
use crate::load_test::{BUILT_IN_SLOTS, Piece, SlotForm, Template};

/// What can be filled in at some place of the file.
pub(super) struct Slots<'n> {
    known: Vec<&'n str>,
    /// Names that only later requests may use, and why.
    later: Vec<(&'n str, String)>,
}

impl<'n> Slots<'n> {
    /// The built-in slots and those of the file's `data`.
    pub(super) fn new(data: &[&'n str]) -> Self {
        let known = BUILT_IN_SLOTS.iter().map(|slot| slot.name).chain(data.iter().copied()).collect();
        Self { known, later: Vec::new() }
    }

    /// The same, before anything of `steps` was extracted.
    pub(super) fn of_journey(data: &[&'n str], steps: &'n [Node]) -> Self {
        let mut slots = Self::new(data);
        for (position, step) in steps.iter().enumerate() {
            let names = step.get("extract").map_or(&[][..], Node::entries).iter().map(|entry| entry.key.as_str());
            slots.later.extend(names.map(|name| (name, format!("step {} extracts it", position + 1))));
        }
        slots
    }

    /// From now on `name` is known.
    pub(super) fn add(&mut self, name: &'n str) {
        self.known.push(name);
    }

    /// Reports what is wrong with the template `text`, which stands at `node`, and gives its pieces of plain text.
    fn template(&self, text: &str, node: &Node, mistakes: &mut Mistakes) -> Option<Vec<String>> {
        let template = match Template::parse(text, SlotForm::Plain) {
            Ok(template) => template,
            Err(mistake) => {
                mistakes.add(node.at, mistake.message, mistake.remedy);
                return None;
            }
        };
        for slot in template.slots().filter(|slot| !self.known.contains(&slot.name.as_str())) {
            let message = format!("nothing fills `${{{}}}` here", slot.name);
            let remedy = match self.later.iter().find(|(name, _)| *name == slot.name) {
                Some((_, why)) => format!("{why}: use it in a step after that one"),
                None => suggest::one_of(&slot.name, self.known.iter().copied(), "slots there are"),
            };
            mistakes.add(node.at, message, remedy);
        }
        let texts = template.0.into_iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text),
            Piece::Slot(_) => None,
        });
        Some(texts.collect())
    }
}

/// Headers that are the engine's own, and what to do about them.
const RESERVED: [(&str, &str); 13] = [
    ("host", "leave it out: it follows from the target's URL"),
    ("baggage", "write it under `baggage` of the stream"),
    ("traceparent", "leave it out: each request has its own"),
    ("tracestate", "leave it out: each request has its own"),
    ("content-length", CONNECTION),
    ("transfer-encoding", CONNECTION),
    ("connection", CONNECTION),
    ("keep-alive", CONNECTION),
    ("proxy-connection", CONNECTION),
    ("upgrade", CONNECTION),
    ("te", CONNECTION),
    ("trailer", CONNECTION),
    ("expect", CONNECTION),
];

const CONNECTION: &str = "leave it out: it is about the connection, which the engine keeps";

/// Reports what is wrong with a map of headers.
pub(super) fn headers(headers: Option<&Node>, slots: &Slots<'_>, mistakes: &mut Mistakes) {
    let entries = headers.map_or(&[][..], Node::entries);
    for (position, Entry { key, key_at, node }) in entries.iter().enumerate() {
        let lowercase = key.to_ascii_lowercase();
        if let Some((_, remedy)) = RESERVED.iter().find(|(name, _)| *name == lowercase) {
            mistakes.add(*key_at, format!("`{key}` can't be set"), *remedy);
        }
        if let Some(first) = entries[..position].iter().find(|other| other.key.eq_ignore_ascii_case(key)) {
            let remedy = format!("it stands in line {} already: keep one", first.key_at.line);
            mistakes.add(*key_at, format!("the header `{key}` a second time"), remedy);
        }
        let Some(texts) = node.text().and_then(|text| slots.template(text, node, mistakes)) else {
            continue;
        };
        if texts.iter().any(|text| !text.bytes().all(|b| b == b' ' || b == b'\t' || b.is_ascii_graphic())) {
            let remedy = "write visible ASCII, in one line";
            mistakes.add(node.at, format!("`{key}` has characters that no header can carry"), remedy);
        }
    }
}

/// Reports what is wrong with the path of a step.
pub(super) fn path(node: &Node, slots: &Slots<'_>, mistakes: &mut Mistakes) {
    let Some(text) = node.text().filter(|text| !text.trim().is_empty()) else {
        return;
    };
    if !text.starts_with('/') {
        let remedy = "begin it with a slash; the server is the target's";
        mistakes.add(node.at, format!("the path {text:?} does not begin with a slash"), remedy);
    }
    let Some(texts) = slots.template(text, node, mistakes) else {
        return;
    };
    if texts.iter().any(|text| !text.bytes().all(|b| b.is_ascii_graphic() && b != b'#')) {
        let remedy = "percent-encode blanks, `#` and whatever is not ASCII; slots are encoded by themselves";
        mistakes.add(node.at, "the path has characters that no request line can carry", remedy);
    }
}

/// Reports what is wrong with a body that is sent as it is.
pub(super) fn body(node: &Node, slots: &Slots<'_>, mistakes: &mut Mistakes) {
    if let Some(text) = node.text() {
        slots.template(text, node, mistakes);
    }
}

/// Reports what is wrong with the texts and keys of a JSON body.
pub(super) fn json(node: &Node, slots: &Slots<'_>, mistakes: &mut Mistakes) {
    match &node.content {
        Content::Text(text) => drop(slots.template(text, node, mistakes)),
        Content::List(items) => items.iter().for_each(|item| json(item, slots, mistakes)),
        Content::Map(entries) => {
            for entry in entries {
                let key = Node { at: entry.key_at, content: Content::Null };
                slots.template(&entry.key, &key, mistakes);
                json(&entry.node, slots, mistakes);
            }
        }
        _ => {}
    }
}
