//! What may be asked of spans.

use detect::SpanStatus;
use store::{AttributeTest, SpanSearch};

use crate::state::State;
use crate::web::attribute_tests;
use crate::web::query::{BadField, Fields, WHOLE, given, parsed};

impl Fields {
    /// Tests of attributes.
    pub(crate) fn attribute_tests(&self) -> Result<Vec<AttributeTest>, BadField> {
        attribute_tests::parse(&self.attributes)
            .map_err(|bad| BadField::new("attributes", self.attributes.trim(), bad.to_string()))
    }

    /// The search for spans that these fields ask for, with `window` where there is no first moment.
    pub(crate) fn spans_within(&self, state: &State) -> Result<SpanSearch, BadField> {
        let mut search = self.spans()?;
        if let (None, Some(window)) = (search.from_unix_ms, self.window()?) {
            search.from_unix_ms = Some(window.start(state));
        }
        Ok(search)
    }

    /// The same without the window.
    fn spans(&self) -> Result<SpanSearch, BadField> {
        let status = match given(&self.status).as_deref() {
            None => None,
            Some("error") => Some(SpanStatus::Error),
            Some("ok") => Some(SpanStatus::Ok),
            Some(other) => return Err(BadField::new("status", other, "use ok or error")),
        };
        let search = SpanSearch {
            service: given(&self.service),
            operation: given(&self.operation),
            traffic_type: given(&self.traffic_type),
            kind: self.kind()?,
            status,
            min_duration_ms: milliseconds("min_duration_ms", &self.min_duration_ms)?,
            max_duration_ms: milliseconds("max_duration_ms", &self.max_duration_ms)?,
            attributes: self.attribute_tests()?,
            from_unix_ms: parsed("from_unix_ms", &self.from_unix_ms, WHOLE)?,
            to_unix_ms: parsed("to_unix_ms", &self.to_unix_ms, WHOLE)?,
            limit: parsed("limit", &self.limit, WHOLE)?,
        };
        if let (Some(least), Some(most)) = (search.min_duration_ms, search.max_duration_ms)
            && least > most
        {
            let remedy = format!("it is less than `min_duration_ms`, {least}: nothing can last so long and so short");
            return Err(BadField::new("max_duration_ms", self.max_duration_ms.trim(), remedy));
        }
        Ok(search)
    }

    /// Whether any field narrows a search for spans.
    pub(crate) fn narrows_spans(&self) -> bool {
        [
            &self.service,
            &self.operation,
            &self.traffic_type,
            &self.status,
            &self.min_duration_ms,
            &self.max_duration_ms,
            &self.attributes,
            &self.window,
            &self.kind,
            &self.from_unix_ms,
            &self.to_unix_ms,
        ]
        .into_iter()
        .any(|field| given(field).is_some())
    }
}

fn milliseconds(field: &'static str, text: &str) -> Result<Option<f64>, BadField> {
    const REMEDY: &str = "use a number of milliseconds, not below zero";
    match parsed::<f64>(field, text, REMEDY)? {
        Some(ms) if !ms.is_finite() || ms < 0.0 => Err(BadField::new(field, text.trim(), REMEDY)),
        ms => Ok(ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_name_their_field_and_a_remedy() {
        let table = [
            (Fields { status: "broken".into(), ..Fields::default() }, "`status` cannot be `broken`: use ok or error"),
            (Fields { min_duration_ms: "-1".into(), ..Fields::default() }, "not below zero"),
            (Fields { max_duration_ms: "NaN".into(), ..Fields::default() }, "`max_duration_ms` cannot be `NaN`"),
            (
                Fields { min_duration_ms: "9".into(), max_duration_ms: "3".into(), ..Fields::default() },
                "less than `min_duration_ms`",
            ),
            (Fields { attributes: "a>b".into(), ..Fields::default() }, "at character 3, `b` is no number"),
            (Fields { kind: "some".into(), ..Fields::default() }, "`kind` cannot be `some`"),
        ];
        for (fields, words) in table {
            let bad = fields.spans().expect_err(words).to_string();
            assert!(bad.contains(words), "{bad}");
        }
    }

    #[test]
    fn nothing_asked_finds_everything() {
        let fields = Fields { window: "1m".into(), ..Fields::default() };
        assert!(fields.narrows_spans() && !Fields::default().narrows_spans());
        assert_eq!(Fields::default().spans().expect("it can be read"), SpanSearch::default());
    }
}
