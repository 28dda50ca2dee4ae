//! What a browser recorded (HAR 1.2), as journeys.
//!
//! [`recording`] is the file, [`kept`] says which requests a visitor's journey has, [`step`] makes steps of them without the
//! secrets that [`secrets`] knows by name and by look. Pauses are those between an answer and the next request.
mod address;
mod body;
mod headers;
mod kept;
mod moment;
mod recording;
mod secrets;
mod step;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::names::{Names, word};
use super::{Imported, mistake, within};
use crate::Mistake;
use kept::{Kept, Skipped};
use recording::Recording;
use step::Writer;

/// Greatest size of a recording, in bytes: an hour of a heavy page with its answers.
const GREATEST_RECORDING: usize = 256_000_000;
/// Most journeys of a load test file.
const MOST_JOURNEYS: usize = 64;

/// What of a recording is taken over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HarOptions {
    /// One journey in all instead of one for each page.
    pub one_journey: bool,
    /// Pages, scripts, styles, images and fonts too, not only calls of APIs.
    pub assets: bool,
    /// Cookies, authorization and other secrets too.
    pub keep_auth: bool,
}

/// A load test made of the recording in `text` (HAR, which is JSON). `name` is what the test is called.
///
/// Each page is a journey, hosts are targets, and one visitor a second walks through one of the journeys. Without
/// [`HarOptions::keep_auth`] whatever is a secret by its name or its look is left out or `REDACTED`.
///
/// # Errors
/// What is no HAR, or too large; a recording in which nothing is left.
pub fn import_har(text: &str, name: &str, options: HarOptions) -> Result<Imported, Vec<Mistake>> {
    within(text, GREATEST_RECORDING, "a recording")?;
    let recording = read(text)?;
    let mut left_out = Vec::new();
    let (kept, skipped) = kept::keep(&recording, options.assets);
    skipped.say(&mut left_out);
    if kept.is_empty() {
        return Err(vec![nothing_left(text, &skipped)]);
    }
    let mut writer = Writer::new(options.keep_auth);
    let journeys = journeys(&recording, &kept, options.one_journey, &mut writer);
    if journeys.is_empty() {
        return Err(vec![nothing_left(text, &skipped)]);
    }
    let targets: Map<String, Value> =
        writer.targets().map(|(origin, target)| (target.to_owned(), json!(origin))).collect();
    left_out.insert(0, hosts(&targets));
    writer.say(&mut left_out);

    let weights: Map<String, Value> = journeys.keys().map(|journey| (journey.clone(), json!(1))).collect();
    let document = json!({
        "name": word(name, "recorded"),
        "minutes": 1,
        "targets": targets,
        "streams": [{"name": "visitors", "arrivals_per_second": 1, "journeys": weights}],
        "journeys": journeys,
    });
    Imported::new("a browser's recording by `doorbuster load import har`", &document, left_out)
}

fn read(text: &str) -> Result<Recording, Vec<Mistake>> {
    let text = text.trim_start_matches('\u{feff}');
    serde_json::from_str(text).map_err(|error| {
        let said = said(&error);
        let (line, column) = (error.line().max(1), error.column().max(1));
        let remedy = "save the recording as HAR from the network panel of the browser's tools".to_owned();
        vec![Mistake { line, column, message: format!("not a HAR: {said}"), remedy }]
    })
}

/// What is wrong, without what stands there: that may be a secret. Where it stands is the mistake's.
fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(said, _)| said);
    // What was found is quoted between its kind and what was expected; fields that are missing are this reader's own.
    match text.rsplit_once(", expected ") {
        Some((found, expected)) if error.is_data() => {
            let kind = found.split(['"', '`']).next().unwrap_or_default().trim_end();
            format!("{kind}, expected {expected}")
        }
        None if error.is_data() && text.contains('"') => "an unexpected value".to_owned(),
        _ => text.to_owned(),
    }
}

fn nothing_left(text: &str, skipped: &Skipped) -> Mistake {
    let message = "there is no request in it that would be sent";
    if skipped.assets > 0 {
        let message = format!("{message}: none of {} is a call of an API", skipped.assets);
        return mistake(text, 0, message, "give --assets to take pages, scripts and images too");
    }
    mistake(text, 0, message, "record with the network panel open, and save with content")
}

fn hosts(targets: &Map<String, Value>) -> String {
    let list: Vec<&str> = targets.values().filter_map(Value::as_str).collect();
    format!(
        "it was recorded at {}: set the targets to systems of your own, and remove the steps at others'. One visitor a second is a guess",
        list.join(", ")
    )
}

/// One journey for each page in the order of the recording, or one in all.
fn journeys(
    recording: &Recording,
    kept: &[Kept<'_>],
    one_journey: bool,
    writer: &mut Writer,
) -> IndexMap<String, Value> {
    let mut by_page: IndexMap<Option<&str>, Vec<&Kept<'_>>> = IndexMap::new();
    for entry in kept {
        let page = entry.entry.pageref.as_deref().filter(|_| !one_journey);
        by_page.entry(page).or_default().push(entry);
    }
    let mut names = Names::default();
    let mut journeys = IndexMap::new();
    for (page, entries) in by_page {
        if journeys.len() == MOST_JOURNEYS {
            writer.leave_out(entries.len());
            continue;
        }
        let title = page.and_then(|id| recording.log.pages().find(|p| p.id == id)).and_then(|p| p.title.as_deref());
        let steps = writer.journey(&entries);
        if !steps.is_empty() {
            journeys.insert(names.give(&page_name(title.unwrap_or_default()), "visit"), Value::Array(steps));
        }
    }
    journeys
}

/// A page's title; of one that is a URL its path, without what a query may tell.
fn page_name(title: &str) -> String {
    let Some(url) = address::Address::parse(title) else {
        return if secrets::is_secret(title) { String::new() } else { title.to_owned() };
    };
    let path = url.path.split(['?', ';']).next().unwrap_or_default();
    if secrets::is_secret(path) { String::new() } else { path.to_owned() }
}

#[cfg(test)]
mod tests;
