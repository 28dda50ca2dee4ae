//! A kind's arguments as somebody types them on a command line: `key=value`, one word each.

use serde_json::{Map, Value};

use super::entry;
use crate::FaultError;

/// The arguments of `kind` out of words such as `table=orders`, `size=1` or `indexes=idx_a,idx_b`.
///
/// The kind's schema says what a value is: a text is taken as it stands, a list of names may be separated by commas, everything
/// else is JSON (`leaked=[[0,0],[1,19]]`).
///
/// # Errors
/// [`FaultError::UnknownKind`]; [`FaultError::Arguments`] with every mistake, those of the kind's own check included.
pub fn parse_args<W: AsRef<str>>(kind: &str, words: impl IntoIterator<Item = W>) -> Result<Value, FaultError> {
    let entry = entry(kind).ok_or_else(|| FaultError::UnknownKind { kind: kind.to_owned() })?;
    let schema = (entry.schema)();
    let mut args = Map::new();
    let mut mistakes = Vec::new();
    for word in words {
        let word = word.as_ref();
        match word.split_once('=') {
            Some((key, text)) if !key.is_empty() => {
                if args.insert(key.to_owned(), value(&schema["properties"][key], text)).is_some() {
                    mistakes.push(format!("{key} is given twice (give it once)"));
                }
            }
            _ => {
                mistakes.push(format!("{word:?} is not of the form key=value (write, for example, {})", sample(entry)))
            }
        }
    }
    let args = Value::Object(args);
    mistakes.extend((entry.check)(&args).into_iter().map(|m| format!("{} ({})", m.message, m.remedy)));
    if mistakes.is_empty() {
        return Ok(args);
    }
    Err(FaultError::Arguments { kind: kind.to_owned(), reason: mistakes.join("; ") })
}

fn value(schema: &Value, text: &str) -> Value {
    let is =
        |name: &str| schema["type"] == name || schema["type"].as_array().is_some_and(|t| t.iter().any(|t| t == name));
    if is("string") {
        return text.into();
    }
    if is("array") && !text.starts_with('[') {
        // Numbers are no names: where a list of those is wanted, each word is JSON.
        let of_texts = schema["items"]["type"] != "integer" && schema["items"]["type"] != "number";
        let item = |word: &str| -> Value {
            let json = serde_json::from_str(word).ok();
            json.filter(|_| !of_texts).unwrap_or_else(|| word.into())
        };
        return text.split(',').map(str::trim).map(item).collect();
    }
    // A name from a list of names (`mode=share`) is no JSON.
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

/// The kind's example as words.
fn sample(entry: &super::Entry) -> String {
    let example = (entry.example)();
    let word = |(key, value): (&String, &Value)| match value {
        Value::String(text) => format!("{key}={text}"),
        other => format!("{key}={other}"),
    };
    let words: Vec<String> = example.as_object().into_iter().flatten().map(word).collect();
    if words.is_empty() { "nothing at all".to_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::KINDS;
    use serde_json::json;

    #[test]
    fn words_become_what_the_schema_says() {
        let table = [
            (
                "drop_index",
                vec!["table=products", "indexes=idx_a,idx_b"],
                json!({"table": "products", "indexes": ["idx_a", "idx_b"]}),
            ),
            ("resize_pool", vec!["pool=7", "size=1"], json!({"pool": "7", "size": 1})),
            (
                "leak_connections",
                vec!["pool=orders", "leaked=[[0,0],[1,19]]"],
                json!({"pool": "orders", "leaked": [[0, 0], [1, 19]]}),
            ),
            ("lock_table", vec!["table=orders", "mode=share"], json!({"table": "orders", "mode": "share"})),
            (
                "http_error",
                vec!["service=cart", "status=503", "share=0.2"],
                json!({"service": "cart", "status": 503, "share": 0.2}),
            ),
            ("kill_redis", vec![], json!({})),
            (
                "slow_request",
                vec!["stream=7", "share=0.15", "upload_ms=2000,5000"],
                json!({"stream": "7", "share": 0.15, "upload_ms": [2000, 5000]}),
            ),
            (
                "malformed_request",
                vec!["stream=demo", "share=1", "ways=empty,wrong_type"],
                json!({"stream": "demo", "share": 1, "ways": ["empty", "wrong_type"]}),
            ),
            (
                "http_latency",
                vec!["service=inbox", "delay_ms=[2000,5000]", "at=upstream", "traffic_type=demo"],
                json!({"service": "inbox", "delay_ms": [2000, 5000], "at": "upstream", "traffic_type": "demo"}),
            ),
        ];
        for (kind, words, expected) in table {
            assert_eq!(parse_args(kind, words).unwrap_or_else(|e| panic!("{e}")), expected);
        }
    }

    #[test]
    fn every_example_can_be_typed() {
        for entry in KINDS {
            let typed = sample(entry);
            let words = typed.split(' ').filter(|_| !(entry.example)().as_object().is_some_and(Map::is_empty));
            assert_eq!(parse_args(entry.name, words).unwrap_or_else(|e| panic!("{e}")), (entry.example)());
        }
    }

    #[test]
    fn every_mistake_is_said_at_once() {
        let wrong =
            parse_args("resize_pool", ["pool", "size=many", "size=3", "colour=red"]).expect_err("wrong").to_string();
        for said in [
            "\"pool\" is not of the form key=value",
            "size is given twice",
            "pool is missing",
            "no argument \"colour\"",
        ] {
            assert!(wrong.contains(said), "{said}: {wrong}");
        }
        assert!(matches!(parse_args("no_such_kind", [""; 0]), Err(FaultError::UnknownKind { .. })));
    }
}
