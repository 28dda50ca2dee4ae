//! A tree against a [`Shape`]: wrong types, missing and unknown keys, bounds.

mod curves;
mod numbers;
mod texts;

use std::ops::RangeInclusive;

use super::keys::Keys;
use super::shape::{Bounds, Field, Need, Shape};
use super::tree::{Content, Node};
use super::{Mistakes, suggest};
use crate::FaultKinds;
use texts::{found, lowercase};

/// Reports where `root` is not of `shape`.
pub(super) fn check(root: &Node, shape: &Shape, kinds: &dyn FaultKinds, mistakes: &mut Mistakes) {
    Checker { kinds, mistakes }.value(root, shape, "the file");
}

struct Checker<'a> {
    kinds: &'a dyn FaultKinds,
    mistakes: &'a mut Mistakes,
}

impl Checker<'_> {
    fn value(&mut self, node: &Node, shape: &Shape, name: &str) {
        match shape {
            Shape::Map(fields) => self.map(node, fields, name),
            Shape::Forms(forms) => self.forms(node, forms, name),
            Shape::Table { keys, least, most, of } => self.table(node, keys, *least..=*most, of, name),
            Shape::Kinds(kinds) => self.tagged(node, kinds, name),
            Shape::List { least, most, of } => self.list(node, *least..=*most, of, name),
            Shape::Either(shapes) => self.either(node, shapes, name),
            Shape::Number(bounds) => self.number(node, *bounds, name),
            Shape::Range(bounds) => self.range(node, *bounds, name),
            Shape::Band(bounds) => self.band(node, *bounds, name),
            Shape::Curve(bounds) => self.curve(node, *bounds, name),
            Shape::Steps(bounds) => self.steps(node, *bounds, name),
            Shape::Ramps(bounds) => self.ramps(node, *bounds, name),
            Shape::Boolean if !matches!(node.content, Content::Boolean(_)) => {
                self.wrong_type(node, name, "true or false");
            }
            Shape::Boolean => {}
            Shape::Word => self.word(node, name),
            Shape::Text => drop(self.text(node, name)),
            Shape::Line => self.line(node, name),
            Shape::Document => self.document(node, name),
            Shape::OneOf(words) => self.one_of(node, words, name),
            Shape::Scalar if matches!(node.content, Content::List(_) | Content::Map(_)) => {
                self.wrong_type(node, name, "a text, number, boolean or null");
            }
            Shape::Scalar | Shape::Json => self.finite(node, name),
            Shape::FaultKind => {
                let names = self.kinds.names();
                self.one_of(node, &names, name);
            }
            Shape::FaultArgs => self.args(node, name),
        }
    }

    fn map(&mut self, node: &Node, fields: &[Field], name: &str) {
        let Content::Map(entries) = &node.content else {
            return self.wrong_type(node, name, "a map of keys");
        };
        for entry in entries {
            match fields.iter().find(|f| f.key == entry.key) {
                Some(Field { need: Need::Refused(remedy), .. }) => {
                    self.mistakes.add(entry.key_at, format!("`{}` has no place in {name}", entry.key), *remedy);
                }
                Some(field) if matches!(entry.node.content, Content::Null) => {
                    let remedy = match field.need {
                        Need::Required => "give it a value",
                        _ => "give it a value, or leave the key out",
                    };
                    self.mistakes.add(entry.key_at, format!("`{}` has no value", field.key), remedy);
                }
                Some(field) => self.value(&entry.node, &field.shape, &format!("`{}`", field.key)),
                None => {
                    let known = fields.iter().filter(|f| !matches!(f.need, Need::Refused(_))).map(|f| f.key);
                    let remedy = suggest::one_of(&entry.key, known, "known here");
                    self.mistakes.add(entry.key_at, format!("unknown key `{}` in {name}", entry.key), remedy);
                }
            }
        }
        for field in fields.iter().filter(|f| f.need == Need::Required && node.get(f.key).is_none()) {
            self.mistakes.add(
                node.at,
                format!("`{}` is missing in {name}", field.key),
                format!("add it: {}", lowercase(field.about)),
            );
        }
        self.alternatives(node, fields, name);
    }

    /// Of the keys of a map that stand for each other, there must not be two, and sometimes one.
    fn alternatives(&mut self, node: &Node, fields: &[Field], name: &str) {
        for need in [Need::OneOf, Need::AtMostOneOf] {
            let alike: Vec<&Field> = fields.iter().filter(|f| f.need == need).collect();
            let keys = || alike.iter().map(|f| format!("`{}`", f.key)).collect::<Vec<_>>();
            let mut given = node.entries().iter().filter(|e| alike.iter().any(|f| f.key == e.key));
            match (given.next(), given.next()) {
                (None, _) if need == Need::OneOf => {
                    if let Some((first, others)) = keys().split_first() {
                        let message = format!("{first} is missing in {name}");
                        let about = lowercase(alike[0].about);
                        self.mistakes.add(node.at, message, format!("add it: {about}; or {}", others.join(" or ")));
                    }
                }
                (Some(first), Some(second)) => {
                    let message = format!("`{}` together with `{}` in {name}", second.key, first.key);
                    self.mistakes.add(second.key_at, message, format!("keep one of {}", keys().join(" and ")));
                }
                _ => {}
            }
        }
    }

    fn forms(&mut self, node: &Node, forms: &[&[Field]], name: &str) {
        if !matches!(node.content, Content::Map(_)) {
            return self.wrong_type(node, name, &format!("a map with {}", keys_of(forms)));
        }
        let has = |form: &&&[Field]| form.iter().filter(|field| node.get(field.key).is_some()).count();
        // The first of those that fit best: `max_by_key` would take the last.
        match forms.iter().rev().max_by_key(has).filter(|form| has(form) > 0) {
            Some(form) => self.map(node, form, name),
            None => {
                let (message, remedy) = (format!("{name} has none of its keys"), format!("give {}", keys_of(forms)));
                self.mistakes.add(node.at, message, remedy);
            }
        }
    }

    fn table(&mut self, node: &Node, keys: &Keys, lengths: RangeInclusive<usize>, of: &Shape, name: &str) {
        let Content::Map(entries) = &node.content else {
            return self.wrong_type(node, name, "a map of names");
        };
        self.length(node, entries.len(), lengths, name);
        for entry in entries {
            if !(keys.accept)(&entry.key) {
                self.mistakes.add(entry.key_at, format!("`{}` can't be a name in {name}", entry.key), keys.remedy);
            }
            self.value(&entry.node, of, &format!("`{}`", entry.key));
        }
    }

    fn tagged(&mut self, node: &Node, kinds: &[(&str, &'static [Field])], name: &str) {
        let Content::Map(entries) = &node.content else {
            return self.wrong_type(node, name, "a map with a `kind`");
        };
        let words: Vec<&str> = kinds.iter().map(|k| k.0).collect();
        let Some(kind) = node.get("kind") else {
            return self.mistakes.add(
                node.at,
                format!("`kind` is missing in {name}"),
                format!("add it, one of: {}", words.join(", ")),
            );
        };
        self.one_of(kind, &words, "`kind`");
        if let Some((_, fields)) = kinds.iter().find(|k| Some(k.0) == kind.text()) {
            let others = entries.iter().filter(|e| e.key != "kind").cloned().collect();
            self.map(&Node { at: node.at, content: Content::Map(others) }, fields, name);
        }
    }

    fn list(&mut self, node: &Node, lengths: RangeInclusive<usize>, of: &Shape, name: &str) {
        let Content::List(items) = &node.content else {
            return self.wrong_type(node, name, "a list");
        };
        self.length(node, items.len(), lengths, name);
        for (position, item) in items.iter().enumerate() {
            self.value(item, of, &format!("item {} of {name}", position + 1));
        }
    }

    fn either(&mut self, node: &Node, shapes: &[Shape], name: &str) {
        match shapes.iter().find(|shape| may_be(shape, &node.content)) {
            Some(shape) => self.value(node, shape, name),
            None => {
                let expected: Vec<String> = shapes.iter().map(described).collect();
                self.wrong_type(node, name, &expected.join(" or "));
            }
        }
    }

    fn length(&mut self, node: &Node, length: usize, lengths: RangeInclusive<usize>, name: &str) {
        let (least, most) = lengths.into_inner();
        if length < least {
            self.mistakes.add(node.at, format!("{name} is empty"), format!("give it at least {least}"));
        }
        if length > most {
            self.mistakes.add(node.at, format!("{name} has {length} entries"), format!("keep to {most}"));
        }
    }

    /// Only what JSON can't hold: the rest is the kind's to judge.
    fn args(&mut self, node: &Node, name: &str) {
        match &node.content {
            Content::Map(entries) => {
                for entry in entries {
                    self.finite(&entry.node, &format!("`{}`", entry.key));
                }
            }
            _ => self.wrong_type(node, name, "a map of the kind's arguments"),
        }
    }

    fn finite(&mut self, node: &Node, name: &str) {
        match &node.content {
            Content::Number(n) if !n.is_finite() => self.wrong_type(node, name, "a finite number"),
            Content::Beyond(_) => {
                self.mistakes.add(node.at, format!("{name} is a whole number beyond 64 bits"), "write it as a text");
            }
            Content::List(items) => items.iter().for_each(|item| self.finite(item, name)),
            Content::Map(entries) => entries.iter().for_each(|e| self.finite(&e.node, &format!("`{}`", e.key))),
            _ => {}
        }
    }

    fn wrong_type(&mut self, node: &Node, name: &str, expected: &str) {
        self.mistakes.add(node.at, format!("{name} is {}", found(&node.content)), format!("give {expected}"));
    }
}

/// Whether what stands there could be meant as `shape`.
fn may_be(shape: &Shape, content: &Content) -> bool {
    match content {
        Content::Integer(_) | Content::Unsigned(_) | Content::Beyond(_) | Content::Number(_) => {
            matches!(shape, Shape::Number(_))
        }
        Content::Text(_) => matches!(shape, Shape::Text | Shape::Line | Shape::Word),
        Content::List(_) => matches!(shape, Shape::List { .. } | Shape::Range(_)),
        Content::Map(_) => matches!(shape, Shape::Map(_) | Shape::Forms(_) | Shape::Table { .. }),
        Content::Null | Content::Boolean(_) => false,
    }
}

/// A shape of [`Shape::Either`] in a remedy.
fn described(shape: &Shape) -> String {
    match shape {
        Shape::Number(Bounds { whole: true, .. }) => "a whole number".to_owned(),
        Shape::Number(_) => "a number".to_owned(),
        Shape::Range(_) => "[least, most]".to_owned(),
        Shape::List { .. } => "a list".to_owned(),
        Shape::Map(fields) => format!("a map with {}", keys_of(&[fields])),
        Shape::Forms(forms) => format!("a map with {}", keys_of(forms)),
        Shape::Table { .. } => "a map of names".to_owned(),
        _ => "a text".to_owned(),
    }
}

/// What a map in one of `forms` must have: `a` and `b`, or `c`.
fn keys_of(forms: &[&[Field]]) -> String {
    let keys = |form: &&[Field]| {
        let required = form.iter().filter(|field| field.need == Need::Required);
        required.map(|field| format!("`{}`", field.key)).collect::<Vec<_>>().join(" and ")
    };
    forms.iter().map(keys).collect::<Vec<_>>().join(", or ")
}
