//! The mails that are sent: the built-in ones, or a file's.

use std::path::Path;

use serde_json::{Map, Value};

use crate::commands::files;
use crate::exit::UsageError;

/// Largest file that is read, in bytes.
const LARGEST_FILE: u64 = 16 * 1024 * 1024;
/// Most mistakes that are told; a file that is no list of mails has one for each line.
const MOST_MISTAKES: usize = 10;
/// A mail's fields: all of its texts, and what it must have.
const FIELDS: [(&str, bool); 3] = [("subject", true), ("snippet", true), ("sender", false)];

/// Mails as bodies of requests, at least one.
pub(super) fn mails(file: Option<&Path>) -> Result<Vec<String>, UsageError> {
    let Some(path) = file else {
        return parse(scenario::INBOX_MAILS).map_err(UsageError);
    };
    let name = path.display();
    let text = files::read(path, LARGEST_FILE, "samples")
        .map_err(|problem| UsageError(format!("{name}: {problem}; give a JSON array or JSON lines of mails")))?;
    parse(&text).map_err(|mistakes| UsageError(format!("{name}: {mistakes}")))
}

/// A JSON array, or a mail a line.
fn parse(text: &str) -> Result<Vec<String>, String> {
    let mut mistakes = Vec::new();
    let mut mails = Vec::new();
    if text.trim_start().starts_with('[') {
        let entries: Vec<Value> =
            serde_json::from_str(text).map_err(|error| format!("it is no JSON array: {error}"))?;
        for (position, entry) in entries.iter().enumerate() {
            take(entry, &format!("entry {}", position + 1), &mut mails, &mut mistakes);
        }
    } else {
        for (position, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let place = format!("line {}", position + 1);
            match serde_json::from_str(line) {
                Ok(entry) => take(&entry, &place, &mut mails, &mut mistakes),
                Err(error) => {
                    mistakes.push(format!("{place} is no JSON ({error}): write one mail a line, or a JSON array"))
                }
            }
        }
    }
    if mistakes.len() > MOST_MISTAKES {
        let more = mistakes.len() - MOST_MISTAKES;
        mistakes.truncate(MOST_MISTAKES);
        mistakes.push(format!("and {more} more"));
    }
    match (mistakes.is_empty(), mails.is_empty()) {
        (false, _) => Err(mistakes.join("; ")),
        (true, true) => Err("it has no mails: give at least one {\"subject\": ..., \"snippet\": ...}".to_owned()),
        (true, false) => Ok(mails),
    }
}

/// Adds the mail in `entry`, in the order of [`FIELDS`], or what is wrong with it.
fn take(entry: &Value, place: &str, mails: &mut Vec<String>, mistakes: &mut Vec<String>) {
    let Some(fields) = entry.as_object() else {
        return mistakes.push(format!("{place} is no mail: write an object with subject and snippet"));
    };
    let before = mistakes.len();
    let mut mail = Map::new();
    for (field, is_required) in FIELDS {
        match fields.get(field) {
            Some(Value::String(text)) if is_required && text.trim().is_empty() => {
                mistakes.push(format!("{place}: {field} is empty: give it a text"));
            }
            Some(Value::String(text)) => {
                mail.insert(field.to_owned(), text.as_str().into());
            }
            Some(Value::Null) | None if !is_required => {}
            Some(_) => mistakes.push(format!("{place}: {field} is no text: write it in quotes")),
            None => mistakes.push(format!("{place}: {field} is missing: add it")),
        }
    }
    for unknown in fields.keys().filter(|key| FIELDS.iter().all(|(field, _)| field != key)) {
        mistakes.push(format!("{place}: there is no field {unknown:?}: a mail has subject, snippet and sender"));
    }
    if mistakes.len() == before {
        mails.push(Value::Object(mail).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_a_mail_stays_whole() {
        let array = r#"[{"snippet": "b \"q\"", "subject": "a"}, {"subject": "c", "snippet": "d", "sender": "e@f"}]"#;
        let lines = "{\"snippet\": \"b \\\"q\\\"\", \"subject\": \"a\", \"sender\": null}\n\n{\"subject\": \"c\", \"snippet\": \"d\", \"sender\": \"e@f\"}\n";
        let expected = [r#"{"subject":"a","snippet":"b \"q\""}"#, r#"{"subject":"c","snippet":"d","sender":"e@f"}"#];
        assert_eq!(parse(array).expect("right"), expected);
        assert_eq!(parse(lines).expect("right"), expected);
        assert!(mails(None).expect("the built-in ones").len() >= 8);
    }

    #[test]
    fn every_mistake_names_its_place() {
        let table = [
            ("", "it has no mails"),
            ("[]", "it has no mails"),
            ("[{", "it is no JSON array: EOF"),
            ("[1]", "entry 1 is no mail"),
            (
                r#"[{"subject": "a", "snippet": "b"}, {"subject": 1}]"#,
                "entry 2: subject is no text: write it in quotes; entry 2: snippet is missing: add it",
            ),
            (r#"[{"subject": "", "snippet": "b", "sender": 3, "to": "x"}]"#, "entry 1: subject is empty"),
            (r#"[{"subject": "s", "snippet": "b", "to": "x"}]"#, "entry 1: there is no field \"to\""),
            ("{\"subject\": \"a\", \"snippet\": \"b\"}\nnot json\n", "line 2 is no JSON"),
            ("subject,snippet\na,b\n", "line 1 is no JSON"),
        ];
        for (text, said) in table {
            let mistakes = parse(text).expect_err(text);
            assert!(mistakes.contains(said), "{text}: {mistakes}");
        }
        let many = parse(&"x\n".repeat(50)).expect_err("no mails");
        assert!(many.ends_with("and 40 more"), "{many}");
    }
}
