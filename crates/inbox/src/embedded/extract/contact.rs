//! Whom to turn to: an address or a telephone number that the mail names, else the sender, unless nobody reads what is
//! sent there.

use std::sync::LazyLock;

use regex::Regex;

use super::{compiled, tidy};

static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?i)\b[a-z0-9][a-z0-9._%+-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}\b"));

/// After a word that says it is one: other numbers of that length abound.
static TELEPHONE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"(?i)\b(?:call|phone|tel|telephone|mobile|ring|whatsapp)\b[^\d+\n.]{0,30}(\+?\(?\d[\d ()/-]{5,18}\d)\b")
});

static UNREAD: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?i)^(?:(?:[a-z]+[._-])*(?:no|do[._-]?not|dont)[._-]?reply|notifications?|mailer|mailer-daemon|bounces?|alerts?|digest|newsletter|updates?)(?:[._+-].*)?$|[._-]no[._-]?reply$",
    )
});

/// Whom `snippet`, or its `sender`, names.
pub(super) fn find(snippet: &str, sender: Option<&str>) -> Option<String> {
    let written = ADDRESS.find_iter(snippet).map(|found| found.as_str()).find(|address| is_read(address));
    let dialled = || TELEPHONE.captures(snippet).map(|found| found.get(1).map_or("", |number| number.as_str()));
    let sending = || sender.filter(|sender| ADDRESS.find(sender).is_some_and(|address| is_read(address.as_str())));
    written.or_else(dialled).or_else(sending).and_then(tidy)
}

/// Whether somebody reads what is sent to `address`.
fn is_read(address: &str) -> bool {
    address.split('@').next().is_some_and(|name| !UNREAD.is_match(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_mail_names_comes_before_its_sender() {
        for (snippet, sender, expected) in [
            ("Write to pia@hooli.example.", Some("HR <hr@hooli.example>"), Some("pia@hooli.example")),
            ("Call me on +44 20 7946 0018 any time", Some("hr@hooli.example"), Some("+44 20 7946 0018")),
            ("We will be in touch.", Some("Pia Roth <pia@hooli.example>"), Some("Pia Roth <pia@hooli.example>")),
            ("Thanks!", Some("no-reply@hooli.example"), None),
            ("Thanks!", Some("Hooli <jobs-noreply@hooli.example>"), None),
            ("Thanks!", Some("donotreply@hooli.example"), None),
            ("Thanks!", Some("notifications@hooli.example"), None),
            ("Do not answer noreply@hooli.example", None, None),
            ("Parcel 4410 8872 arrives, code 480 213", None, None),
            ("Thanks!", Some("Hooli"), None),
            ("@@@ a@b @hooli.example", None, None),
        ] {
            assert_eq!(find(snippet, sender).as_deref(), expected, "{snippet} {sender:?}");
        }
    }
}
