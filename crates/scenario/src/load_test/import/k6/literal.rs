//! Finds the options of a script: the object literal behind `options =`, read as JSON5.

use serde_json::Value;

use crate::Mistake;
use crate::load_test::import::mistake;

/// Deeper than any options are; the reader of JSON5 recurses.
const GREATEST_DEPTH: usize = 32;

/// What to do about options that are computed.
const COMPUTED: &str =
    "where options are computed, let k6 do it: `k6 inspect script.js > options.json`, and import that";

/// Options, and the byte at which they begin.
#[derive(Debug)]
pub(super) struct Options {
    pub(super) value: Value,
    pub(super) at: usize,
}

/// The options in `text`: all of it where it begins with a brace, else the literal that `options` is made of.
pub(super) fn options(text: &str) -> Result<Options, Mistake> {
    let start = text.len() - text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).len();
    let at = if text[start..].starts_with('{') { start } else { declared(text)? };
    let end = closing(text, at)?;
    let literal = &text[at..end];
    let value = json5::from_str(literal).map_err(|error| {
        let inside = error.position().map_or(0, |p| byte_of(literal, p.line, p.column));
        let said = error.code().map_or_else(|| error.to_string(), |code| code.to_string());
        mistake(text, at + inside, format!("the options are no literal here: {said}"), COMPUTED)
    })?;
    Ok(Options { value, at })
}

/// The byte of a line and column, both from 0.
fn byte_of(text: &str, line: usize, column: usize) -> usize {
    let start = text.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
    let inside = text[start..].chars().take(column).map(char::len_utf8).sum::<usize>();
    start + inside
}

/// Where the literal behind `const options =` begins: the one that k6 sees, not that of a function.
fn declared(text: &str) -> Result<usize, Mistake> {
    let missing = || {
        let remedy = "give a script with `export const options = {...}`, or the options as JSON";
        mistake(text, 0, "there are no options in it", remedy)
    };
    let at = declaration(text).ok_or_else(missing)?;
    let mut tokens = Tokens { text, at };
    // A type may stand between name and value.
    let equals = tokens.by_ref().find(|(token, _)| matches!(*token, "=" | ";"));
    match (equals, tokens.next()) {
        (Some(("=", _)), Some(("{", at))) => Ok(at),
        (Some(("=", _)), Some((_, at))) => Err(mistake(text, at, "the options are no literal", COMPUTED)),
        _ => Err(mistake(text, at, "the options have no value", COMPUTED)),
    }
}

/// The byte of `options` in its declaration: an exported one outside all braces, else any there, else any exported one,
/// for a brace in a regular expression looks like an open one.
fn declaration(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let (mut plain, mut inside) = (None, None);
    let (mut first, mut second) = ("", "");
    for (token, at) in (Tokens { text, at: 0 }) {
        match token {
            "{" | "[" | "(" => depth += 1,
            "}" | "]" | ")" => depth = depth.saturating_sub(1),
            "options" if matches!(second, "const" | "let" | "var") => match (first == "export", depth) {
                (true, 0) => return Some(at),
                (true, _) => inside = inside.or(Some(at)),
                (false, 0) => plain = plain.or(Some(at)),
                (false, _) => {}
            },
            _ => {}
        }
        (first, second) = (second, token);
    }
    plain.or(inside)
}

/// The byte behind the brace that closes the one at `at`.
fn closing(text: &str, at: usize) -> Result<usize, Mistake> {
    let mut depth = 0_usize;
    for (token, at) in (Tokens { text, at }) {
        match token {
            "{" | "[" | "(" => depth += 1,
            "}" | "]" | ")" => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return Ok(at + 1);
        }
        if depth > GREATEST_DEPTH {
            return Err(mistake(text, at, format!("nested deeper than {GREATEST_DEPTH} levels"), COMPUTED));
        }
    }
    Err(mistake(text, at, "the options do not end", "close their brace"))
}

/// Words, texts and signs of JavaScript with the byte at which they begin; comments and spaces are passed over.
struct Tokens<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Iterator for Tokens<'t> {
    type Item = (&'t str, usize);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = &self.text[self.at..];
            let first = rest.chars().next()?;
            let length = if first.is_whitespace() || first == '\u{feff}' {
                first.len_utf8()
            } else if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else {
                let length = match first {
                    '"' | '\'' | '`' => quoted(rest, first),
                    c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
                    c => c.len_utf8(),
                };
                let token = (&rest[..length], self.at);
                self.at += length;
                return Some(token);
            };
            self.at += length;
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Length of the text that `rest` begins with. One in plain quotes ends with its line at the latest, so that a quote in a
/// regular expression does not swallow the script.
fn quoted(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '\n' if quote != '`' => return at,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}
