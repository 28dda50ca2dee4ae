//! Addresses of the web.

use std::sync::LazyLock;

use regex::Regex;

use super::{MOST_ITEMS, compiled};

/// What browsers and mail programs still open.
const LONGEST_LINK_BYTES: usize = 2_000;

static LINK: LazyLock<Regex> = LazyLock::new(|| compiled(r#"(?i)\bhttps?://[^\s<>"'`\[\]{}|\\^\p{C}]+"#));

/// The links of `text`, each once, in its order.
pub(super) fn find(text: &str) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for found in LINK.find_iter(text) {
        let link = without_the_sentences_marks(found.as_str());
        let has_a_host = link.split_once("//").is_some_and(|(_, rest)| rest.starts_with(char::is_alphanumeric));
        if has_a_host && link.len() <= LONGEST_LINK_BYTES && !links.iter().any(|known| known == link) {
            links.push(link.to_owned());
        }
        if links.len() == MOST_ITEMS {
            break;
        }
    }
    links
}

/// A closing parenthesis belongs to the link only if the link opened it.
fn without_the_sentences_marks(mut link: &str) -> &str {
    loop {
        let shorter = link.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_', '…']);
        let count = |wanted| shorter.matches(wanted).count();
        let shorter = match shorter.strip_suffix(')') {
            Some(shorter) if count(')') > count('(') => shorter,
            _ => shorter,
        };
        if shorter.len() == link.len() {
            return link;
        }
        link = shorter;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_without_the_marks_of_the_sentence() {
        for (text, expected) in [
            ("Book here: https://a.example/book?x=1&y=2.", vec!["https://a.example/book?x=1&y=2"]),
            (
                "(see http://a.example/x_(y)), or https://b.example!",
                vec!["http://a.example/x_(y)", "https://b.example"],
            ),
            ("<https://a.example> and \"https://a.example\"", vec!["https://a.example"]),
            ("HTTPS://A.example/Ü", vec!["HTTPS://A.example/Ü"]),
            ("https:// a.example, ftp://a.example, mailto:x@a.example, https://...", vec![]),
            ("javascript:alert(1) data:text/html,x", vec![]),
        ] {
            assert_eq!(find(text), expected, "{text}");
        }
    }

    #[test]
    fn no_more_links_and_no_longer_ones_than_the_bounds() {
        let many: String = (0..50).map(|n| format!("https://a.example/{n} ")).collect();
        assert_eq!(find(&many).len(), MOST_ITEMS);
        assert_eq!(find(&format!("https://a.example/{}", "x".repeat(LONGEST_LINK_BYTES))), Vec::<String>::new());
    }
}
