//! Rows of one kind in chunks: one open, the others sealed and shared with whoever reads them.
//!
//! Readers take the chunks as they are ([`Shelf::chunks`]) and look at them without any lock. The open one is among
//! them: the next writer then leaves it to its readers, by sealing it if it is large enough, by copying it if not.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::limits::{CHUNK_BYTES, CHUNK_ROWS};

/// Columns of rows.
pub(crate) trait Chunk: Clone {
    /// An empty one with room for so many rows.
    fn with_room(rows: usize) -> Self;
    /// How many rows.
    fn rows(&self) -> usize;
    /// Bytes on the heap.
    fn bytes(&self) -> usize;
    /// Gives back room that is not used.
    fn shrink(&mut self);
}

/// A chunk and the number of its first row. Numbers count from the start of the store and are never given twice.
pub(crate) type Numbered<C> = (u64, Arc<C>);

/// All rows of a kind that are in memory.
#[derive(Debug)]
pub(crate) struct Shelf<C> {
    /// Rows at which a chunk is sealed.
    chunk_rows: usize,
    open: Arc<C>,
    open_first: u64,
    sealed: VecDeque<Numbered<C>>,
    sealed_bytes: usize,
    sealed_rows: u64,
}

impl<C: Chunk> Shelf<C> {
    /// An empty shelf for `budget_bytes` of rows that take some hundred bytes each: chunks are a small part of it.
    pub(crate) fn new(budget_bytes: usize) -> Self {
        const FAIR_ROW_BYTES: usize = 128;
        const CHUNKS: usize = 16;
        let chunk_rows = (budget_bytes / FAIR_ROW_BYTES / CHUNKS).clamp(256, CHUNK_ROWS);
        Self {
            chunk_rows,
            open: Arc::new(C::with_room(chunk_rows)),
            open_first: 0,
            sealed: VecDeque::new(),
            sealed_bytes: 0,
            sealed_rows: 0,
        }
    }

    /// The chunk to write to. An open one that somebody reads is sealed if it is an eighth full, copied if not.
    pub(crate) fn open(&mut self) -> &mut C {
        let is_read = Arc::strong_count(&self.open) > 1;
        let rows = self.open.rows();
        let is_full = rows >= self.chunk_rows || self.open.bytes() >= CHUNK_BYTES;
        if is_full || (is_read && rows >= self.chunk_rows / 8) {
            self.seal();
        }
        Arc::make_mut(&mut self.open)
    }

    /// The chunk that [`Shelf::open`] gave last, with what was written to it since.
    pub(crate) fn open_again(&mut self) -> &mut C {
        Arc::make_mut(&mut self.open)
    }

    /// Seals the open chunk, whatever its size; nothing happens if it is empty.
    pub(crate) fn seal(&mut self) {
        if self.open.rows() == 0 {
            return;
        }
        let mut chunk = std::mem::replace(&mut self.open, Arc::new(C::with_room(self.chunk_rows)));
        if let Some(alone) = Arc::get_mut(&mut chunk) {
            alone.shrink();
        }
        self.sealed_bytes += chunk.bytes();
        self.sealed_rows += chunk.rows() as u64;
        let first = self.open_first;
        self.open_first += chunk.rows() as u64;
        self.sealed.push_back((first, chunk));
    }

    /// All chunks, the oldest first.
    pub(crate) fn chunks(&self) -> Vec<Numbered<C>> {
        let open = (self.open.rows() > 0).then(|| (self.open_first, Arc::clone(&self.open)));
        self.sealed.iter().cloned().chain(open).collect()
    }

    /// The sealed chunks, the oldest first.
    pub(crate) fn sealed(&self) -> impl Iterator<Item = &Numbered<C>> {
        self.sealed.iter()
    }

    /// Takes a whole chunk, as the newest.
    pub(crate) fn push(&mut self, mut chunk: C) {
        self.seal();
        if chunk.rows() == 0 {
            return;
        }
        chunk.shrink();
        self.sealed_bytes += chunk.bytes();
        self.sealed_rows += chunk.rows() as u64;
        let first = self.open_first;
        self.open_first += chunk.rows() as u64;
        self.sealed.push_back((first, Arc::new(chunk)));
    }

    /// The oldest sealed chunk.
    pub(crate) fn oldest(&self) -> Option<&Numbered<C>> {
        self.sealed.front()
    }

    /// Takes the oldest sealed chunk out.
    pub(crate) fn pop(&mut self) -> Option<Numbered<C>> {
        let (first, chunk) = self.sealed.pop_front()?;
        self.sealed_bytes -= chunk.bytes();
        self.sealed_rows -= chunk.rows() as u64;
        Some((first, chunk))
    }

    /// The chunk that a row is in, and its place there; `None` once it has left.
    #[inline]
    pub(crate) fn at(&self, row: u64) -> Option<(&C, usize)> {
        if let Some(place) = row.checked_sub(self.open_first) {
            let place = place as usize;
            return (place < self.open.rows()).then_some((&*self.open, place));
        }
        let index = self.sealed.partition_point(|(first, _)| *first <= row).checked_sub(1)?;
        let (first, chunk) = &self.sealed[index];
        let place = (row - first) as usize;
        (place < chunk.rows()).then_some((&**chunk, place))
    }

    /// The number of the first row of the open chunk.
    pub(crate) fn open_first(&self) -> u64 {
        self.open_first
    }

    /// The number of the next row.
    pub(crate) fn next(&self) -> u64 {
        self.open_first + self.open.rows() as u64
    }

    /// Rows at which a chunk is sealed.
    pub(crate) fn chunk_rows(&self) -> usize {
        self.chunk_rows
    }

    /// The number of the oldest row that is here, or of the next if there is none.
    pub(crate) fn first(&self) -> u64 {
        self.sealed.front().map_or(self.open_first, |(first, _)| *first)
    }

    /// Rows that are here.
    pub(crate) fn rows(&self) -> u64 {
        self.sealed_rows + self.open.rows() as u64
    }

    /// Bytes that are taken.
    pub(crate) fn bytes(&self) -> usize {
        self.sealed_bytes + self.open.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone)]
    struct Numbers(Vec<u64>);

    impl Chunk for Numbers {
        fn with_room(rows: usize) -> Self {
            Self(Vec::with_capacity(rows))
        }

        fn rows(&self) -> usize {
            self.0.len()
        }

        fn bytes(&self) -> usize {
            self.0.capacity() * 8
        }

        fn shrink(&mut self) {
            self.0.shrink_to_fit();
        }
    }

    #[test]
    fn a_row_is_found_by_its_number_until_it_leaves() {
        let mut shelf = Shelf::<Numbers>::new(512 << 20);
        for number in 0..200_000 {
            shelf.open().0.push(number);
        }
        let read = |shelf: &Shelf<Numbers>, row| shelf.at(row).map(|(chunk, place)| chunk.0[place]);
        for row in [0, 65_535, 65_536, 131_071, 199_999] {
            assert_eq!(read(&shelf, row), Some(row));
        }
        assert_eq!((shelf.rows(), shelf.first()), (200_000, 0));
        shelf.pop().expect("sealed");
        assert_eq!((read(&shelf, 65_535), read(&shelf, 65_536), read(&shelf, 200_000)), (None, Some(65_536), None));
        assert_eq!((shelf.rows(), shelf.first()), (200_000 - 65_536, 65_536));
    }

    #[test]
    fn readers_keep_what_they_took_while_writers_go_on() {
        let mut shelf = Shelf::<Numbers>::new(512 << 20);
        shelf.open().0.push(1);
        let before = shelf.chunks();
        shelf.open().0.push(2);
        assert_eq!((before[0].1.0.len(), shelf.chunks()[0].1.0.len()), (1, 2));
        for number in 2..20_000 {
            shelf.open().0.push(number);
        }
        let before = shelf.chunks();
        shelf.open().0.push(20_000);
        assert_eq!(shelf.chunks().len(), 2, "a large one is not copied");
        assert_eq!(before.iter().map(|(_, chunk)| chunk.0.len()).sum::<usize>(), 20_000);
    }
}
