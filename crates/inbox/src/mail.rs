//! An e-mail as callers send it.

/// Subject, beginning of the text, and who wrote it. Lengths are checked where it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mail {
    pub(crate) subject: String,
    /// The text, or the beginning of it.
    pub(crate) snippet: String,
    pub(crate) sender: Option<String>,
}
