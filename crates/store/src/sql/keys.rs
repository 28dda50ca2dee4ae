//! Attributes that are columns: every key that came, and those that a question asks for though none came yet.

use std::collections::HashSet;

use crate::symbols::{Symbol, Texts};
use crate::tables::Tables;

/// Keys that are columns; SQLite takes 2,000 columns at most.
const MOST_KEYS: usize = 1500;
/// Names in double quotes that are looked at.
const MOST_ASKED: usize = 100;
/// So many letters may differ for one name to be another, misspelt.
const MISSPELT: usize = 2;

/// What is known of keys while the store is locked, which is not for long.
pub(super) struct Known {
    /// The keys that came, the first of them.
    came: Vec<Symbol>,
    /// What the question asks for, each with its symbol if it has one.
    asked: Vec<(String, Option<Symbol>)>,
}

impl Known {
    pub(super) fn new(tables: &Tables, asked: Vec<String>) -> Self {
        let found = |name: String| {
            let symbol = tables.symbols.find(&name);
            (name, symbol)
        };
        Self {
            came: tables.keys().iter().copied().take(MOST_KEYS).collect(),
            asked: asked.into_iter().map(found).collect(),
        }
    }
}

/// Keys that SQLite can take as names of columns, each once: it does not tell upper case from lower. A key has no symbol
/// if only files may have it.
///
/// A name in double quotes that looks like a key, with a dot in it, is one even if none came: questions can be kept, and
/// asked in calm weather too. A misspelt one is not. `has_unknown` if files may have keys that nobody here has seen: then
/// every name in double quotes may be one.
pub(super) fn keys(known: Known, texts: &Texts, has_unknown: bool) -> Vec<(String, Option<Symbol>)> {
    let came: Vec<(&str, Symbol)> = known.came.iter().map(|key| (texts.text(*key), *key)).collect();
    let is_misspelt = |name: &str| came.iter().any(|(known, _)| strsim::levenshtein(known, name) <= MISSPELT);
    let asked = known.asked.into_iter().filter(|(name, _)| has_unknown || (name.contains('.') && !is_misspelt(name)));
    let came = came.iter().map(|(key, symbol)| ((*key).to_owned(), Some(*symbol)));
    let mut seen = HashSet::new();
    let mut keys: Vec<(String, Option<Symbol>)> = came
        .chain(asked)
        .filter(|(key, _)| !key.is_empty() && !key.chars().any(char::is_control))
        .filter(|(key, _)| seen.insert(key.to_ascii_lowercase()))
        .collect();
    keys.sort();
    keys
}

/// The names that stand in double quotes, each once, but for those that the question itself gives with `AS`.
pub(super) fn in_double_quotes(question: &str) -> Vec<String> {
    let (mut names, mut given) = (Vec::new(), HashSet::new());
    let mut rest = question;
    while let Some(at) = rest.find(['"', '\'']) {
        let (before, from) = rest.split_at(at);
        let quote = if from.starts_with('"') { '"' } else { '\'' };
        let is_given = before.split_ascii_whitespace().next_back().is_some_and(|word| word.eq_ignore_ascii_case("as"));
        rest = &from[1..];
        let mut name = String::new();
        loop {
            // What does not end is not SQL.
            let Some(end) = rest.find(quote) else { return Vec::new() };
            name.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            // Twice means once.
            let Some(after) = rest.strip_prefix(quote) else { break };
            name.push(quote);
            rest = after;
        }
        if quote == '"' && is_given {
            given.insert(name);
        } else if quote == '"' {
            names.push(name);
        }
    }
    names.retain(|name| given.insert(name.clone()));
    names.truncate(MOST_ASKED);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_double_quotes_are_found_and_texts_are_passed_over() {
        let table: [(&str, &[&str]); 7] = [
            (r#"SELECT "db.system" FROM spans"#, &["db.system"]),
            (r#"SELECT "a""b", 'it''s "not" one', "c""#, &["a\"b", "c"]),
            (r#"SELECT "a.b" AS "p95.ms" FROM spans ORDER BY "p95.ms""#, &["a.b"]),
            (r#"SELECT 'no "end"#, &[]),
            (r#"SELECT "no end"#, &[]),
            ("SELECT ''", &[]),
            ("", &[]),
        ];
        for (question, expected) in table {
            assert_eq!(in_double_quotes(question), expected, "{question}");
        }
    }
}
