//! Files that a user gives: read with a bound, and every mistake in them said at once.

use std::path::Path;

use scenario::Mistake;

use crate::exit::UsageError;

/// The text of the file at `path`, if it has at most `greatest` bytes; `what` it should be is for the message.
pub(crate) fn read(path: &Path, greatest: u64, what: &str) -> Result<String, String> {
    let length = std::fs::metadata(path).map_err(|e| e.to_string())?.len();
    if length > greatest {
        return Err(format!("{length} bytes are no {what}, {greatest} are the most"));
    }
    std::fs::read_to_string(path).map_err(|e| e.to_string())
}

/// All of `mistakes` in the file `name`, each with its place and remedy, as one error.
pub(crate) fn wrong(name: &str, mistakes: &[Mistake]) -> UsageError {
    let mut text = format!("{name} has {} mistake{}", mistakes.len(), if mistakes.len() == 1 { "" } else { "s" });
    for mistake in mistakes {
        text.push_str(&format!(
            "\n  {name}:{}:{}: {}\n      {}",
            mistake.line, mistake.column, mistake.message, mistake.remedy
        ));
    }
    UsageError(text)
}
