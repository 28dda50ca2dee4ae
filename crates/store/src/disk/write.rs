//! Writing one file: under a temporary name first, which nobody takes for the whole.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::disk::error::StoreError;
use crate::disk::table::{Columns, Form, Stored, Table, VERSION};
use crate::disk::words::Row;

/// The ending of files that are not finished.
pub(crate) const UNFINISHED: &str = "tmp";
/// Rows of a row group at most.
pub(crate) const GROUP_ROWS: usize = 1 << 17;
/// Rows of a page: what is read at least for one trace.
const PAGE_ROWS: usize = 2048;
/// A batch is handed over at so many rows or bytes; that bounds what one costs, whatever the rows.
const BATCH_ROWS: usize = 8192;
const BATCH_BYTES: usize = 8 << 20;

/// What a file says about itself, besides its columns.
pub(crate) mod key {
    /// The table's name.
    pub(crate) const TABLE: &str = "doorbuster.table";
    /// The version of its columns.
    pub(crate) const VERSION: &str = "doorbuster.version";
    /// The earliest moment of a row.
    pub(crate) const FIRST: &str = "doorbuster.first_unix_nanos";
    /// The latest moment of a row.
    pub(crate) const LAST: &str = "doorbuster.last_unix_nanos";
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

/// A file that is being written. It is removed again unless it is finished.
#[derive(Debug)]
pub(crate) struct Writing<C: Stored> {
    path: PathBuf,
    temporary: PathBuf,
    writer: Option<ArrowWriter<File>>,
    columns: C::Columns,
    batch_rows: usize,
    batch_bytes: usize,
    rows: u64,
    bounds_ns: Option<(u64, u64)>,
}

impl<C: Stored> Writing<C> {
    /// Begins the file.
    pub(crate) fn begin(path: &Path) -> Result<Self, StoreError> {
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".");
        temporary.push(UNFINISHED);
        let temporary = PathBuf::from(temporary);
        let file = File::create(&temporary).map_err(StoreError::file(&temporary))?;
        let options = ArrowWriterOptions::new().with_properties(properties(&C::TABLE)).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(file, C::TABLE.written(), options)
            .map_err(StoreError::parquet(&temporary))?;
        Ok(Self {
            path: path.to_owned(),
            temporary,
            writer: Some(writer),
            columns: C::Columns::default(),
            batch_rows: 0,
            batch_bytes: 0,
            rows: 0,
            bounds_ns: None,
        })
    }

    /// Writes a group of rows, sorted; a large one becomes several row groups.
    pub(crate) fn group(&mut self, rows: &mut [Row<'_, C>]) -> Result<(), StoreError> {
        rows.sort_unstable_by_key(|row| row.chunk.rank(row.place));
        for row in rows.iter() {
            let (from_ns, at_ns) = (row.chunk.since_ns(row.place), row.chunk.at_ns(row.place));
            self.bounds_ns = Some(match self.bounds_ns {
                None => (from_ns, at_ns),
                Some((first, last)) => (first.min(from_ns), last.max(at_ns)),
            });
            self.batch_bytes += self.columns.append(*row);
            self.batch_rows += 1;
            if self.batch_rows >= BATCH_ROWS || self.batch_bytes >= BATCH_BYTES {
                self.hand_over()?;
            }
        }
        self.hand_over()?;
        self.rows += rows.len() as u64;
        let flushed = self.writer.as_mut().map_or(Ok(()), ArrowWriter::flush);
        flushed.map_err(StoreError::parquet(&self.temporary))
    }

    fn hand_over(&mut self) -> Result<(), StoreError> {
        if self.batch_rows == 0 {
            return Ok(());
        }
        (self.batch_rows, self.batch_bytes) = (0, 0);
        let arrays = self.columns.builders().into_iter().map(|builder| builder.finish()).collect();
        let batch = RecordBatch::try_new(C::TABLE.written(), arrays).map_err(|error| error.into());
        let written = batch.and_then(|batch| self.writer.as_mut().map_or(Ok(()), |writer| writer.write(&batch)));
        written.map_err(StoreError::parquet(&self.temporary))
    }

    /// Ends the file and gives it its name. What is to outlast a power failure is `durable`.
    pub(crate) fn finish(mut self, durable: bool) -> Result<Written, StoreError> {
        let Some(mut writer) = self.writer.take() else { return Ok(Written::default()) };
        let (first, last) = self.bounds_ns.unwrap_or_default();
        for (key, value) in [
            (key::TABLE, C::TABLE.name.to_owned()),
            (key::VERSION, VERSION.to_string()),
            (key::FIRST, first.to_string()),
            (key::LAST, last.to_string()),
        ] {
            writer.append_key_value_metadata(KeyValue::new(key.to_owned(), value));
        }
        let file = writer.into_inner().map_err(StoreError::parquet(&self.temporary))?;
        if durable {
            file.sync_all().map_err(StoreError::file(&self.temporary))?;
        }
        let bytes = file.metadata().map_err(StoreError::file(&self.temporary))?.len();
        drop(file);
        std::fs::rename(&self.temporary, &self.path).map_err(StoreError::file(&self.path))?;
        if durable && let Some(folder) = self.path.parent() {
            sync_folder(folder)?;
        }
        Ok(Written { rows: self.rows, bytes })
    }
}

/// A rename outlasts a power failure once its folder is on disk.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::file(folder))
}

impl<C: Stored> Drop for Writing<C> {
    fn drop(&mut self) {
        // After a rename there is nothing under this name.
        drop(self.writer.take());
        std::fs::remove_file(&self.temporary).ok();
    }
}

fn properties(table: &Table) -> WriterProperties {
    let path = |name: &str| ColumnPath::from(name);
    let place = |name: &&str| table.columns.iter().position(|column| column.name == *name);
    let sorting = table.sorted_by.iter().filter_map(place).map(|place| SortingColumn {
        column_idx: place as i32,
        descending: false,
        nulls_first: true,
    });
    // Level 3 takes a fifth longer and saves nothing (benches/disk.rs).
    let level = ZstdLevel::try_new(1).unwrap_or_default();
    let mut properties = WriterProperties::builder()
        .set_created_by(format!("doorbuster {}", env!("CARGO_PKG_VERSION")))
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(PAGE_ROWS / 2)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_sorting_columns(Some(sorting.collect()));
    for column in table.columns {
        let name = path(column.name);
        properties = match column.form {
            Form::Word => properties.set_column_statistics_enabled(name, EnabledStatistics::None),
            Form::Id => properties
                .set_column_statistics_enabled(name.clone(), EnabledStatistics::Page)
                .set_column_bloom_filter_enabled(name.clone(), true)
                .set_column_bloom_filter_fpp(name.clone(), 0.01)
                .set_column_bloom_filter_max_ndv(name, GROUP_ROWS as u64),
            Form::Text => properties
                .set_column_dictionary_enabled(name.clone(), false)
                .set_column_statistics_enabled(name, EnabledStatistics::None),
            Form::Whole | Form::Moment => properties
                .set_column_dictionary_enabled(name.clone(), false)
                .set_column_encoding(name, Encoding::DELTA_BINARY_PACKED),
            Form::Double => properties,
        };
    }
    properties.build()
}
