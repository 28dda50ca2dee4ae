//! Names as a load test file takes them: lowercase words of letters, digits and dashes, each once.

/// Greatest length of a word in a file.
const LONGEST: usize = 64;

/// `text` as a word; `otherwise` where nothing of it is left.
pub(super) fn word(text: &str, otherwise: &str) -> String {
    let mut word = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        } else if !word.is_empty() && !word.ends_with('-') {
            word.push('-');
        }
    }
    word.truncate(LONGEST);
    let word = word.trim_end_matches('-');
    if word.is_empty() { otherwise.to_owned() } else { word.to_owned() }
}

/// Gives every name once: a number is put behind those that were given before.
#[derive(Debug, Default)]
pub(super) struct Names(Vec<String>);

impl Names {
    /// `text` as a word that was not given before.
    pub(super) fn give(&mut self, text: &str, otherwise: &str) -> String {
        let wanted = word(text, otherwise);
        let numbered = |number: usize| {
            let end = format!("-{number}");
            let kept = wanted.len().min(LONGEST - end.len());
            format!("{}{end}", &wanted[..kept])
        };
        let free = std::iter::once(wanted.clone()).chain((2..).map(numbered)).find(|name| !self.0.contains(name));
        let name = free.unwrap_or(wanted);
        self.0.push(name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_becomes_a_word() {
        let long = "x".repeat(200);
        let table = [
            ("Checkout flow", "checkout-flow"),
            ("api.shop.test:8443", "api-shop-test-8443"),
            ("  ", "other"),
            ("__ünïcode__", "n-code"),
            ("a_b", "a-b"),
            (long.as_str(), &long[..64]),
        ];
        for (text, expected) in table {
            assert_eq!(word(text, "other"), expected, "{text}");
        }
    }

    #[test]
    fn the_same_name_is_given_once() {
        let mut names = Names::default();
        assert_eq!(
            [names.give("Page 1", "p"), names.give("page-1", "p"), names.give("page 1", "p")],
            ["page-1", "page-1-2", "page-1-3"]
        );
        let long = "y".repeat(80);
        assert_ne!(names.give(&long, "p"), names.give(&long, "p"));
    }
}
