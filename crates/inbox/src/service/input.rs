//! A mail as callers send it: `{subject, snippet, sender?}`.
//!
//! Further fields are let pass: clients of the service that this one stands in for send some. How long a text may be in tokens
//! is the prompt's rule; here are only bounds that no mail comes near.

use chassis::ApiError;
use chassis::input::{Field, Fields, Raw};

use crate::mail::Mail;

/// Longest subject, in characters: RFC 5322 allows a line 998, folded ones are put together.
const SUBJECT_LENGTH: usize = 2000;
/// Longest sender, in characters: an address has at most 254, a name goes before it.
const SENDER_LENGTH: usize = 512;

/// Reads a mail out of a body's fields.
pub(super) fn mail(mut fields: Fields) -> Result<Mail, ApiError> {
    let (subject, snippet) = (fields.required::<Subject>("subject"), fields.required::<Snippet>("snippet"));
    if let (Some(subject), Some(snippet)) = (&subject, &snippet)
        && subject.0.trim().is_empty()
        && snippet.0.trim().is_empty()
    {
        fields.note("snippet", "must have some text where the subject has none");
    }
    let sender = fields.optional::<Sender>("sender");
    let (subject, snippet, sender) = fields.finish((subject, snippet, sender))?;
    Ok(Mail { subject: subject.0, snippet: snippet.0, sender: sender.map(|sender| sender.0) })
}

struct Subject(String);
struct Snippet(String);
struct Sender(String);

fn text(raw: Raw<'_>, most: usize) -> Result<String, String> {
    let text = raw.text()?;
    let is_short = text.chars().nth(most).is_none();
    is_short.then(|| text.to_owned()).ok_or_else(|| format!("must have at most {most} characters"))
}

impl Field for Subject {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        text(raw, SUBJECT_LENGTH).map(Self)
    }
}

impl Field for Snippet {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        raw.text().map(|text| Self(text.to_owned()))
    }
}

impl Field for Sender {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        text(raw, SENDER_LENGTH).map(Self)
    }
}
