//! The API described: an OpenAPI 3.1 document, made from one table of routes and the types that they answer with.
//!
//! `routes` is the table: whoever adds a route under `/api` adds a line there, or a test fails. `fields` describes what may
//! stand after the question mark, `document` puts it together.

mod document;
mod fields;
mod operation;
mod routes;

pub(crate) use document::document;
pub(crate) use fields::describe as describe_field;
pub(crate) use operation::{Method, Operation};
pub(crate) use routes::ROUTES;
