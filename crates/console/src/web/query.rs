//! What may stand after the question mark. Forms send empty fields: those count as not given.

use std::str::FromStr;

use detect::{SpanKind, SpanStatus};
use serde::{Deserialize, Serialize};
use store::{LogSearch, RedFilter, SpanSearch};

/// A field that could not be read.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("`{field}` cannot be `{given}`: {remedy}")]
pub(crate) struct BadField {
    field: &'static str,
    given: String,
    remedy: &'static str,
}

impl BadField {
    pub(crate) fn new(field: &'static str, given: &str, remedy: &'static str) -> Self {
        Self { field, given: given.to_owned(), remedy }
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
    pub(crate) severity_at_least: String,
    pub(crate) from_unix_ms: String,
    pub(crate) to_unix_ms: String,
    pub(crate) step_seconds: String,
    /// A stretch of time up to now, see `window.rs`.
    pub(crate) window: String,
    /// `all`: on the page of services, spans of all kinds.
    pub(crate) show: String,
    pub(crate) since: String,
    pub(crate) limit: String,
}

fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn parsed<T: FromStr>(field: &'static str, text: &str, remedy: &'static str) -> Result<Option<T>, BadField> {
    let Some(given) = given(text) else { return Ok(None) };
    given.parse().map(Some).map_err(|_| BadField { field, given, remedy })
}

const WHOLE: &str = "use a whole number, not below zero";

impl Fields {
    pub(crate) fn since(&self) -> Result<u64, BadField> {
        Ok(parsed("since", &self.since, WHOLE)?.unwrap_or(0))
    }

    pub(crate) fn step_seconds(&self) -> Result<u64, BadField> {
        let step = parsed("step_seconds", &self.step_seconds, WHOLE)?.unwrap_or(10);
        Ok(step.clamp(1, 3600))
    }

    pub(crate) fn red(&self) -> Result<RedFilter, BadField> {
        let kind = match given(&self.kind) {
            None => None,
            Some(word) => match SpanKind::ALL.iter().find(|(name, _)| *name == word) {
                Some((_, kind)) => Some(*kind),
                None => {
                    let remedy = "use server, client, internal, producer or consumer";
                    return Err(BadField { field: "kind", given: word, remedy });
                }
            },
        };
        Ok(RedFilter {
            service: given(&self.service),
            operation: given(&self.operation),
            traffic_type: given(&self.traffic_type),
            kind,
            from_unix_ms: parsed("from_unix_ms", &self.from_unix_ms, WHOLE)?,
            to_unix_ms: parsed("to_unix_ms", &self.to_unix_ms, WHOLE)?,
        })
    }

    pub(crate) fn spans(&self) -> Result<SpanSearch, BadField> {
        let status = match given(&self.status).as_deref() {
            None => None,
            Some("error") => Some(SpanStatus::Error),
            Some("ok") => Some(SpanStatus::Ok),
            Some(other) => {
                return Err(BadField { field: "status", given: other.to_owned(), remedy: "use ok or error" });
            }
        };
        let min_duration_ms = parsed::<f64>("min_duration_ms", &self.min_duration_ms, "use a number of milliseconds")?;
        Ok(SpanSearch {
            service: given(&self.service),
            operation: given(&self.operation),
            traffic_type: given(&self.traffic_type),
            status,
            min_duration_ms: min_duration_ms.filter(|ms| ms.is_finite()),
            limit: parsed("limit", &self.limit, WHOLE)?,
            ..SpanSearch::default()
        })
    }

    pub(crate) fn logs(&self) -> Result<LogSearch, BadField> {
        Ok(LogSearch {
            service: given(&self.service),
            event: given(&self.event),
            traffic_type: given(&self.traffic_type),
            text: given(&self.text),
            trace_id: given(&self.trace_id),
            severity_at_least: parsed(
                "severity_at_least",
                &self.severity_at_least,
                "use 1 to 24: 9 info, 13 warn, 17 error",
            )?,
            limit: parsed("limit", &self.limit, WHOLE)?,
            ..LogSearch::default()
        })
    }
}
