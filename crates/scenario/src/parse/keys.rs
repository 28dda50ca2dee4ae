//! What the free keys of a table may be.

use super::shape::LONGEST_WORD;

/// A rule for keys.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) accept: fn(&str) -> bool,
    /// The same as a regular expression.
    pub(super) pattern: &'static str,
    /// What to write instead of one that is refused.
    pub(super) remedy: &'static str,
}

/// Names that other parts of the file refer to.
pub(super) const WORDS: Keys = Keys {
    accept: is_word,
    pattern: "^[a-z0-9][a-z0-9_-]{0,63}$",
    remedy: "use lowercase letters, digits, dashes and underscores, at most 64, starting with a letter or digit",
};

/// Names of slots.
pub(super) const SLOTS: Keys = Keys {
    accept: crate::load_test::is_slot_name,
    pattern: "^[a-z][a-z0-9_]{0,63}$",
    remedy: "use lowercase letters, digits and underscores, at most 64, starting with a letter: it stands in `${...}`",
};

/// Names of headers, and keys of baggage: tokens (RFC 9110, 5.6.2).
pub(super) const TOKENS: Keys = Keys {
    accept: is_token,
    pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$",
    remedy: "use letters, digits and dashes, at most 64",
};

/// JSON pointers (RFC 6901), but not to the whole.
pub(super) const POINTERS: Keys = Keys { accept: is_pointer, pattern: "^/([^~]|~[01])*$", remedy: POINTER_REMEDY };

pub(super) const POINTER_REMEDY: &str =
    "write a JSON pointer such as `/items/0/id`; `~1` stands for a slash in a key, `~0` for a tilde";

pub(super) fn is_word(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    text.len() <= LONGEST_WORD
        && text.bytes().all(allowed)
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
}

fn is_token(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    (1..=LONGEST_WORD).contains(&text.len()) && text.bytes().all(allowed)
}

pub(super) fn is_pointer(text: &str) -> bool {
    text.starts_with('/') && text.split('~').skip(1).all(|after| after.starts_with(['0', '1']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_refuses_what_it_must() {
        let table: [(&Keys, &[&str], &[&str]); 4] = [
            (&WORDS, &["a", "0-a_b"], &["", "-a", "A", "é", "a b"]),
            (&SLOTS, &["a", "a_1"], &["", "1a", "_a", "a-b", "A"]),
            (&TOKENS, &["x-tenant", "X_1"], &["", "a b", "a:", "é", "a\n"]),
            (&POINTERS, &["/a", "/", "/a~0b/~1", "/ä b"], &["", "a", "/a~", "/~2"]),
        ];
        for (keys, right, wrong) in table {
            assert!(right.iter().all(|key| (keys.accept)(key)), "{keys:?}");
            assert!(wrong.iter().all(|key| !(keys.accept)(key)), "{keys:?}");
        }
    }
}
