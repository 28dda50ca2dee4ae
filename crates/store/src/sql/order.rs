//! Rows in order, before SQLite sees them: what it need not sort it answers some times faster, and groups of rows come
//! together by themselves.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::disk::Words;
use crate::sql::column::Read;
use crate::sql::plan::By;
use crate::sql::snapshot::{Place, Snapshot};
use crate::sql::tables::Table;

use crate::symbols::{Symbol, Texts};

/// Whether rows can be put into this order here: what they are ordered by fits into 128 bits.
pub(super) fn is_possible<T: Table>(order: &[By]) -> bool {
    bits::<T>(order).is_some_and(|bits| bits <= 128)
}

fn bits<T: Table>(order: &[By]) -> Option<u32> {
    order.iter().map(|by| width(&T::COLUMNS.get(by.column)?.read)).sum()
}

fn is_narrow<T: Table>(order: &[By]) -> bool {
    bits::<T>(order).is_some_and(|bits| bits <= 64)
}

fn width<C>(read: &Read<C>) -> Option<u32> {
    match read {
        Read::Symbol(_) => Some(32),
        Read::Word(_) => Some(8),
        Read::Long(_) => Some(128),
        Read::Short(_) | Read::Millis(_) | Read::Moment(_) | Read::Stretch(..) => Some(64),
        Read::Made(..) => None,
    }
}

/// How a row's value is turned into a number of the same order.
enum Key<C> {
    /// By the place of the text among all texts that there are.
    Symbol(fn(&Words, &C, usize) -> Symbol, Vec<u32>),
    Word(fn(&Words, &C, usize) -> &'static str, Vec<&'static str>),
    Long(fn(&C, usize) -> u128),
    Number(fn(&C, usize) -> u64, u64),
}

impl<C> Key<C> {
    fn of(&self, words: &Words, chunk: &C, place: usize) -> u128 {
        match self {
            Self::Symbol(read, ranks) => {
                ranks.get(read(words, chunk, place).0 as usize).copied().unwrap_or(u32::MAX).into()
            }
            Self::Word(read, known) => {
                let word = read(words, chunk, place);
                known.iter().position(|other| *other == word).unwrap_or(0) as u128
            }
            Self::Long(read) => read(chunk, place),
            Self::Number(read, step) => (read(chunk, place) / step).into(),
        }
    }
}

/// Rows in order.
pub(super) enum Ordered {
    Narrow(Pile<u64>),
    Wide(Pile<u128>),
}

impl Ordered {
    /// What a row takes while it is put into this order, in bytes.
    pub(super) fn row_bytes<T: Table>(order: &[By]) -> usize {
        if is_narrow::<T>(order) { size_of::<(u64, Place)>() } else { size_of::<(u128, Place)>() }
    }

    /// Puts rows into order; `is_short` if only the first of them will be wanted.
    pub(super) fn new<T: Table>(snapshot: &Snapshot, rows: &[Place], order: &[By], is_short: bool) -> Self {
        let keys: Vec<(Key<T::Chunk>, u32, bool)> = order
            .iter()
            .filter_map(|by| {
                let read = &T::COLUMNS.get(by.column)?.read;
                Some((key::<T>(read, snapshot, rows)?, width(read)?, by.is_descending))
            })
            .collect();
        let held = T::held(snapshot);
        let chunks = &held.chunks;
        let combined = |row: &Place| {
            let (chunk, place) = (&*chunks[row.chunk as usize].1, row.place as usize);
            keys.iter().fold(0u128, |sum, (key, bits, is_descending)| {
                let value = key.of(&held.words, chunk, place);
                let value = if *is_descending { !value & (u128::MAX >> (128 - bits)) } else { value };
                sum.checked_shl(*bits).unwrap_or(0) | value
            })
        };
        if is_narrow::<T>(order) {
            Self::Narrow(Pile::new(rows.iter().map(|row| (combined(row) as u64, *row)).collect(), is_short))
        } else {
            Self::Wide(Pile::new(rows.iter().map(|row| (combined(row), *row)).collect(), is_short))
        }
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Option<Place> {
        match self {
            Self::Narrow(pile) => pile.next(),
            Self::Wide(pile) => pile.next(),
        }
    }
}

/// Rows with what they are ordered by.
pub(super) enum Pile<K> {
    Sorted(std::vec::IntoIter<(K, Place)>),
    /// Whoever wants a few of many need not sort all.
    Heap(BinaryHeap<Reverse<(K, Place)>>),
}

impl<K: Ord + Copy> Pile<K> {
    fn new(mut rows: Vec<(K, Place)>, is_short: bool) -> Self {
        if is_short {
            return Self::Heap(rows.into_iter().map(Reverse).collect());
        }
        rows.sort_unstable();
        Self::Sorted(rows.into_iter())
    }

    fn next(&mut self) -> Option<Place> {
        match self {
            Self::Sorted(rows) => rows.next().map(|(_, row)| row),
            Self::Heap(rows) => rows.pop().map(|Reverse((_, row))| row),
        }
    }
}

fn key<T: Table>(read: &Read<T::Chunk>, snapshot: &Snapshot, rows: &[Place]) -> Option<Key<T::Chunk>> {
    let held = T::held(snapshot);
    let chunks = &held.chunks;
    Some(match *read {
        Read::Symbol(read) => {
            let symbol = |row: &Place| read(&held.words, &chunks[row.chunk as usize].1, row.place as usize);
            Key::Symbol(read, ranks(rows.iter().map(symbol), &held.words.texts))
        }
        Read::Word(read) => {
            let mut words: Vec<&'static str> = Vec::new();
            for row in rows {
                let word = read(&held.words, &chunks[row.chunk as usize].1, row.place as usize);
                if !words.contains(&word) {
                    words.push(word);
                }
            }
            words.sort_unstable();
            Key::Word(read, words)
        }
        Read::Long(read) => Key::Long(read),
        Read::Short(read) | Read::Millis(read) | Read::Moment(read) => Key::Number(read, 1),
        Read::Stretch(read, seconds) => Key::Number(read, seconds * 1_000_000_000),
        Read::Made(..) => return None,
    })
}

/// The place of each symbol's text among the texts of all symbols that there are; by symbol.
fn ranks(symbols: impl Iterator<Item = Symbol>, texts: &Texts) -> Vec<u32> {
    let mut ranks: Vec<u32> = Vec::new();
    let mut there: Vec<Symbol> = Vec::new();
    for symbol in symbols {
        let index = symbol.0 as usize;
        if ranks.len() <= index {
            ranks.resize(index + 1, u32::MAX);
        }
        if ranks[index] == u32::MAX {
            ranks[index] = 0;
            there.push(symbol);
        }
    }
    there.sort_unstable_by(|a, b| texts.text(*a).cmp(texts.text(*b)));
    for (rank, symbol) in there.iter().enumerate() {
        ranks[symbol.0 as usize] = rank as u32;
    }
    ranks
}
