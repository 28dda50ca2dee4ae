//! YAML nodes with their positions, and the list of mistakes found on the way.

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};

use crate::file::mistake::{Mistake, nearest};

/// A value in the file.
pub(crate) type Node<'a> = MarkedYaml<'a>;

/// Collects mistakes while values are read.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    mistakes: Vec<Mistake>,
}

/// A mapping: its place and its fields in order.
#[derive(Debug)]
pub(crate) struct Object<'a, 'n> {
    pub(crate) node: &'n Node<'a>,
    fields: Vec<(&'n str, &'n Node<'a>)>,
}

impl<'a, 'n> Object<'a, 'n> {
    /// The field's value, if it is there.
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node<'a>> {
        self.fields.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
    }

    /// Those of `keys` that are there.
    pub(crate) fn present<'k>(&self, keys: &[&'k str]) -> Vec<&'k str> {
        keys.iter().copied().filter(|key| self.get(key).is_some()).collect()
    }
}

/// Parses `text` into its one document.
pub(crate) fn load(text: &str) -> Result<Node<'_>, Mistake> {
    let mut documents = MarkedYaml::load_from_str(text).map_err(|scan| Mistake {
        line: scan.marker().line(),
        column: scan.marker().col() + 1,
        message: format!("not YAML: {}", scan.info()),
        remedy: "mend the indentation, quotes or brackets here".into(),
    })?;
    if documents.len() == 1 {
        return Ok(documents.remove(0));
    }
    Err(Mistake {
        line: 1,
        column: 1,
        message: format!("the file holds {} documents", documents.len()),
        remedy: "write one document with the field `monitors`".into(),
    })
}

impl Reader {
    /// Notes a mistake at `node`.
    pub(crate) fn mistake(&mut self, node: &Node<'_>, message: impl Into<String>, remedy: impl Into<String>) {
        self.mistakes.push(Mistake {
            line: node.span.start.line(),
            column: node.span.start.col() + 1,
            message: message.into(),
            remedy: remedy.into(),
        });
    }

    /// Every mistake, in the order of the file.
    pub(crate) fn into_mistakes(mut self) -> Vec<Mistake> {
        self.mistakes.sort();
        self.mistakes.dedup();
        self.mistakes
    }

    /// A mapping whose keys are all among `known`; others are mistakes.
    pub(crate) fn object<'a, 'n>(&mut self, node: &'n Node<'a>, what: &str, known: &[&str]) -> Option<Object<'a, 'n>> {
        let YamlData::Mapping(mapping) = &node.data else {
            self.mistake(node, format!("{what} must be a mapping"), format!("give it fields: {}", known.join(", ")));
            return None;
        };
        let mut fields = Vec::new();
        for (key, value) in mapping {
            let Some(name) = key.data.as_str() else {
                self.mistake(key, format!("a field of {what} is not a word"), format!("use {}", known.join(", ")));
                continue;
            };
            if known.contains(&name) {
                fields.push((name, value));
            } else {
                let remedy = match nearest(name, known) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("known fields: {}", known.join(", ")),
                };
                self.mistake(key, format!("{what} has no field `{name}`"), remedy);
            }
        }
        Some(Object { node, fields })
    }

    /// A list with something in it.
    pub(crate) fn list<'a, 'n>(&mut self, node: &'n Node<'a>, what: &str) -> Option<&'n [Node<'a>]> {
        match &node.data {
            YamlData::Sequence(items) if !items.is_empty() => Some(items),
            YamlData::Sequence(_) => {
                self.mistake(node, format!("{what} is empty"), "list at least one, or leave the field out");
                None
            }
            _ => {
                self.mistake(node, format!("{what} must be a list"), "start each item with `- `");
                None
            }
        }
    }

    /// The field's value; its absence is a mistake.
    pub(crate) fn required<'a, 'n>(
        &mut self,
        object: &Object<'a, 'n>,
        key: &str,
        what: &str,
        example: &str,
    ) -> Option<&'n Node<'a>> {
        let found = object.get(key);
        if found.is_none() {
            self.mistake(object.node, format!("{what} needs `{key}`"), format!("add `{key}: {example}`"));
        }
        found
    }
}

/// The text of a string, if it is one.
pub(crate) fn text<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    match &node.data {
        YamlData::Value(Scalar::String(text)) => Some(text),
        _ => None,
    }
}

/// The number, if it is one.
pub(crate) fn number(node: &Node<'_>) -> Option<f64> {
    match &node.data {
        YamlData::Value(Scalar::Integer(whole)) => Some(*whole as f64),
        YamlData::Value(Scalar::FloatingPoint(number)) => Some(number.0).filter(|number| number.is_finite()),
        _ => None,
    }
}
