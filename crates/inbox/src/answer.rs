//! From a model's text to what was asked for.
//!
//! Models wrap JSON in fences and blanks, leave fields out and add some; that is put up with. Anything else is a bad answer:
//! guessing at what a model meant would be this program's opinion, not the model's. Messages name what is wrong and never
//! quote the text, which may repeat the mail.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::intent::Intent;
use crate::model::{ModelError, Task};

/// Longest reasoning that is passed on, characters; a sentence was asked for. The rest is left out.
const MAX_REASONING: usize = 500;
/// Longest text of an extraction, characters: names of companies and roles are far shorter.
const MAX_TEXT: usize = 300;
/// Longest link, characters; what browsers and mail programs agree on.
const MAX_LINK: usize = 2000;
/// Most dates or links of a mail.
const MAX_ITEMS: usize = 20;

/// What a model made of a mail.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    Classification(Classification),
    Extraction(Extraction),
}

/// What a mail wants.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Classification {
    pub(crate) intent: Intent,
    /// From 0 to 1, by the model's own estimate.
    pub(crate) confidence: f64,
    pub(crate) reasoning: String,
}

/// What a mail says; absent where it does not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Extraction {
    pub(crate) company: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) salary: Option<String>,
    pub(crate) contact: Option<String>,
    pub(crate) dates: Vec<String>,
    pub(crate) links: Vec<String>,
}

impl Answer {
    /// Reads `text` as the answer to `task`.
    ///
    /// # Errors
    /// [`ModelError::BadAnswer`], if it is not the JSON that was asked for.
    pub(crate) fn read(task: Task, text: &str) -> Result<Self, ModelError> {
        let object = object(text)?;
        match task {
            Task::Classify => classification(&object).map(Self::Classification),
            Task::Extract => extraction(&object).map(Self::Extraction),
        }
    }
}

fn bad(what: impl std::fmt::Display) -> ModelError {
    ModelError::BadAnswer(format!("the model's answer can't be used: {what}"))
}

fn object(text: &str) -> Result<Map<String, Value>, ModelError> {
    let text = without_fence(text.trim())?;
    if text.is_empty() {
        return Err(bad("it is empty"));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => Err(bad(format_args!("it is {} instead of a JSON object", kind(&other)))),
        Err(error) if error.is_eof() => Err(bad("its JSON is cut off")),
        Err(error) => Err(bad(format_args!("it is not JSON (line {}, column {})", error.line(), error.column()))),
    }
}

/// The text between the fences of Markdown, or all of it where there are none.
fn without_fence(text: &str) -> Result<&str, ModelError> {
    const FENCE: &str = "```";
    let Some(opened) = text.strip_prefix(FENCE) else {
        return Ok(text);
    };
    let inner = opened.strip_suffix(FENCE).ok_or_else(|| bad("its JSON is cut off"))?;
    Ok(inner.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).trim())
}

fn classification(object: &Map<String, Value>) -> Result<Classification, ModelError> {
    let intent = match object.get("intent") {
        Some(Value::String(word)) => {
            word.trim().parse().map_err(|_| bad("\"intent\" is none of those that were asked for"))?
        }
        other => return Err(wrong("intent", other, "a text")),
    };
    let confidence = match object.get("confidence") {
        Some(Value::Number(number)) => number.as_f64().filter(|value| (0.0..=1.0).contains(value)),
        other => return Err(wrong("confidence", other, "a number")),
    };
    let confidence = confidence.ok_or_else(|| bad("\"confidence\" is not between 0 and 1"))?;
    let reasoning = match object.get("reasoning") {
        Some(Value::String(text)) => shortened(text.trim()),
        None | Some(Value::Null) => String::new(),
        other => return Err(wrong("reasoning", other, "a text")),
    };
    Ok(Classification { intent, confidence, reasoning })
}

fn extraction(object: &Map<String, Value>) -> Result<Extraction, ModelError> {
    const FIELDS: [&str; 7] = ["company", "role", "location", "salary", "contact", "dates", "links"];
    if !FIELDS.iter().any(|field| object.contains_key(*field)) {
        return Err(bad(format_args!("it has none of the fields {}", FIELDS.join(", "))));
    }
    Ok(Extraction {
        company: text(object, "company")?,
        role: text(object, "role")?,
        location: text(object, "location")?,
        salary: text(object, "salary")?,
        contact: text(object, "contact")?,
        dates: texts(object, "dates", MAX_TEXT)?,
        links: texts(object, "links", MAX_LINK)?,
    })
}

fn text(object: &Map<String, Value>, field: &str) -> Result<Option<String>, ModelError> {
    match object.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => bounded(field, text, MAX_TEXT),
        other => Err(wrong(field, other, "a text or null")),
    }
}

fn texts(object: &Map<String, Value>, field: &str, most: usize) -> Result<Vec<String>, ModelError> {
    let items = match object.get(field) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        other => return Err(wrong(field, other, "a list of texts")),
    };
    if items.len() > MAX_ITEMS {
        return Err(bad(format_args!("\"{field}\" has more than {MAX_ITEMS} entries")));
    }
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Value::String(text) => texts.extend(bounded(field, text, most)?),
            other => return Err(wrong(field, Some(other), "a list of texts")),
        }
    }
    Ok(texts)
}

fn bounded(field: &str, text: &str, most: usize) -> Result<Option<String>, ModelError> {
    let text = text.trim();
    if text.chars().nth(most).is_some() {
        return Err(bad(format_args!("\"{field}\" is longer than {most} characters")));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_REASONING) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn wrong(field: &str, found: Option<&Value>, wanted: &str) -> ModelError {
    match found {
        None => bad(format_args!("\"{field}\" is missing")),
        Some(value) => bad(format_args!("\"{field}\" is {} instead of {wanted}", kind(value))),
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_models_wrap_around_their_json_is_put_up_with() {
        let json = r#"{"intent": "offer", "confidence": 0.93, "reasoning": "It names a salary.", "extra": [1]}"#;
        let expected = Answer::Classification(Classification {
            intent: Intent::Offer,
            confidence: 0.93,
            reasoning: "It names a salary.".to_owned(),
        });
        for text in [
            json.to_owned(),
            format!("\n  {json}\n\n"),
            format!("```json\n{json}\n```"),
            format!("```\n{json}\n```\n"),
            format!("``` json {json} ```").replace("``` json", "```json"),
            format!(" ```JSON\r\n{json}\r\n``` "),
        ] {
            assert_eq!(Answer::read(Task::Classify, &text).as_ref(), Ok(&expected), "{text:?}");
        }
    }

    #[test]
    fn a_classification_is_read_or_the_field_that_is_wrong_is_named() {
        for (text, wrong) in [
            ("", "it is empty"),
            ("``````", "it is empty"),
            ("It is an offer.", "it is not JSON (line 1, column 1)"),
            ("Sure! {\"intent\":\"offer\"}", "it is not JSON (line 1, column 1)"),
            (r#"{"intent":"offer","confidence":0.9} I hope this helps"#, "it is not JSON (line 1, column 37)"),
            (r#"{"intent":"offer","conf"#, "its JSON is cut off"),
            ("```json\n{\"intent\":\"offer\",", "its JSON is cut off"),
            ("[]", "it is a list instead of a JSON object"),
            ("\"offer\"", "it is a text instead of a JSON object"),
            ("{}", "\"intent\" is missing"),
            (r#"{"intent":7,"confidence":0.9}"#, "\"intent\" is a number instead of a text"),
            (r#"{"intent":"Offer","confidence":0.9}"#, "\"intent\" is none of those that were asked for"),
            (r#"{"intent":"secret word","confidence":0.9}"#, "\"intent\" is none of those that were asked for"),
            (r#"{"intent":"offer"}"#, "\"confidence\" is missing"),
            (r#"{"intent":"offer","confidence":"high"}"#, "\"confidence\" is a text instead of a number"),
            (r#"{"intent":"offer","confidence":93}"#, "\"confidence\" is not between 0 and 1"),
            (r#"{"intent":"offer","confidence":-0.1}"#, "\"confidence\" is not between 0 and 1"),
            (r#"{"intent":"offer","confidence":1e999}"#, "it is not JSON (line 1, column 36)"),
            (r#"{"intent":"offer","confidence":1,"reasoning":["a"]}"#, "\"reasoning\" is a list instead of a text"),
        ] {
            let error = Answer::read(Task::Classify, text).unwrap_err();
            assert_eq!(error.to_string(), format!("the model's answer can't be used: {wrong}"), "{text}");
            assert_eq!(error.code(), "llm_bad_answer");
        }
    }

    #[test]
    fn long_reasoning_is_shortened_and_none_is_fine() {
        let read = |reasoning: &str| match Answer::read(
            Task::Classify,
            &serde_json::json!({"intent": "other", "confidence": 1, "reasoning": reasoning}).to_string(),
        ) {
            Ok(Answer::Classification(read)) => read.reasoning,
            other => panic!("{other:?}"),
        };
        assert_eq!(read(&"é".repeat(500)).chars().count(), 500);
        assert_eq!(read(&"é".repeat(501)), format!("{}…", "é".repeat(500)));
        let without = Answer::read(Task::Classify, r#"{"intent":"other","confidence":0}"#);
        assert!(matches!(without, Ok(Answer::Classification(read)) if read.reasoning.is_empty()));
    }

    #[test]
    fn an_extraction_has_what_the_mail_says_and_nothing_else() {
        let text = r#"{"company":" Hooli ","role":"Data Engineer","location":null,"salary":"",
                       "dates":["2026-12-01 10:00"," "],"links":["https://hooli.example/apply"]}"#;
        let expected = Extraction {
            company: Some("Hooli".to_owned()),
            role: Some("Data Engineer".to_owned()),
            dates: vec!["2026-12-01 10:00".to_owned()],
            links: vec!["https://hooli.example/apply".to_owned()],
            ..Extraction::default()
        };
        assert_eq!(Answer::read(Task::Extract, text), Ok(Answer::Extraction(expected)));
    }

    #[test]
    fn an_extraction_of_another_shape_or_size_is_a_bad_answer() {
        let long = "x".repeat(301);
        let many: Vec<String> = (0..21).map(|n| format!("2026-12-{n}")).collect();
        for (value, wrong) in [
            (serde_json::json!({"intent": "offer"}), "it has none of the fields company, role,"),
            (serde_json::json!({"company": {"name": "Hooli"}}), "\"company\" is an object instead of a text or null"),
            (serde_json::json!({"dates": "tomorrow"}), "\"dates\" is a text instead of a list of texts"),
            (serde_json::json!({"links": ["a", 7]}), "\"links\" is a number instead of a list of texts"),
            (serde_json::json!({"role": long}), "\"role\" is longer than 300 characters"),
            (serde_json::json!({"dates": many}), "\"dates\" has more than 20 entries"),
        ] {
            let error = Answer::read(Task::Extract, &value.to_string()).unwrap_err().to_string();
            assert!(error.starts_with(&format!("the model's answer can't be used: {wrong}")), "{error}");
        }
    }
}
