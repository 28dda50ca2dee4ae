//! k6 options: arrival-rate scenarios become streams, thresholds become thresholds.
//!
//! What a script does in its functions is a program and is not read. Executors that count virtual users are refused: they
//! are a closed model, whose rate depends on how fast the system answers, so there is no schedule to take over.
mod literal;
mod scenarios;
mod thresholds;
mod units;

use serde_json::{Map, Value, json};

use super::names::word;
use super::{Imported, mistake, within};
use crate::Mistake;

/// Greatest size of a script, in bytes: bundled ones carry their libraries.
const GREATEST_SCRIPT: usize = 4_000_000;

/// A load test made of k6 options in `text`: JSON (`k6 inspect script.js` prints it), or a script whose `options` are a
/// literal. `name` is what the test is called.
///
/// Journeys are named after the functions that scenarios execute, and hold a placeholder.
///
/// # Errors
/// Options that can't be read or are no literal; scenarios whose executors count virtual users; values that are no rate,
/// duration or number, all of them.
pub fn import_k6(text: &str, name: &str) -> Result<Imported, Vec<Mistake>> {
    within(text, GREATEST_SCRIPT, "a script")?;
    let found = literal::options(text).map_err(|mistake| vec![mistake])?;
    let Value::Object(options) = &found.value else {
        return Err(vec![mistake(text, found.at, "the options are no object", "give `export const options = {...}`")]);
    };
    let mut left_out = Vec::new();
    let streams = scenarios::read(text, &found, options, &mut left_out)?;
    let thresholds = thresholds::read(options.get("thresholds"), &streams, &mut left_out);
    say_what_else_was_left_out(options, &mut left_out);

    let minutes = streams.iter().map(|s| s.ends_minute).fold(0.0, f64::max);
    let mut document = Map::new();
    document.insert("name".to_owned(), json!(word(name, "imported")));
    document.insert("minutes".to_owned(), units::number(minutes));
    document.insert("targets".to_owned(), json!({"main": "http://127.0.0.1:8080"}));
    let ends = |s: &scenarios::Imported| s.document(minutes);
    document.insert("streams".to_owned(), streams.iter().map(ends).collect());
    let mut journeys = Map::new();
    for stream in &streams {
        journeys.entry(stream.journey.clone()).or_insert_with(|| json!([{"method": "GET", "path": "/"}]));
    }
    let functions: Vec<&str> = journeys.keys().map(String::as_str).collect();
    left_out.insert(
        0,
        format!(
            "what the script does is JavaScript and was not read: write it as the journey{} {}, and set the target's URL",
            if functions.len() == 1 { "" } else { "s" },
            functions.join(", ")
        ),
    );
    document.insert("journeys".to_owned(), Value::Object(journeys));
    if !thresholds.is_empty() {
        document.insert("thresholds".to_owned(), Value::Array(thresholds));
    }
    let most: u64 = streams.iter().filter_map(|s| s.most_users).sum();
    if most > 0 {
        document.insert("max_in_flight".to_owned(), json!(most.min(scenarios::MOST_IN_FLIGHT)));
        left_out.push("maxVUs is max_in_flight now, of all streams together: what is due beyond it is dropped, and makes the run INVALID".to_owned());
    }
    Imported::new("k6 options by `doorbuster load import k6`", &Value::Object(document), left_out)
}

/// Options that are neither scenarios nor thresholds, as far as they are set.
fn say_what_else_was_left_out(options: &Map<String, Value>, left_out: &mut Vec<String>) {
    let is_set = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => true,
    };
    let others: Vec<&str> = options
        .iter()
        .filter(|(key, value)| !matches!(key.as_str(), "scenarios" | "thresholds") && is_set(value))
        .map(|(key, _)| key.as_str())
        .collect();
    if !others.is_empty() {
        left_out.push(format!("these options have no counterpart: {}", others.join(", ")));
    }
}

#[cfg(test)]
mod tests;
