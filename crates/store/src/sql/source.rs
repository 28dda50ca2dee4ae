//! Rows that are read together, and what their numbers mean: the chunks in memory, or a part of a file.

use crate::disk::{Loaded, Words};
use crate::pack::Packed;
use crate::sql::column::Cell;
use crate::sql::snapshot::Snapshot;
use crate::sql::tables::Table;
use crate::symbols::Symbol;

/// A part of a file that was read.
#[derive(Debug)]
pub(super) struct File<C> {
    pub(super) loaded: Loaded<C>,
    /// By the place of the column: the symbols of attributes here.
    keys: Vec<Option<Symbol>>,
    /// A number that no other part has.
    pub(super) number: i64,
}

impl<C> File<C> {
    pub(super) fn new(loaded: Loaded<C>, number: i64, snapshot: &Snapshot) -> Self {
        let keys = snapshot.keys.iter().map(|(key, _)| loaded.symbols().find(key)).collect();
        Self { loaded, keys, number }
    }
}

/// What the numbers of rows mean.
pub(super) enum Source<'a, C> {
    Memory(&'a Snapshot),
    File(&'a File<C>),
}

impl<'a, C> Source<'a, C> {
    pub(super) fn words<T: Table>(&self) -> &'a Words {
        match *self {
            Self::Memory(snapshot) => &T::held(snapshot).words,
            Self::File(file) => &file.loaded.words,
        }
    }

    /// The symbol of a text.
    pub(super) fn find(&self, text: &str) -> Option<Symbol> {
        match self {
            Self::Memory(snapshot) => snapshot.find(text),
            Self::File(file) => file.loaded.symbols().find(text),
        }
    }

    /// The symbol of an attribute that is a column.
    pub(super) fn key(&self, index: usize) -> Option<Symbol> {
        match self {
            Self::Memory(snapshot) => snapshot.keys.get(index).and_then(|(_, key)| *key),
            Self::File(file) => file.keys.get(index).copied().flatten(),
        }
    }
}

/// A row's value of an attribute: its own, or else its resource's.
pub(super) fn attribute<'a, T: Table>(
    words: &'a Words,
    chunk: &'a T::Chunk,
    place: usize,
    key: Option<Symbol>,
) -> Option<Packed<'a>> {
    let (own, sender) = T::attributes(words, chunk, place);
    words.attribute(own, sender, key?)
}

/// The value of a column of a row.
pub(super) fn value<'a, T: Table>(
    source: &Source<'a, T::Chunk>,
    chunk: &'a T::Chunk,
    place: usize,
    column: usize,
) -> Cell<'a> {
    let words = source.words::<T>();
    match T::COLUMNS.get(column) {
        Some(column) => column.value(words, chunk, place),
        None => words.cell(attribute::<T>(words, chunk, place, source.key(column - T::COLUMNS.len()))),
    }
}
