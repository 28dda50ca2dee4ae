//! The tables: what rows they have, and which columns.

mod logs;
mod metrics;
mod spans;

pub(super) use logs::Logs;
pub(super) use metrics::Metrics;
pub(super) use spans::Spans;

use crate::disk::{self, Held, Words};
use crate::pack::Attributes;
use crate::resources::ResourceId;
use crate::sql::column::Column;
use crate::sql::snapshot::{Place, Snapshot};

/// A table over chunks of one kind.
pub(super) trait Table: Send + Sync + Sized + 'static {
    /// The chunks that its rows stand in.
    type Chunk: Held + Send + Sync + 'static;

    /// Its name.
    const NAME: &'static str;
    /// What a row is.
    const ABOUT: &'static str;
    /// Its columns, but for those of attributes.
    const COLUMNS: &'static [Column<Self::Chunk>];
    /// The column that the bounds of chunks are of.
    const TIME: usize;

    /// All its rows.
    fn held(snapshot: &Snapshot) -> &disk::Snapshot<Self::Chunk>;
    /// The first and the last moment of a chunk, in nanoseconds.
    fn bounds(chunk: &Self::Chunk) -> Option<(u64, u64)>;
    /// A row's own attributes, and its resource.
    fn attributes<'a>(words: &'a Words, chunk: &'a Self::Chunk, place: usize) -> (Attributes<'a>, Option<ResourceId>);
    /// The column of trace identifiers that an index leads to, and where it leads.
    const INDEX: Option<Index> = None;

    /// A number that a row of a file has, however it was found; `None` if it is always found at the same place.
    fn identity(_chunk: &Self::Chunk, _place: usize) -> Option<i64> {
        None
    }
}

/// A column of trace identifiers, and how rows are found by one.
pub(super) type Index = (usize, fn(&Snapshot, u128) -> Vec<Place>);
