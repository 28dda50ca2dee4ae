//! An answer as a Parquet file: columns of whole numbers, numbers or texts, whichever their values are.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use serde_json::Value;

use crate::sql::answer::{SqlAnswer, SqlError};

/// The answer as a file, compressed with zstd. Whether rows were cut off stands in its metadata as `is_cut`.
pub(crate) fn to_parquet(answer: &SqlAnswer) -> Result<Vec<u8>, SqlError> {
    write(answer).map_err(|error| SqlError::Mistake(format!("the answer has no Parquet form: {error}")))
}

fn write(answer: &SqlAnswer) -> Result<Vec<u8>, ParquetError> {
    let batch = batch(answer)?;
    let is_cut = KeyValue::new("is_cut".to_owned(), answer.is_cut.to_string());
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_key_value_metadata(Some(vec![is_cut]))
        .build();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.close()?;
    Ok(file)
}

fn batch(answer: &SqlAnswer) -> Result<RecordBatch, ArrowError> {
    let mut taken = HashSet::new();
    let (mut fields, mut columns): (Vec<Field>, Vec<ArrayRef>) = (Vec::new(), Vec::new());
    for (index, name) in answer.columns.iter().enumerate() {
        // SQL may give two columns one name; files may not.
        let name = (1..)
            .map(|number| if number == 1 { name.clone() } else { format!("{name}_{number}") })
            .find(|name| taken.insert(name.clone()))
            .unwrap_or_default();
        let values = || answer.rows.iter().map(move |row| row.get(index).unwrap_or(&Value::Null));
        let is = |fits: fn(&Value) -> bool| values().all(|value| value.is_null() || fits(value));
        let (data_type, column): (DataType, ArrayRef) = if is(Value::is_i64) && values().any(Value::is_i64) {
            (DataType::Int64, Arc::new(values().map(Value::as_i64).collect::<Int64Array>()))
        } else if is(Value::is_number) && values().any(Value::is_number) {
            (DataType::Float64, Arc::new(values().map(Value::as_f64).collect::<Float64Array>()))
        } else {
            (DataType::Utf8, Arc::new(values().map(text).collect::<StringArray>()))
        };
        fields.push(Field::new(name, data_type, true));
        columns.push(column);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
