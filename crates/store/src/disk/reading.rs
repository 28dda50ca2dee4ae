//! The rows of a file: all of them, those of some traces, or those that a range of ids has.

use std::collections::HashSet;
use std::fs::File;
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::{BooleanArray, RecordBatch};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowFilter, RowSelection,
};
use parquet::file::metadata::PageIndexPolicy;
use parquet::file::page_index::column_index::ColumnIndexMetaData;

use crate::disk::batch::Batch;
use crate::disk::error::{StoreError, Unfit};
use crate::disk::part::{Part, hex, id_column};
use crate::disk::table::{Form, Stored};
use crate::disk::words::{Apart, Words};
use crate::symbols::Symbols;

/// Rows that are decoded at once.
const BATCH_ROWS: usize = 8192;

/// How much of each row is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// All of it.
    Whole,
    /// What a search needs that asks for no attributes.
    Light,
}

/// Rows that were read, with tables of their own.
#[derive(Debug)]
pub(crate) struct Loaded<C> {
    pub(crate) chunk: C,
    pub(crate) words: Words,
    apart: Apart,
}

impl<C> Loaded<C> {
    pub(crate) fn symbols(&self) -> &Symbols {
        &self.apart.tables.symbols
    }
}

impl<C: Stored> Part<C> {
    /// Reads a row group.
    pub(crate) fn read(&self, group: usize, depth: Depth) -> Result<Loaded<C>, StoreError> {
        self.load(depth, |builder| builder.with_row_groups(vec![group]))
    }

    /// Reads the rows of a row group that `range` of trace ids has: for what is sorted by them.
    pub(crate) fn read_ids(&self, group: usize, range: &Range<u128>) -> Result<Option<Loaded<C>>, StoreError> {
        let last = range.end.wrapping_sub(1);
        let (first, last) = (hex(range.start), hex(last));
        let overlaps = |low: &[u8], high: &[u8]| low <= last.as_bytes() && high >= first.as_bytes();
        if !self.groups[group].ids.as_ref().is_none_or(|(low, high)| overlaps(low, high)) {
            return Ok(None);
        }
        let bounds = first.clone()..=last.clone();
        let fits = move |id: &str| *id >= **bounds.start() && *id <= **bounds.end();
        self.read_selected(group, Depth::Whole, overlaps, fits).map(Some)
    }

    /// Reads the rows of some traces: only the pages that have them.
    pub(crate) fn read_traces(&self, trace_ids: &[u128], depth: Depth) -> Result<Vec<Loaded<C>>, StoreError> {
        let wanted: Vec<String> = trace_ids.iter().map(|id| hex(*id)).collect();
        let mut loaded = Vec::new();
        for (index, group) in self.groups.iter().enumerate() {
            let here: HashSet<String> = wanted.iter().filter(|id| group.may_have(id)).cloned().collect();
            if here.is_empty() {
                continue;
            }
            let overlaps =
                |low: &[u8], high: &[u8]| here.iter().any(|id| low <= id.as_bytes() && high >= id.as_bytes());
            let those = here.clone();
            let found = self.read_selected(index, depth, overlaps, move |id| those.contains(id))?;
            if found.chunk.rows() > 0 {
                loaded.push(found);
            }
        }
        Ok(loaded)
    }

    /// Reads the rows of a row group whose id fits, from the pages whose ids overlap.
    fn read_selected(
        &self,
        group: usize,
        depth: Depth,
        overlaps: impl Fn(&[u8], &[u8]) -> bool,
        fits: impl Fn(&str) -> bool + Send + 'static,
    ) -> Result<Loaded<C>, StoreError> {
        self.load(depth, |builder| {
            let metadata = builder.metadata();
            let Some(column) = id_column::<C>() else { return builder.with_row_groups(vec![group]) };
            let index = metadata.page_index_for_row_group(group);
            let rows = metadata.row_group(group).num_rows() as usize;
            let selection = match (index.column_index(column), index.offset_index(column)) {
                (Some(ColumnIndexMetaData::BYTE_ARRAY(pages)), Some(offsets)) => {
                    let starts: Vec<usize> =
                        offsets.page_locations().iter().map(|page| page.first_row_index as usize).collect();
                    let ends = starts.iter().skip(1).copied().chain([rows]);
                    let wanted = starts.iter().copied().zip(ends).enumerate().filter(|(page, _)| {
                        pages
                            .min_value(*page)
                            .zip(pages.max_value(*page))
                            .is_some_and(|(low, high)| overlaps(low, high))
                    });
                    let ranges: Vec<_> = wanted.map(|(_, (start, end))| start..end).collect();
                    Some(RowSelection::from_consecutive_ranges(ranges.into_iter(), rows))
                }
                _ => None,
            };
            let mask = ProjectionMask::leaves(builder.parquet_schema(), [column]);
            let is_wanted = move |batch: RecordBatch| {
                let ids = batch.column(0).as_string::<i32>();
                Ok(ids.iter().map(|id| Some(id.is_some_and(&fits))).collect::<BooleanArray>())
            };
            let filter = RowFilter::new(vec![Box::new(ArrowPredicateFn::new(mask, is_wanted))]);
            let builder = builder.with_row_groups(vec![group]).with_row_filter(filter);
            match selection {
                Some(selection) => builder.with_row_selection(selection),
                None => builder,
            }
        })
    }

    fn load(
        &self,
        depth: Depth,
        choose: impl FnOnce(ParquetRecordBatchReaderBuilder<File>) -> ParquetRecordBatchReaderBuilder<File>,
    ) -> Result<Loaded<C>, StoreError> {
        let mut apart = Apart::default();
        let mut chunk = C::default();
        self.scan(depth, choose, |batch| chunk.decode(&Batch(batch), &mut apart.intake()))?;
        let words = apart.words();
        if let Some(before_ns) = self.before_ns {
            let mut rest = C::default();
            (0..chunk.rows())
                .filter(|place| chunk.at_ns(*place) < before_ns)
                .for_each(|place| rest.copy(&chunk, place));
            chunk = rest;
        }
        Ok(Loaded { chunk, words, apart })
    }

    /// Gives all rows batch by batch.
    pub(crate) fn decode_all(&self, mut take: impl FnMut(&Batch<'_>) -> Result<(), Unfit>) -> Result<(), StoreError> {
        self.scan(Depth::Whole, |builder| builder, |batch| take(&Batch(batch)))
    }

    /// The moments of all rows, as they stand in the file.
    pub(crate) fn moments(&self) -> Result<Vec<u64>, StoreError> {
        self.column(Form::Whole, |chunk, place| chunk.at_ns(place))
    }

    /// What all rows are sorted by.
    pub(crate) fn ranks(&self) -> Result<Vec<u128>, StoreError> {
        let form = if self.is_by_id() { Form::Id } else { Form::Whole };
        self.column(form, |chunk, place| chunk.rank(place).0)
    }

    /// Something of every row that can be told from columns of one form.
    fn column<T>(&self, form: Form, tell: impl Fn(&C, usize) -> T) -> Result<Vec<T>, StoreError> {
        let mut told = Vec::with_capacity(self.rows() as usize);
        let mut apart = Apart::default();
        let those = |builder: ParquetRecordBatchReaderBuilder<File>| {
            let columns = C::TABLE.columns.iter().filter(|column| column.form == form).map(|column| column.name);
            let mask = ProjectionMask::columns(builder.parquet_schema(), columns);
            builder.with_projection(mask)
        };
        self.scan(Depth::Whole, those, |batch| {
            let mut chunk = C::default();
            chunk.decode(&Batch(batch), &mut apart.intake())?;
            told.extend((0..chunk.rows()).map(|place| tell(&chunk, place)));
            Ok(())
        })?;
        Ok(told)
    }

    fn scan(
        &self,
        depth: Depth,
        choose: impl FnOnce(ParquetRecordBatchReaderBuilder<File>) -> ParquetRecordBatchReaderBuilder<File>,
        mut take: impl FnMut(&RecordBatch) -> Result<(), Unfit>,
    ) -> Result<(), StoreError> {
        let file = File::open(self.path()).map_err(StoreError::file(self.path()))?;
        let options = ArrowReaderOptions::new()
            .with_skip_arrow_metadata(true)
            .with_schema(C::TABLE.read())
            .with_page_index_policy(PageIndexPolicy::Optional);
        let mut builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
            .map_err(StoreError::parquet(self.path()))?
            .with_batch_size(BATCH_ROWS);
        if depth == Depth::Light {
            let mask = ProjectionMask::columns(builder.parquet_schema(), C::TABLE.light.iter().copied());
            builder = builder.with_projection(mask);
        }
        let reader = choose(builder).build().map_err(StoreError::parquet(self.path()))?;
        for batch in reader {
            let batch = batch.map_err(|error| StoreError::parquet(self.path())(error.into()))?;
            take(&batch).map_err(|unfit| unfit.at(self.path()))?;
        }
        Ok(())
    }
}
