//! OTLP's protobuf read in place: a walk over the bytes of a message, straight into whatever takes its parts.
//!
//! No intermediate structs: that is what makes the store fast. `fields` reads any protobuf; `value` the attribute
//! values of OTLP. What the messages mean is known where they are taken in (`spans`, `logs`, `metrics`). The oracle for
//! all of it is `prost`: see `tests/store/oracle.rs`.

mod fields;
mod value;
mod varint;

pub(crate) use fields::{Field, Fields, Malformed};
pub(crate) use value::{KeyValue, Value, hex, hex_digits};
pub(crate) use varint::{put_varint, unzigzag, zigzag};
