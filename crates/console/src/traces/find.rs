//! Finding words in a trace.

use serde_json::{Map, Value};
use store::{SpanView, TraceView};

/// The spans that have `text` anywhere in them, letter case aside: names, identifier, message, attributes, events. None if
/// there is nothing to look for.
pub(crate) fn find(trace: &TraceView, text: &str) -> Vec<String> {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return Vec::new();
    }
    trace.spans.iter().filter(|span| has(span, &text)).map(|span| span.span_id.clone()).collect()
}

fn has(span: &SpanView, text: &str) -> bool {
    let has = |words: &str| words.to_lowercase().contains(text);
    let in_attributes = |attributes: &Map<String, Value>| {
        attributes.iter().any(|(key, value)| {
            has(key)
                || match value {
                    Value::String(words) => has(words),
                    other => has(&other.to_string()),
                }
        })
    };
    [&span.name, &span.service, &span.span_id, &span.status_message].into_iter().any(|words| has(words))
        || in_attributes(&span.attributes)
        || span.events.iter().any(|event| has(&event.name) || in_attributes(&event.attributes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traces::made::{failed, span, trace, with};

    #[test]
    fn words_are_found_wherever_they_stand() {
        let trace = trace(vec![
            span("one", "", 0, 9),
            with(span("two", "one", 1, 1), "db.rows_scanned", 487_342),
            failed(span("three", "one", 2, 1), "No connection within 2100 ms"),
        ]);
        for (text, expected) in [
            ("", vec![]),
            ("ONE", vec!["one"]),
            ("487", vec!["two"]),
            ("rows_scanned", vec!["two"]),
            ("no connection", vec!["three"]),
            ("t", vec!["two", "three"]),
            ("nowhere", vec![]),
        ] {
            assert_eq!(find(&trace, text), expected, "{text}");
        }
    }
}
