//! k6's numbers and durations.

use serde_json::Value;

/// Seconds of a duration: `1m30s`, `500ms`, or a number of milliseconds.
pub(super) fn seconds(value: &Value) -> Option<f64> {
    match value {
        Value::Number(milliseconds) => milliseconds.as_f64().map(|ms| ms / 1000.0),
        Value::String(text) => written(text),
        _ => None,
    }
    .filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
}

fn written(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    if rest == "0" {
        return Some(0.0);
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let number_ends = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..number_ends].parse().ok()?;
        rest = &rest[number_ends..];
        let unit_ends = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        seconds += number
            * match &rest[..unit_ends] {
                "d" => 86_400.0,
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 1e-3,
                "us" | "µs" => 1e-6,
                "ns" => 1e-9,
                _ => return None,
            };
        rest = &rest[unit_ends..];
    }
    (!text.trim().is_empty()).then_some(seconds)
}

/// A number as a person writes it: six decimals at most, none where it is whole.
pub(super) fn number(value: f64) -> Value {
    let rounded = (value * 1e6).round() / 1e6;
    if rounded.fract() == 0.0 && rounded.abs() < 1e15 { Value::from(rounded as i64) } else { Value::from(rounded) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn durations_are_written_as_in_go_or_in_milliseconds() {
        let table = [
            (json!("1m30s"), Some(90.0)),
            (json!("500ms"), Some(0.5)),
            (json!("1d2h"), Some(93_600.0)),
            (json!("1.5s"), Some(1.5)),
            (json!(2500), Some(2.5)),
            (json!("0"), Some(0.0)),
            (json!("10"), None),
            (json!(""), None),
            (json!("s"), None),
            (json!("1x"), None),
            (json!("-1s"), None),
            (json!(null), None),
        ];
        for (value, expected) in table {
            assert_eq!(seconds(&value), expected, "{value}");
        }
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(2.0).to_string(), "2");
        assert_eq!(number(1.0 / 3.0).to_string(), "0.333333");
    }
}
