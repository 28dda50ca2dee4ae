//! What a file may write in several ways, in the one way that the types know.

use serde_json::{Map, Value};

use crate::Curve;

/// Makes a file that has no mistakes what its types read: rates become rates per minute, names of headers lowercase, and
/// what has no title is called by its name.
pub(super) fn lower(file: &mut Value) {
    let Some(file) = file.as_object_mut() else { return };
    if !file.contains_key("title")
        && let Some(name) = file.get("name")
    {
        file.insert("title".to_owned(), name.clone());
    }
    for stream in file.get_mut("streams").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(stream) = stream.as_object_mut() else { continue };
        per_minute(stream);
        headers(stream);
    }
    if let Some(Value::Object(journeys)) = file.get_mut("journeys") {
        self::journeys(journeys);
    }
}

/// The same for journeys alone.
pub(super) fn journeys(journeys: &mut Map<String, Value>) {
    let steps = journeys.values_mut().filter_map(Value::as_array_mut).flatten();
    steps.filter_map(Value::as_object_mut).for_each(headers);
}

fn per_minute(stream: &mut Map<String, Value>) {
    let rate = stream.remove("arrivals_per_second").and_then(|rate| serde_json::from_value::<Curve>(rate).ok());
    if let Some(rate) = rate.and_then(|rate| serde_json::to_value(rate.scaled(60.0)).ok()) {
        stream.insert("arrivals_per_minute".to_owned(), rate);
    }
}

fn headers(of: &mut Map<String, Value>) {
    if let Some(Value::Object(headers)) = of.get_mut("headers") {
        *headers =
            std::mem::take(headers).into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    }
}
