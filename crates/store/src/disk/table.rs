//! What a file's columns are. Their names are a contract: see `docs/telemetry-files.md`.

use std::sync::Arc;

use arrow_array::builder::{ArrayBuilder, StringBuilder};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::disk::batch::Batch;
use crate::disk::error::Unfit;
use crate::disk::words::{Intake, Row};
use crate::shelf::Chunk;

/// The version of all files' columns. A change that older readers would misunderstand raises it.
pub(crate) const VERSION: u32 = 1;

/// One table.
#[derive(Debug)]
pub(crate) struct Table {
    /// Also its files' name.
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [Column],
    /// What a file's rows are sorted by.
    pub(crate) sorted_by: &'static [&'static str],
    /// What a search needs that asks for no attributes.
    pub(crate) light: &'static [&'static str],
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    pub(crate) can_be_null: bool,
}

/// How a column's values look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Text of few different values.
    Word,
    /// Text of many different values that are looked for.
    Id,
    /// Text of many different values.
    Text,
    /// A whole number of 64 bits.
    Whole,
    /// A number.
    Double,
    /// Microseconds, UTC: what every reader understands; the exact nanoseconds stand in a column beside it.
    Moment,
}

pub(crate) const fn column(name: &'static str, form: Form) -> Column {
    Column { name, form, can_be_null: false }
}

pub(crate) const fn optional(name: &'static str, form: Form) -> Column {
    Column { name, form, can_be_null: true }
}

impl Table {
    /// As it is written.
    pub(crate) fn written(&self) -> SchemaRef {
        self.schema(DataType::Utf8)
    }

    /// As it is read: words come with their dictionary, so that each is looked up once.
    pub(crate) fn read(&self) -> SchemaRef {
        self.schema(DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into()))
    }

    fn schema(&self, word: DataType) -> SchemaRef {
        let field = |column: &Column| {
            let form = match column.form {
                Form::Word => word.clone(),
                Form::Id | Form::Text => DataType::Utf8,
                Form::Whole => DataType::Int64,
                Form::Double => DataType::Float64,
                Form::Moment => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            };
            Field::new(column.name, form, column.can_be_null)
        };
        Arc::new(Schema::new(self.columns.iter().map(field).collect::<Vec<_>>()))
    }
}

/// Rows of a table that can be written to a file and read from it.
pub(crate) trait Stored: Chunk + Default + std::fmt::Debug + Send + Sync + 'static {
    const TABLE: Table;
    type Columns: Columns<Self>;

    /// What a file's rows are sorted by.
    fn rank(&self, place: usize) -> (u128, u64);
    /// The moment that says how old a row is, Unix nanoseconds: of a span its end.
    fn at_ns(&self, place: usize) -> u64;
    /// The earliest moment of a row, Unix nanoseconds: of a span its start.
    fn since_ns(&self, place: usize) -> u64 {
        self.at_ns(place)
    }
    /// Takes a row of another chunk that has the same words.
    fn copy(&mut self, other: &Self, place: usize);
    /// Takes the rows of a batch; columns that it lacks are as if they were empty.
    fn decode(&mut self, batch: &Batch<'_>, intake: &mut Intake<'_>) -> Result<(), Unfit>;
}

/// The columns of a batch that is being made.
pub(crate) trait Columns<C>: Default {
    /// Takes a row; returns about how many bytes it took.
    fn append(&mut self, row: Row<'_, C>) -> usize;
    /// All columns, in the table's order; they are empty again afterwards.
    fn builders(&mut self) -> Vec<&mut dyn ArrayBuilder>;
}

/// Appends a text, or null for an empty one.
pub(crate) fn some(builder: &mut StringBuilder, text: &str) {
    builder.append_option((!text.is_empty()).then_some(text));
}
