//! The tables: what rows they have, and which columns.

mod logs;
mod metrics;
mod spans;

pub(super) use logs::Logs;
pub(super) use metrics::Metrics;
pub(super) use spans::Spans;

use crate::pack::Attributes;
use crate::resources::ResourceId;
use crate::shelf::{Chunk, Numbered};
use crate::sql::column::Column;
use crate::sql::snapshot::{Place, Snapshot};
use crate::sql::words::Words;

/// A table over chunks of one kind.
pub(super) trait Table: Send + Sync + Sized + 'static {
    /// The chunks that its rows stand in.
    type Chunk: Chunk + Send + Sync + 'static;

    /// Its name.
    const NAME: &'static str;
    /// What a row is.
    const ABOUT: &'static str;
    /// Its columns, but for those of attributes.
    const COLUMNS: &'static [Column<Self::Chunk>];
    /// The column that the bounds of chunks are of.
    const TIME: usize;

    /// All its chunks.
    fn chunks(snapshot: &Snapshot) -> &[Numbered<Self::Chunk>];
    /// The first and the last moment of a chunk, in nanoseconds.
    fn bounds(chunk: &Self::Chunk) -> Option<(u64, u64)>;
    /// A row's own attributes, and its resource.
    fn attributes<'a>(words: &'a Words, chunk: &'a Self::Chunk, place: usize) -> (Attributes<'a>, Option<ResourceId>);
    /// The column of trace identifiers that an index leads to, and where it leads.
    const INDEX: Option<Index> = None;
}

/// A column of trace identifiers, and how rows are found by one.
pub(super) type Index = (usize, fn(&Snapshot, u128) -> Vec<Place>);
