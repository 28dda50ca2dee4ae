//! One route and method, as the table has it.

use schemars::generate::SchemaGenerator;
use schemars::{JsonSchema, Schema};

/// Makes the schema of a type.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// How it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Method {
    Get,
    Post,
}

impl Method {
    /// As it stands in a request.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// What is sent where nothing can be asked for: `{}`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct NoFields {}

/// What a route answers with when all is well.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answered {
    /// JSON of a type.
    Json(SchemaOf),
    /// Something else: its media type.
    Other(&'static str),
    /// Nothing.
    Nothing,
}

/// One route and method.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    pub(crate) method: Method,
    /// With parameters in braces.
    pub(crate) path: &'static str,
    /// What it belongs to.
    pub(crate) tag: &'static str,
    /// One line.
    pub(crate) summary: &'static str,
    /// What may stand after the question mark.
    pub(crate) fields: &'static [&'static str],
    /// Those of the fields that must be given.
    pub(crate) required: &'static [&'static str],
    /// What is sent.
    pub(crate) body: Option<SchemaOf>,
    pub(crate) answered: Answered,
    /// Other media types that may be asked for.
    pub(crate) other_types: &'static [&'static str],
}

impl Operation {
    /// A route that is asked for something.
    pub(crate) const fn get(tag: &'static str, path: &'static str, summary: &'static str) -> Self {
        Self {
            method: Method::Get,
            path,
            tag,
            summary,
            fields: &[],
            required: &[],
            body: None,
            answered: Answered::Nothing,
            other_types: &[],
        }
    }

    /// A route that takes JSON of a type.
    pub(crate) const fn post<T: JsonSchema>(tag: &'static str, path: &'static str, summary: &'static str) -> Self {
        Self { method: Method::Post, body: Some(schema_of::<T>), ..Self::get(tag, path, summary) }
    }

    pub(crate) const fn fields(self, fields: &'static [&'static str]) -> Self {
        Self { fields, ..self }
    }

    pub(crate) const fn required(self, required: &'static [&'static str]) -> Self {
        Self { required, ..self }
    }

    /// It answers with JSON of a type.
    pub(crate) const fn json<T: JsonSchema>(self) -> Self {
        Self { answered: Answered::Json(schema_of::<T>), ..self }
    }

    /// It answers with this media type.
    pub(crate) const fn media(self, media_type: &'static str) -> Self {
        Self { answered: Answered::Other(media_type), ..self }
    }

    /// It can also answer with these.
    pub(crate) const fn or(self, other_types: &'static [&'static str]) -> Self {
        Self { other_types, ..self }
    }

    /// Parameters of the path, in order.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }
}
