//! What callers of the world `inbox` do, and the mails that they send.

use std::sync::LazyLock;

use indexmap::IndexMap;

use super::{DataSource, Journey};
use crate::parse::parse_journeys;

/// The mails that come with Doorbuster: a JSON array of `{subject, snippet, sender}`.
pub const INBOX_MAILS: &str = include_str!("../../journeys/inbox_mails.json");

/// The slot that a mail fills: a whole JSON document, so that subject and text stay together.
pub const MAIL_SLOT: &str = "mail";

/// The journeys of the world `inbox` by name, as in `journeys/inbox.yaml`. Each step names its target, `inbox`.
pub fn inbox_journeys() -> &'static IndexMap<String, Journey> {
    static JOURNEYS: LazyLock<IndexMap<String, Journey>> = LazyLock::new(|| {
        parse_journeys(include_str!("../../journeys/inbox.yaml"), &[MAIL_SLOT])
            .expect("a test reads the file that is compiled in")
    });
    &JOURNEYS
}

/// [`INBOX_MAILS`], each a JSON document.
pub fn inbox_mails() -> &'static [String] {
    static MAILS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let mails: Vec<serde_json::Value> =
            serde_json::from_str(INBOX_MAILS).expect("a test reads the file that is compiled in");
        mails.iter().map(serde_json::Value::to_string).collect()
    });
    &MAILS
}

/// What fills the slots of [`inbox_journeys`].
pub(crate) fn inbox_data() -> &'static IndexMap<String, DataSource> {
    static DATA: LazyLock<IndexMap<String, DataSource>> = LazyLock::new(|| {
        [(MAIL_SLOT.to_owned(), DataSource::OneOf { one_of: inbox_mails().to_vec() })].into_iter().collect()
    });
    &DATA
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::World;

    #[test]
    fn the_journeys_are_right_and_every_mail_has_what_the_service_asks_for() {
        for (name, steps) in inbox_journeys() {
            assert_eq!(steps[0].target.as_deref(), Some(World::Inbox.entrance(name)), "{name}");
            let body = steps[0].body_template().expect("right").expect("a body");
            assert_eq!(body.to_string(), "${mail}");
        }
        let names: Vec<&str> = inbox_journeys().keys().map(String::as_str).collect();
        assert_eq!(names, World::Inbox.journeys());
        assert!(inbox_mails().len() >= 8);
        let texts: BTreeSet<&String> = inbox_mails().iter().collect();
        assert_eq!(texts.len(), inbox_mails().len());
        for mail in inbox_mails() {
            let mail: serde_json::Value = serde_json::from_str(mail).expect("JSON");
            for field in ["subject", "snippet", "sender"] {
                assert!(mail[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {mail}");
            }
        }
    }
}
