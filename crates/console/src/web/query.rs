//! What may stand after the question mark. Forms send empty fields: those count as not given.

use std::borrow::Cow;
use std::str::FromStr;

use detect::SpanKind;
use serde::{Deserialize, Serialize};
use store::{LogSearch, RedFilter};

/// A field that could not be read.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("`{field}` cannot be `{given}`: {remedy}")]
pub(crate) struct BadField {
    field: &'static str,
    given: String,
    remedy: Cow<'static, str>,
}

impl BadField {
    pub(crate) fn new(field: &'static str, given: impl Into<String>, remedy: impl Into<Cow<'static, str>>) -> Self {
        Self { field, given: given.into(), remedy: remedy.into() }
    }

    /// The field's name.
    pub(crate) fn field(&self) -> &'static str {
        self.field
    }
}

/// All fields of all questions, as text.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Fields {
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) traffic_type: String,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) event: String,
    pub(crate) text: String,
    pub(crate) trace_id: String,
    pub(crate) name: String,
    pub(crate) min_duration_ms: String,
    pub(crate) max_duration_ms: String,
    pub(crate) attributes: String,
    pub(crate) a: String,
    pub(crate) b: String,
    /// A question in SQL.
    pub(crate) q: String,
    /// `json`, `csv` or `parquet`.
    pub(crate) format: String,
    pub(crate) severity_at_least: String,
    pub(crate) from_unix_ms: String,
    pub(crate) to_unix_ms: String,
    pub(crate) step_seconds: String,
    /// A stretch of time up to now, see `window.rs`.
    pub(crate) window: String,
    /// `db.system.name`.
    pub(crate) system: String,
    /// `all`: on the page of services, spans of all kinds.
    pub(crate) show: String,
    pub(crate) since: String,
    pub(crate) limit: String,
}

pub(super) fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

pub(super) fn parsed<T: FromStr>(field: &'static str, text: &str, remedy: &'static str) -> Result<Option<T>, BadField> {
    let Some(given) = given(text) else { return Ok(None) };
    given.parse().map(Some).map_err(|_| BadField::new(field, given, remedy))
}

pub(super) const WHOLE: &str = "use a whole number, not below zero";

impl Fields {
    pub(crate) fn since(&self) -> Result<u64, BadField> {
        Ok(parsed("since", &self.since, WHOLE)?.unwrap_or(0))
    }

    pub(crate) fn step_seconds(&self) -> Result<u64, BadField> {
        let step = parsed("step_seconds", &self.step_seconds, WHOLE)?.unwrap_or(10);
        Ok(step.clamp(1, 3600))
    }

    pub(crate) fn kind(&self) -> Result<Option<SpanKind>, BadField> {
        let Some(word) = given(&self.kind) else { return Ok(None) };
        match SpanKind::ALL.iter().find(|(name, _)| *name == word) {
            Some((_, kind)) => Ok(Some(*kind)),
            None => Err(BadField::new("kind", word, "use server, client, internal, producer or consumer")),
        }
    }

    pub(crate) fn red(&self) -> Result<RedFilter, BadField> {
        Ok(RedFilter {
            service: given(&self.service),
            operation: given(&self.operation),
            traffic_type: given(&self.traffic_type),
            kind: self.kind()?,
            from_unix_ms: parsed("from_unix_ms", &self.from_unix_ms, WHOLE)?,
            to_unix_ms: parsed("to_unix_ms", &self.to_unix_ms, WHOLE)?,
        })
    }

    pub(crate) fn logs(&self) -> Result<LogSearch, BadField> {
        let trace_id = given(&self.trace_id);
        if let Some(id) =
            trace_id.as_deref().filter(|id| id.len() != 32 || !id.bytes().all(|digit| digit.is_ascii_hexdigit()))
        {
            return Err(BadField::new("trace_id", id, "use the 32 hex digits of a trace"));
        }
        Ok(LogSearch {
            service: given(&self.service),
            event: given(&self.event),
            traffic_type: given(&self.traffic_type),
            text: given(&self.text),
            trace_id,
            severity_at_least: parsed(
                "severity_at_least",
                &self.severity_at_least,
                "use 1 to 24: 9 info, 13 warn, 17 error",
            )?,
            attributes: self.attribute_tests()?,
            from_unix_ms: parsed("from_unix_ms", &self.from_unix_ms, WHOLE)?,
            to_unix_ms: parsed("to_unix_ms", &self.to_unix_ms, WHOLE)?,
            limit: parsed("limit", &self.limit, WHOLE)?,
            ..LogSearch::default()
        })
    }
}
