//! What a question looks at: the chunks as they were when it came, and the tables that they refer to.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::disk;
use crate::ingest::Kept;
use crate::logs::LogChunk;
use crate::metrics::PointChunk;
use crate::shelf::Chunk;
use crate::spans::SpanChunk;
use crate::symbols::{Symbol, Texts};

/// Keys of attributes that are columns; SQLite takes 2,000 columns at most.
const MOST_KEYS: usize = 1500;

/// Where a row is: a chunk of the snapshot and a place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) chunk: u32,
    pub(super) place: u32,
}

/// What a question looks at.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(super) spans: disk::Snapshot<SpanChunk>,
    pub(super) logs: disk::Snapshot<LogChunk>,
    pub(super) points: disk::Snapshot<PointChunk>,
    /// Attributes that are columns, by name; without a symbol if only files may have them.
    pub(super) keys: Vec<(String, Option<Symbol>)>,
    /// For the index of traces, which grows on.
    kept: Arc<Mutex<Kept>>,
}

impl Snapshot {
    /// Everything as it is now, for a question.
    pub(crate) fn new(shared: &Arc<Mutex<Kept>>, question: &str) -> Self {
        let kept = shared.lock().unwrap_or_else(PoisonError::into_inner);
        // What an earlier process wrote has keys that nobody here has seen: whatever is asked for may be one.
        let has_unknown = kept.on_disk_only::<SpanChunk>().any(|part| part.numbers.is_none())
            || kept.on_disk_only::<LogChunk>().any(|part| part.numbers.is_none())
            || kept.on_disk_only::<PointChunk>().any(|part| part.numbers.is_none());
        let asked = if has_unknown { in_double_quotes(question) } else { Vec::new() };
        Self {
            spans: kept.snapshot(),
            logs: kept.snapshot(),
            points: kept.snapshot(),
            keys: keys(kept.tables.keys(), kept.tables.texts(), asked),
            kept: Arc::clone(shared),
        }
    }

    /// The rows of a trace that are in the snapshot, the newest first.
    pub(super) fn trace(&self, trace_id: u128) -> Vec<Place> {
        let (Some(first), Some((last_first, last))) =
            (self.spans.chunks.first().map(|(first, _)| *first), self.spans.chunks.last())
        else {
            return Vec::new();
        };
        let end = last_first + last.rows() as u64;
        let mut next = {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let mut row = kept.spans.index.newest(trace_id);
            if row.is_none() && kept.spans.shelf.first() > first {
                // Its rows have left since, and with them what the index knew.
                return self.trace_by_looking(trace_id);
            }
            // Rows that came after the snapshot are passed over while they can't leave.
            while let Some(later) = row.filter(|row| *row >= end) {
                row = kept.spans.shelf.at(later).and_then(|(chunk, place)| before(later, chunk, place));
            }
            row
        };
        let mut places = Vec::new();
        while let Some(row) = next {
            let Some(place) = self.span_at(row) else { break };
            places.push(place);
            next = before(row, &self.spans.chunks[place.chunk as usize].1, place.place as usize);
        }
        places
    }

    /// The symbol of a text. One that never came has none.
    pub(super) fn find(&self, text: &str) -> Option<Symbol> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).tables.symbols.find(text)
    }

    fn trace_by_looking(&self, trace_id: u128) -> Vec<Place> {
        let mut places = Vec::new();
        for (index, (_, chunk)) in self.spans.chunks.iter().enumerate().rev() {
            let of_trace = (0..chunk.rows()).rev().filter(|place| chunk.trace_id[*place] == trace_id);
            places.extend(of_trace.map(|place| Place { chunk: index as u32, place: place as u32 }));
        }
        places
    }

    fn span_at(&self, row: u64) -> Option<Place> {
        let index = self.spans.chunks.partition_point(|(first, _)| *first <= row).checked_sub(1)?;
        let (first, chunk) = &self.spans.chunks[index];
        let place = (row - first) as usize;
        (place < chunk.rows()).then_some(Place { chunk: index as u32, place: place as u32 })
    }
}

/// The row before this one in the same trace.
fn before(row: u64, chunk: &SpanChunk, place: usize) -> Option<u64> {
    let older = u64::from(chunk.older[place]);
    if older == 0 { None } else { row.checked_sub(older) }
}

/// Keys that SQLite can take as names of columns, each once: it does not tell upper case from lower.
fn keys<'a>(
    symbols: impl IntoIterator<Item = &'a Symbol>,
    texts: &Texts,
    asked: Vec<String>,
) -> Vec<(String, Option<Symbol>)> {
    let mut seen = HashSet::new();
    let known = symbols.into_iter().map(|symbol| (texts.text(*symbol).to_owned(), Some(*symbol)));
    let mut keys: Vec<(String, Option<Symbol>)> = known
        .take(MOST_KEYS)
        .chain(asked.into_iter().map(|key| (key, None)).take(MOST_KEYS / 10))
        .filter(|(key, _)| !key.is_empty() && !key.chars().any(char::is_control))
        .filter(|(key, _)| seen.insert(key.to_ascii_lowercase()))
        .collect();
    keys.sort();
    keys
}

/// The names that stand in double quotes.
fn in_double_quotes(question: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = question;
    while let Some(at) = rest.find(['"', '\'']) {
        let quote = if rest[at..].starts_with('"') { '"' } else { '\'' };
        rest = &rest[at + 1..];
        let mut name = String::new();
        loop {
            // What does not end is not SQL.
            let Some(end) = rest.find(quote) else { return names };
            name.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            // Twice means once.
            let Some(after) = rest.strip_prefix(quote) else { break };
            name.push(quote);
            rest = after;
        }
        if quote == '"' {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_double_quotes_are_found_and_texts_are_passed_over() {
        let table: [(&str, &[&str]); 6] = [
            (r#"SELECT "db.system" FROM spans"#, &["db.system"]),
            (r#"SELECT "a""b", 'it''s "not" one', "c""#, &["a\"b", "c"]),
            (r#"SELECT 'no "end"#, &[]),
            (r#"SELECT "no end"#, &[]),
            ("SELECT ''", &[]),
            ("", &[]),
        ];
        for (question, expected) in table {
            assert_eq!(in_double_quotes(question), expected, "{question}");
        }
    }
}
