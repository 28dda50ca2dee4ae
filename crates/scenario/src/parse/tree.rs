//! YAML as a tree that knows where everything stands.
//!
//! Built from the parser's events, because a loader stops at the first repeated key and descends by recursion. What a
//! hostile file could do is bounded: depth, and nodes copied for aliases.

use saphyr::Scalar;
use saphyr_parser::{Event, Marker, Parser};
use serde_json::Value;

use super::{File, Mistakes, Position};

/// Greatest nesting; the formats need 6, arguments of faults and JSON bodies a few more.
const GREATEST_DEPTH: usize = 32;
/// Greatest number of nodes that aliases may copy.
const GREATEST_COPIES: usize = 10_000;

/// One value of the file.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) content: Content,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    Null,
    Boolean(bool),
    Integer(i64),
    /// Above what [`Content::Integer`] holds.
    Unsigned(u64),
    /// A whole number beyond both, as near as a float comes to it.
    Beyond(f64),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key and its value. Keys of a map differ.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_at: Position,
    pub(super) node: Node,
}

impl Node {
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|e| e.key == key).map(|e| &e.node)
    }

    /// The entries of a map; none of anything else.
    pub(super) fn entries(&self) -> &[Entry] {
        if let Content::Map(entries) = &self.content { entries } else { &[] }
    }

    /// The items of a list; none of anything else.
    pub(super) fn items(&self) -> &[Node] {
        if let Content::List(items) = &self.content { items } else { &[] }
    }

    /// The items of the list under `key`.
    pub(super) fn list(&self, key: &str) -> &[Node] {
        self.get(key).map_or(&[], Node::items)
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Content::Text(text) = &self.content { Some(text) } else { None }
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self.content {
            Content::Integer(i) => Some(i as f64),
            Content::Unsigned(u) => Some(u as f64),
            Content::Number(n) | Content::Beyond(n) if n.is_finite() => Some(n),
            _ => None,
        }
    }

    /// The two numbers of a list of two.
    pub(super) fn pair(&self) -> Option<(f64, f64)> {
        if let [low, high] = self.items() { Some((low.number()?, high.number()?)) } else { None }
    }

    /// The node at `path` from here, or as near to it as there is one.
    pub(super) fn nearest(&self, path: &[String]) -> &Node {
        let Some((step, rest)) = path.split_first() else {
            return self;
        };
        let inner = self.get(step).or_else(|| step.parse::<usize>().ok().and_then(|i| self.items().get(i)));
        inner.map_or(self, |node| node.nearest(rest))
    }

    /// As JSON; numbers that JSON does not know become null.
    pub(super) fn to_json(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Boolean(b) => Value::Bool(*b),
            Content::Integer(i) => Value::from(*i),
            Content::Unsigned(u) => Value::from(*u),
            Content::Number(n) | Content::Beyond(n) => Value::from(*n),
            Content::Text(t) => Value::from(t.as_str()),
            Content::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Content::Map(entries) => Value::Object(entries.iter().map(|e| (e.key.clone(), e.node.to_json())).collect()),
        }
    }

    /// Nodes in it, itself included.
    fn size(&self) -> usize {
        let inner: usize = match &self.content {
            Content::List(items) => items.iter().map(Node::size).sum(),
            Content::Map(entries) => entries.iter().map(|e| e.node.size()).sum(),
            _ => 0,
        };
        1 + inner
    }
}

/// The only document of `text`; `None` if there is none that could be read to its end.
pub(super) fn read(text: &str, file: &File, mistakes: &mut Mistakes) -> Option<Node> {
    let mut builder = Builder { open: Vec::new(), anchors: Vec::new(), copies: 0, documents: Vec::new(), mistakes };
    for event in Parser::new_from_str(text) {
        let outcome = match event {
            Ok((event, span)) => builder.take(event, position(span.start)),
            Err(error) => {
                let at = position(*error.marker());
                Err((at, format!("not YAML: {}", error.info()), remedy_in(text, at).to_owned()))
            }
        };
        if let Err((at, message, remedy)) = outcome {
            builder.mistakes.add(at, message, remedy);
            return None;
        }
    }
    let Builder { mut documents, mistakes, .. } = builder;
    if let Some(second) = documents.get(1) {
        mistakes.add(second.at, "a second YAML document", format!("keep one {} to a file", file.what));
    }
    if documents.is_empty() {
        mistakes.add(Position::BEGINNING, "the file is empty", file.beginning);
        return None;
    }
    Some(documents.swap_remove(0))
}

/// What to look for where the YAML of `text` breaks.
fn remedy_in(text: &str, at: Position) -> &'static str {
    match text.lines().nth(at.line - 1) {
        Some(line) if line.contains("${") => {
            "put texts with slots in quotes: a brace begins a map. Else check brackets"
        }
        _ => "check indentation, quotes and brackets around here",
    }
}

/// What `text`, which YAML reads as the float `nearest`, is: whole numbers beyond 64 bits with a sign are floats to it.
fn large_integer(text: &str, nearest: f64) -> Content {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Content::Number(nearest);
    }
    text.parse().map_or(Content::Beyond(nearest), Content::Unsigned)
}

fn position(marker: Marker) -> Position {
    Position { line: marker.line().max(1), column: marker.col() + 1 }
}

/// Where, what, and the remedy, of something after which reading can't go on.
type Fatal = (Position, String, String);

struct Builder<'m> {
    open: Vec<Open>,
    /// Finished nodes by anchor.
    anchors: Vec<(usize, Node)>,
    copies: usize,
    documents: Vec<Node>,
    mistakes: &'m mut Mistakes,
}

/// A list or map that has not ended.
struct Open {
    node: Node,
    anchor: usize,
    key: Option<(String, Position)>,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, at: Position) -> Result<(), Fatal> {
        match event {
            Event::SequenceStart(anchor, _) => self.open(Content::List(Vec::new()), anchor, at),
            Event::MappingStart(anchor, _) => self.open(Content::Map(Vec::new()), anchor, at),
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Open { node, anchor, .. }) = self.open.pop() {
                    self.place(node, anchor);
                }
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                let content = match Scalar::parse_from_cow_and_metadata(text.clone(), style, tag.as_ref()) {
                    Some(Scalar::Null) => Content::Null,
                    Some(Scalar::Boolean(b)) => Content::Boolean(b),
                    Some(Scalar::Integer(i)) => Content::Integer(i),
                    Some(Scalar::FloatingPoint(n)) => large_integer(&text, n.into_inner()),
                    Some(Scalar::String(t)) => Content::Text(t.into_owned()),
                    None => Content::Text(text.into_owned()),
                };
                self.place(Node { at, content }, anchor);
                Ok(())
            }
            Event::Alias(anchor) => self.copy(anchor, at),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    fn open(&mut self, content: Content, anchor: usize, at: Position) -> Result<(), Fatal> {
        if self.open.len() >= GREATEST_DEPTH {
            return Err((at, format!("nested deeper than {GREATEST_DEPTH} levels"), "flatten it".to_owned()));
        }
        self.open.push(Open { node: Node { at, content }, anchor, key: None });
        Ok(())
    }

    fn copy(&mut self, anchor: usize, at: Position) -> Result<(), Fatal> {
        let Some((_, node)) = self.anchors.iter().find(|(id, _)| *id == anchor) else {
            return Err((at, "an alias inside its own anchor".to_owned(), "write the value out".to_owned()));
        };
        self.copies += node.size();
        if self.copies > GREATEST_COPIES {
            let message = format!("aliases copy more than {GREATEST_COPIES} values");
            return Err((at, message, "write the values out".to_owned()));
        }
        let node = node.clone();
        self.place(node, 0);
        Ok(())
    }

    /// Puts a finished node where it belongs: into what is open, or beside it as a document.
    fn place(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            self.anchors.push((anchor, node.clone()));
        }
        let Some(open) = self.open.last_mut() else {
            self.documents.push(node);
            return;
        };
        match (&mut open.node.content, open.key.take()) {
            (Content::List(items), _) => items.push(node),
            (Content::Map(entries), Some((key, key_at))) => {
                if let Some(first) = entries.iter().find(|e| e.key == key) {
                    let remedy = format!("it stands in line {} already: keep one", first.key_at.line);
                    self.mistakes.add(key_at, format!("`{key}` a second time"), remedy);
                } else {
                    entries.push(Entry { key, key_at, node });
                }
            }
            (Content::Map(_), None) => {
                let key = match &node.content {
                    Content::Text(text) => text.clone(),
                    Content::Integer(i) => i.to_string(),
                    Content::Unsigned(u) => u.to_string(),
                    Content::Number(n) | Content::Beyond(n) => n.to_string(),
                    Content::Boolean(b) => b.to_string(),
                    Content::Null => String::new(),
                    Content::List(_) | Content::Map(_) => {
                        self.mistakes.add(node.at, "a list or map as a key", "keys are plain words");
                        format!("line {} column {}", node.at.line, node.at.column)
                    }
                };
                open.key = Some((key, node.at));
            }
            // Only lists and maps are ever opened.
            _ => {}
        }
    }
}
