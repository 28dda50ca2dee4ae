//! A file that is there, and what is known of it without reading its rows.

use std::fs::File;
use std::marker::PhantomData;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::bloom_filter::Sbbf;
use parquet::file::metadata::RowGroupMetaData;

use crate::disk::error::StoreError;
use crate::disk::table::{Form, Stored, VERSION};
use crate::disk::write::key;
use crate::wire::hex_digits;

/// A file with rows of a table.
#[derive(Debug)]
pub(crate) struct Part<C> {
    path: PathBuf,
    bytes: u64,
    rows: u64,
    /// The earliest start and the latest end, Unix nanoseconds.
    pub(crate) bounds_ns: (u64, u64),
    pub(super) groups: Vec<Group>,
    /// Which numbers its rows had in memory, if they came since the store was opened.
    pub(crate) numbers: Option<Range<u64>>,
    /// Rows from this moment on are in memory: here they do not count.
    pub(super) before_ns: Option<u64>,
    /// How many those are.
    hidden: u64,
    /// Whether the file goes when nobody reads it any more.
    is_doomed: AtomicBool,
    of: PhantomData<fn() -> C>,
}

/// The least and the greatest trace id, as hex digits.
type Ids = (Box<[u8]>, Box<[u8]>);

/// A row group.
#[derive(Debug)]
pub(super) struct Group {
    /// Which traces may be in it.
    traces: Option<Sbbf>,
    pub(super) ids: Option<Ids>,
}

impl<C: Stored> Part<C> {
    /// Opens a file: what it is, how many rows, and which traces it may have.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(StoreError::file(path))?;
        let bytes = file.metadata().map_err(StoreError::file(path))?.len();
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new().with_skip_arrow_metadata(true))
            .map_err(StoreError::parquet(path))?;
        let pairs = metadata.metadata().file_metadata().key_value_metadata();
        let said = |key: &str| pairs?.iter().find(|pair| pair.key == key)?.value.as_deref();
        if said(key::TABLE) != Some(C::TABLE.name) {
            return Err(StoreError::Foreign { path: path.to_owned(), table: C::TABLE.name });
        }
        let version = said(key::VERSION).unwrap_or("none");
        if version.parse() != Ok(VERSION) {
            return Err(StoreError::Version { path: path.to_owned(), found: version.to_owned(), known: VERSION });
        }
        let moment = |key| said(key).and_then(|text| text.parse().ok()).unwrap_or(0);
        let bounds_ns = (moment(key::FIRST), moment(key::LAST));
        let rows = u64::try_from(metadata.metadata().file_metadata().num_rows()).unwrap_or(0);
        let count = metadata.metadata().num_row_groups();
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
        let mut groups = Vec::with_capacity(count);
        for index in 0..count {
            let traces = match id_column::<C>() {
                Some(column) => {
                    builder.get_row_group_column_bloom_filter(index, column).map_err(StoreError::parquet(path))?
                }
                None => None,
            };
            groups.push(Group { traces, ids: ids::<C>(builder.metadata().row_group(index)) });
        }
        Ok(Self {
            path: path.to_owned(),
            bytes,
            rows,
            bounds_ns,
            groups,
            numbers: None,
            before_ns: None,
            hidden: 0,
            is_doomed: AtomicBool::new(false),
            of: PhantomData,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Rows that count here.
    pub(crate) fn rows(&self) -> u64 {
        self.rows - self.hidden
    }

    /// Leaves the rows from this moment on out of everything that is read: they are in memory, so many of them.
    pub(crate) fn hide_from(&mut self, moment_ns: u64, rows: u64) {
        self.before_ns = Some(moment_ns);
        self.hidden = rows;
        self.bounds_ns.1 = self.bounds_ns.1.min(moment_ns);
    }

    /// Bytes on disk.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes that knowing of it takes in memory.
    pub(crate) fn bytes_known(&self) -> usize {
        const BLOCK: usize = 32;
        /// Bounds, allocations.
        const REST: usize = 200;
        let group = |group: &Group| group.traces.as_ref().map_or(0, |traces| traces.num_blocks() * BLOCK) + REST;
        size_of::<Self>() + self.path.as_os_str().len() + self.groups.iter().map(group).sum::<usize>()
    }

    /// The file is removed when nobody reads it any more.
    pub(crate) fn doom(&self) {
        self.is_doomed.store(true, Ordering::Relaxed);
    }

    /// How many row groups it has, each of which can be read by itself.
    pub(crate) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Whether its rows are sorted by trace id.
    pub(crate) fn is_by_id(&self) -> bool {
        C::TABLE.columns.iter().any(|column| column.form == Form::Id && C::TABLE.sorted_by.contains(&column.name))
    }

    /// Whether a row may be from between two moments, Unix milliseconds.
    pub(crate) fn is_within(&self, from_unix_ms: u64, to_unix_ms: u64) -> bool {
        let (first, last) = (self.bounds_ns.0 / 1_000_000, self.bounds_ns.1 / 1_000_000);
        first <= to_unix_ms && last >= from_unix_ms
    }

    /// Whether a trace may have rows here.
    pub(crate) fn may_have(&self, trace_id: u128) -> bool {
        let hex = hex(trace_id);
        self.groups.iter().any(|group| group.may_have(&hex))
    }
}

impl<C> Drop for Part<C> {
    fn drop(&mut self) {
        if self.is_doomed.load(Ordering::Relaxed) {
            std::fs::remove_file(&self.path).ok();
        }
    }
}

impl Group {
    pub(super) fn may_have(&self, hex: &str) -> bool {
        self.ids.as_ref().is_none_or(|(low, high)| **low <= *hex.as_bytes() && **high >= *hex.as_bytes())
            && self.traces.as_ref().is_none_or(|traces| traces.check(hex))
    }
}

pub(super) fn hex(trace_id: u128) -> String {
    hex_digits::<16, 32>(trace_id.to_be_bytes()).as_str().to_owned()
}

pub(super) fn id_column<C: Stored>() -> Option<usize> {
    C::TABLE.columns.iter().position(|column| column.form == Form::Id)
}

fn ids<C: Stored>(group: &RowGroupMetaData) -> Option<Ids> {
    let statistics = group.column(id_column::<C>()?).statistics()?;
    Some((statistics.min_bytes_opt()?.into(), statistics.max_bytes_opt()?.into()))
}
