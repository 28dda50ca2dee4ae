//! Keys and tokens: never written anywhere but into the header that they are for.

use std::fmt;

use http::HeaderValue;

/// A key or token.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

/// The text can't stand in a header, so it is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it has characters that no key has, such as a line end")]
pub(crate) struct NotASecret;

impl Secret {
    /// # Errors
    /// [`NotASecret`], if it can't be sent in a header.
    pub(crate) fn parse(text: &str) -> Result<Self, NotASecret> {
        match HeaderValue::from_str(text) {
            Ok(_) if !text.is_empty() => Ok(Self(text.to_owned())),
            _ => Err(NotASecret),
        }
    }

    /// The header's value: `before` and the secret. Marked as sensitive, so that HTTP libraries don't print it either.
    pub(crate) fn header(&self, before: &str) -> HeaderValue {
        let value = HeaderValue::from_str(&format!("{before}{}", self.0));
        let mut value = value.expect("it was looked at when it was read");
        value.set_sensitive(true);
        value
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_it_nor_its_header_says_what_it_is_when_printed() {
        let secret = Secret::parse("sk-abcdef").unwrap();
        let header = secret.header("Bearer ");
        assert_eq!(header, "Bearer sk-abcdef");
        for printed in [format!("{secret:?}"), format!("{header:?}"), format!("{:?}", Some(&secret))] {
            assert!(!printed.contains("abcdef"), "{printed}");
        }
    }

    #[test]
    fn a_text_that_no_header_can_hold_is_no_secret() {
        for text in ["", "a\nb", "a\u{0}", "a\r\nX-Other: 1"] {
            assert_eq!(Secret::parse(text), Err(NotASecret), "{text:?}");
        }
    }
}
