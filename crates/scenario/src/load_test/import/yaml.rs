//! YAML as a person would write it: what fits on a line stands on one, the rest is indented.
//!
//! Only for what importers build: maps with text keys of at most 1000 characters, lists, texts, finite numbers, booleans.

use serde_json::{Map, Value};

/// Longest line that is tried for.
const WIDTH: usize = 110;

/// A whole file.
pub(super) fn document(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) => block_map(&mut out, map, 0, true),
        other => out.push_str(&flow(other)),
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// A sentence as lines of comment.
pub(super) fn comment(sentence: &str) -> String {
    let mut out = String::new();
    let mut line = "#  -".to_owned();
    // Whatever ends a line in YAML must not end the comment.
    for word in sentence.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()) {
        if line.chars().count() + word.chars().count() >= WIDTH {
            out.push_str(&line);
            out.push('\n');
            "#   ".clone_into(&mut line);
        }
        line.push(' ');
        line.push_str(word);
    }
    out.push_str(&line);
    out.push('\n');
    out
}

/// Lists of maps, and the maps of the outermost one, are never put on a line: a file keeps its shape when it grows.
fn block_map(out: &mut String, map: &Map<String, Value>, indent: usize, is_outer: bool) {
    for (position, (key, value)) in map.iter().enumerate() {
        if position > 0 || is_outer {
            pad(out, indent);
        }
        let key = text(key, Place::Flow);
        out.push_str(&key);
        out.push(':');
        let keeps_shape = match value {
            Value::Array(items) => items.iter().all(Value::is_object),
            _ => is_outer,
        };
        let line = flow(value);
        let room = WIDTH.saturating_sub(indent + key.len() + 2);
        match value {
            Value::Object(inner) if !inner.is_empty() && (keeps_shape || line.chars().count() > room) => {
                out.push('\n');
                pad(out, indent + 2);
                block_map(out, inner, indent + 2, false);
            }
            Value::Array(items) if !items.is_empty() && (keeps_shape || line.chars().count() > room) => {
                out.push('\n');
                block_list(out, items, indent + 2);
            }
            Value::String(plain) => {
                out.push(' ');
                out.push_str(&text(plain, Place::Block));
                out.push('\n');
            }
            _ => {
                out.push(' ');
                out.push_str(&line);
                out.push('\n');
            }
        }
    }
}

fn block_list(out: &mut String, items: &[Value], indent: usize) {
    for item in items {
        pad(out, indent);
        out.push_str("- ");
        let line = flow(item);
        let fits = line.chars().count() + indent + 2 <= WIDTH;
        match item {
            Value::Object(map) if !map.is_empty() && !fits => block_map(out, map, indent + 2, false),
            Value::Array(inner) if !inner.is_empty() && !fits => {
                // Lists of lists stand on lines of their own.
                out.pop();
                out.push('\n');
                block_list(out, inner, indent + 2);
            }
            Value::String(plain) => {
                out.push_str(&text(plain, Place::Block));
                out.push('\n');
            }
            _ => {
                out.push_str(&line);
                out.push('\n');
            }
        }
    }
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// On one line.
fn flow(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(plain) => text(plain, Place::Flow),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entry = |(key, value): (&String, &Value)| format!("{}: {}", text(key, Place::Flow), flow(value));
            format!("{{{}}}", map.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

/// Where a text stands: inside brackets, commas and colons mean more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Block,
    Flow,
}

/// A text without quotes where nobody could take it for something else.
fn text(plain: &str, place: Place) -> String {
    let first = plain.chars().next();
    let begins_well = first.is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || c == '/');
    let is_simple = plain.chars().all(|c| c.is_ascii_alphanumeric() || "_/.-".contains(c));
    let is_url = place == Place::Block
        && plain.starts_with("http")
        && !plain.ends_with(':')
        && plain.chars().all(|c| c.is_ascii_alphanumeric() || "_/.-:".contains(c));
    // Spaces are for titles.
    let is_title = place == Place::Block
        && !plain.ends_with(' ')
        && plain.chars().all(|c| c.is_ascii_alphanumeric() || "_/.- ".contains(c));
    if begins_well && (is_simple || is_url || is_title) && !is_reserved(plain) {
        return plain.to_owned();
    }
    let mut out = String::from("\"");
    for c in plain.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Neither printable in YAML nor harmless in a terminal.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') => {
                out.push_str(&format!("\\u{:04X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Words that some reader of YAML takes for no text.
fn is_reserved(plain: &str) -> bool {
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    WORDS.contains(&plain.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::parse::read_yaml;

    fn read(yaml: &str) -> Value {
        read_yaml(yaml).unwrap_or_else(|mistakes| panic!("{mistakes:?} in\n{yaml}"))
    }

    #[test]
    fn whatever_is_written_is_read_again() {
        let mut odd = String::new();
        for c in (0..0x300).chain([0x2028, 0x2029, 0xfeff, 0xfffd, 0x1f600]).filter_map(char::from_u32) {
            odd.push(c);
        }
        let texts = [
            "",
            " ",
            "true",
            "No",
            "~",
            "1",
            "1e3",
            "0x10",
            "-",
            "- a",
            "a: b",
            "a #b",
            "#",
            "&a",
            "*a",
            "!t",
            "|",
            ">",
            "%",
            "@",
            "`",
            "[",
            "{a}",
            "'",
            "\"",
            "\\",
            "a\nb",
            "a ",
            "http://x.test:80/a?b=c#d",
            "http:",
            "${slot}",
            ".inf",
            "=",
            "<<",
            "null",
            "2026-01-01",
            &odd,
        ];
        for text in texts {
            // A key ends within 1024 characters.
            let key: String = text.chars().filter(|c| c.is_ascii()).collect();
            let value =
                json!({"outer": {"key": text, key: {"list": [text, [text], {"k": text}]}}, "l": [text], "t": text});
            assert_eq!(read(&document(&value)), value, "{text:?}");
        }
    }

    #[test]
    fn long_things_are_indented_and_short_ones_are_not() {
        let step = json!({"method": "POST", "path": "/a".repeat(60), "json": {"a": [1, 2.5, null, true, {"b": "c".repeat(120)}]}});
        let value = json!({"name": "x", "title": "A title of words", "targets": {"main": "http://127.0.0.1:8080"}, "journeys": {"a": [{"path": "/"}, step]}, "empty": {}, "none": []});
        let yaml = document(&value);
        assert_eq!(read(&yaml), value, "{yaml}");
        for part in [
            "title: A title of words\n",
            "targets:\n  main: http://127.0.0.1:8080\n",
            "    - {path: /}\n",
            "    - method: POST\n",
        ] {
            assert!(yaml.contains(part), "{part:?} is missing in\n{yaml}");
        }
    }

    #[test]
    fn a_comment_stays_a_comment() {
        let text = comment("one\ntwo\u{2028}three\r# four: five");
        assert!(text.lines().all(|line| line.starts_with('#')), "{text}");
        assert!(comment(&"word ".repeat(60)).lines().all(|line| line.starts_with('#') && line.len() <= WIDTH));
    }
}
