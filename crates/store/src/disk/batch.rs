//! The columns of a batch that was read, by name and type.

use std::cell::RefCell;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray};

use crate::disk::error::Unfit;

/// A batch that was read. Columns that were not asked for are as if they were empty.
#[derive(Debug)]
pub(crate) struct Batch<'a>(pub(crate) &'a RecordBatch);

impl<'a> Batch<'a> {
    pub(crate) fn rows(&self) -> usize {
        self.0.num_rows()
    }

    /// A column of text.
    pub(crate) fn texts(&self, name: &'static str) -> Texts<'a> {
        Texts { name, array: self.0.column_by_name(name).and_then(|array| array.as_string_opt()) }
    }

    /// A column of words, each of which `look_up` turns into a `T` when it is first met.
    pub(crate) fn words<T: Copy>(&self, name: &'static str) -> Words<'a, T> {
        let array = self.0.column_by_name(name).and_then(|array| array.as_dictionary_opt::<Int32Type>());
        let values = array.and_then(|array| array.values().as_string_opt());
        let known = RefCell::new(vec![None; values.map_or(0, Array::len)]);
        Words { array: array.zip(values), known }
    }

    /// A column of whole numbers.
    pub(crate) fn wholes(&self, name: &str) -> Wholes<'a> {
        Wholes(self.0.column_by_name(name).and_then(|array| array.as_primitive_opt::<Int64Type>()))
    }

    /// A column of numbers.
    pub(crate) fn doubles(&self, name: &str) -> Doubles<'a> {
        Doubles(self.0.column_by_name(name).and_then(|array| array.as_primitive_opt::<Float64Type>()))
    }
}

/// Texts, each by its place.
#[derive(Debug)]
pub(crate) struct Texts<'a> {
    name: &'static str,
    array: Option<&'a StringArray>,
}

impl<'a> Texts<'a> {
    /// The text; empty where there is none.
    pub(crate) fn get(&self, place: usize) -> &'a str {
        self.some(place).unwrap_or_default()
    }

    /// The text, if there is one.
    pub(crate) fn some(&self, place: usize) -> Option<&'a str> {
        self.array.filter(|array| array.is_valid(place)).map(|array| array.value(place))
    }

    /// `digits` hex digits as a number; zero where there is none.
    pub(crate) fn hex(&self, place: usize, digits: usize) -> Result<u128, Unfit> {
        let Some(text) = self.some(place) else { return Ok(0) };
        let number = (text.len() == digits).then(|| u128::from_str_radix(text, 16).ok()).flatten();
        number.ok_or_else(|| Unfit(format!("`{}` has {text:?} instead of {digits} hex digits", self.name)))
    }
}

/// Words, each looked up once.
#[derive(Debug)]
pub(crate) struct Words<'a, T> {
    array: Option<(&'a DictionaryArray<Int32Type>, &'a StringArray)>,
    known: RefCell<Vec<Option<T>>>,
}

impl<'a, T: Copy + Default> Words<'a, T> {
    /// What stands for the word, the default where there is none.
    pub(crate) fn get(&self, place: usize, look_up: impl FnOnce(&'a str) -> Result<T, Unfit>) -> Result<T, Unfit> {
        let Some((array, values)) = self.array else { return Ok(T::default()) };
        let Some(key) = array.key(place) else { return Ok(T::default()) };
        if let Some(known) = self.known.borrow()[key] {
            return Ok(known);
        }
        let found = if values.is_valid(key) { look_up(values.value(key))? } else { T::default() };
        self.known.borrow_mut()[key] = Some(found);
        Ok(found)
    }
}

/// Whole numbers, each by its place.
#[derive(Debug)]
pub(crate) struct Wholes<'a>(Option<&'a Int64Array>);

impl Wholes<'_> {
    pub(crate) fn some(&self, place: usize) -> Option<i64> {
        self.0.filter(|array| array.is_valid(place)).map(|array| array.value(place))
    }

    /// The number with its bits as they were before it was written; zero where there is none.
    pub(crate) fn unsigned(&self, place: usize) -> u64 {
        self.some(place).unwrap_or(0).cast_unsigned()
    }
}

/// Numbers, each by its place.
#[derive(Debug)]
pub(crate) struct Doubles<'a>(Option<&'a Float64Array>);

impl Doubles<'_> {
    pub(crate) fn some(&self, place: usize) -> Option<f64> {
        self.0.filter(|array| array.is_valid(place)).map(|array| array.value(place))
    }
}
