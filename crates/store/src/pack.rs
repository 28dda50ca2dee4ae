//! Attributes in few bytes: keys and frequent values by number, the rest as it is.
//!
//! One attribute is a varint `key * 8 + tag` and what the tag says. Rows of attributes stand one behind the other in a
//! chunk's buffer. Writing them is the business of `tables`.

use serde_json::{Map, Value as Json};

use crate::symbols::{Symbol, Texts};
use crate::wire::{Fields, put_varint, unzigzag, zigzag};

/// What follows the key.
#[repr(u8)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    /// A symbol as varint.
    Shared,
    /// Length and text.
    Text,
    /// A zigzag varint.
    Whole,
    /// Eight bytes.
    Number,
    True,
    False,
    /// Length and JSON text: lists, maps, bytes.
    Json,
    Null,
}

/// A value as it is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Packed<'a> {
    /// A text of the table.
    Shared(Symbol),
    /// A text that is not in the table.
    Text(&'a str),
    Whole(i64),
    Number(f64),
    Bool(bool),
    /// A list, a map or bytes, as JSON.
    Json(&'a str),
    Null,
}

/// Appends one attribute.
#[inline]
pub(crate) fn push(buffer: &mut Vec<u8>, key: Symbol, value: Packed<'_>) {
    let start = |buffer: &mut Vec<u8>, tag: Tag| put_varint(buffer, u64::from(key.0) << 3 | tag as u64);
    match value {
        Packed::Shared(symbol) => {
            start(buffer, Tag::Shared);
            put_varint(buffer, symbol.0.into());
        }
        Packed::Text(text) => {
            start(buffer, Tag::Text);
            bytes(buffer, text);
        }
        Packed::Whole(whole) => {
            start(buffer, Tag::Whole);
            put_varint(buffer, zigzag(whole));
        }
        Packed::Number(number) => {
            start(buffer, Tag::Number);
            buffer.extend_from_slice(&number.to_le_bytes());
        }
        Packed::Bool(true) => start(buffer, Tag::True),
        Packed::Bool(false) => start(buffer, Tag::False),
        Packed::Json(text) => {
            start(buffer, Tag::Json);
            bytes(buffer, text);
        }
        Packed::Null => start(buffer, Tag::Null),
    }
}

/// The bytes that an attribute with a shared value is made of: what a search looks for first.
pub(crate) fn needle(key: Symbol, value: Packed<'_>) -> Vec<u8> {
    let mut needle = Vec::new();
    push(&mut needle, key, value);
    needle
}

fn bytes(buffer: &mut Vec<u8>, text: &str) {
    put_varint(buffer, text.len() as u64);
    buffer.extend_from_slice(text.as_bytes());
}

/// The attributes of one row. Of keys given twice the last counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Attributes<'a>(pub(crate) &'a [u8]);

impl<'a> Attributes<'a> {
    /// All of them, in the order in which they came.
    pub(crate) fn iter(self) -> impl Iterator<Item = (Symbol, Packed<'a>)> {
        let mut rest = Fields::new(self.0);
        std::iter::from_fn(move || entry(&mut rest))
    }

    /// The value of a key.
    pub(crate) fn get(self, key: Symbol) -> Option<Packed<'a>> {
        self.iter().filter(|(other, _)| *other == key).last().map(|(_, value)| value)
    }

    /// As a JSON object.
    pub(crate) fn to_json(self, texts: &Texts) -> Map<String, Json> {
        self.iter().map(|(key, value)| (texts.text(key).to_owned(), value.to_json(texts))).collect()
    }
}

impl Packed<'_> {
    /// A finite number, if it is one.
    pub(crate) fn number(self) -> Option<f64> {
        match self {
            Self::Whole(whole) => Some(whole as f64),
            Self::Number(number) => Some(number).filter(|number| number.is_finite()),
            _ => None,
        }
    }

    /// As JSON.
    pub(crate) fn to_json(self, texts: &Texts) -> Json {
        match self {
            Self::Shared(symbol) => Json::from(texts.text(symbol)),
            Self::Text(text) => Json::from(text),
            Self::Whole(whole) => Json::from(whole),
            Self::Number(number) => Json::from(number),
            Self::Bool(is) => Json::from(is),
            Self::Json(text) => serde_json::from_str(text).unwrap_or(Json::Null),
            Self::Null => Json::Null,
        }
    }
}

/// The next attribute; `None` at the end.
#[inline]
fn entry<'a>(rest: &mut Fields<'a>) -> Option<(Symbol, Packed<'a>)> {
    let start = rest.varint().ok()?;
    let key = Symbol((start >> 3) as u32);
    let value = match start & 7 {
        0 => Packed::Shared(Symbol(rest.varint().ok()? as u32)),
        1 => Packed::Text(text(rest)?),
        2 => Packed::Whole(unzigzag(rest.varint().ok()?)),
        3 => Packed::Number(f64::from_le_bytes(rest.array().ok()?)),
        4 => Packed::Bool(true),
        5 => Packed::Bool(false),
        6 => Packed::Json(text(rest)?),
        _ => Packed::Null,
    };
    Some((key, value))
}

fn text<'a>(rest: &mut Fields<'a>) -> Option<&'a str> {
    let length = rest.varint().ok()?;
    std::str::from_utf8(rest.take(length).ok()?).ok()
}
