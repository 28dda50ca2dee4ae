//! What to do about a mistake: SQLite says what is wrong, we add what was meant or what there is.

use rusqlite::Error;

use crate::sql::functions::allowed;
use crate::sql::snapshot::Snapshot;
use crate::sql::tables::{Logs, Metrics, Spans, Table};

/// How alike two names must be for one to be meant by the other.
const ALIKE: f64 = 0.8;

/// A mistake in words, with its remedy.
pub(super) fn explain(error: &Error, question: &str, snapshot: &Snapshot) -> String {
    let (message, offset) = match error {
        Error::SqlInputError { msg, offset, .. } => (msg.clone(), usize::try_from(*offset).ok()),
        Error::SqliteFailure(_, Some(message)) => (message.clone(), None),
        Error::MultipleStatement => ("one question at a time: there is more behind the `;`".to_owned(), None),
        Error::InvalidParameterCount(..) => ("there is no value for ?: write it into the question".to_owned(), None),
        Error::NulError(_) => ("the question has a NUL character in it".to_owned(), None),
        other => (other.to_string(), None),
    };
    if let Some(name) = message.strip_prefix("no such column: ") {
        let name = name.split(" - should this be").next().unwrap_or(name).trim_matches('"');
        return column(name, question, snapshot);
    }
    if let Some(name) = message.strip_prefix("no such table: ") {
        return table(name);
    }
    if let Some(name) = message.strip_prefix("no such function: ") {
        return function(name);
    }
    match offset.filter(|_| message.contains("syntax error")) {
        Some(offset) => {
            let before = question.get(..offset).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let place = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            format!("{message}, line {line}, character {place}")
        }
        None => message,
    }
}

/// A table that there is not.
pub(super) fn table(name: &str) -> String {
    let tables = [Spans::NAME, Logs::NAME, Metrics::NAME];
    match meant(name, tables) {
        Some(table) => format!("there is no table `{name}`; did you mean `{table}`?"),
        None => format!("there is no table `{name}`; there are spans, logs and metrics"),
    }
}

/// A function that there is not, or may not be used.
pub(super) fn function(name: &str) -> String {
    match meant(name, allowed()) {
        Some(known) => format!("there is no function `{name}`; did you mean `{known}`?"),
        None => format!("there is no function `{name}` here"),
    }
}

fn column(name: &str, question: &str, snapshot: &Snapshot) -> String {
    let message = format!("no such column: {name}");
    let bare = name.rsplit_once('.').map_or(name, |(table, bare)| if is_table(table) { bare } else { name });
    let mut names: Vec<(&str, Vec<&str>)> =
        vec![(Spans::NAME, all::<Spans>()), (Logs::NAME, all::<Logs>()), (Metrics::NAME, all::<Metrics>())];
    let words: Vec<String> =
        question.split(|letter: char| !letter.is_alphanumeric()).map(str::to_ascii_lowercase).collect();
    if names.iter().any(|(table, _)| words.iter().any(|word| word == table)) {
        names.retain(|(table, _)| words.iter().any(|word| word == table));
    }
    // `db.system` without quotes is column `system` of a table `db`, to SQLite.
    if let Some((key, _)) = snapshot.keys.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)) {
        return format!("{message}; an attribute stands in double quotes: \"{key}\"");
    }
    let known = names.iter().flat_map(|(_, columns)| columns.iter().copied());
    if let Some(column) = meant(bare, known) {
        return format!("{message}; did you mean `{column}`?");
    }
    if let Some(key) = meant(name, snapshot.keys.iter().map(|(key, _)| key.as_str())) {
        return format!("{message}; did you mean \"{key}\"?");
    }
    let lists: Vec<String> =
        names.iter().map(|(table, columns)| format!("{table} has {}", columns.join(", "))).collect();
    format!("{message}; texts stand in single quotes. {}", lists.join("; "))
}

fn is_table(name: &str) -> bool {
    // Short names of tables in a question look like this too.
    name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

fn all<T: Table>() -> Vec<&'static str> {
    T::COLUMNS.iter().map(|column| column.name).collect()
}

/// The name that was meant, if one is alike.
fn meant<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_ascii_lowercase();
    known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&name, &known.to_ascii_lowercase()), known))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}
