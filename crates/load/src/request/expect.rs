//! What a step wants of an answer: its rule of success, and what later steps need of it.

use std::borrow::Cow;

use memchr::memmem::Finder;
use sonic_rs::{JsonValueTrait, PointerNode};

use super::values::{Kind, Values};

/// Most bytes of a body that are looked at.
const MOST_READ: usize = 1024 * 1024;

/// `error.type` of an answer whose body is not as the step's rule wants it.
pub(crate) const UNEXPECTED_BODY: &str = "unexpected_body";
/// `error.type` of an answer that lacks what later steps need.
pub(crate) const EXTRACTION: &str = "extraction";

/// Greatest nesting of a body that is looked into: the parser descends by recursion.
const DEEPEST: usize = 256;

/// Whether a body nests deeper than [`DEEPEST`].
fn is_too_deep(body: &[u8]) -> bool {
    // Each level takes a byte to open.
    if body.len() <= DEEPEST {
        return false;
    }
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    for byte in body {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => depth += 1,
            b']' | b'}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

/// A step's rule and extractions, ready to be applied.
#[derive(Debug)]
pub(crate) struct Expectation {
    status: (u16, u16),
    json: Vec<(Pointer, serde_json::Value)>,
    contains: Option<Finder<'static>>,
    /// Where in the body, and the number of the value that it becomes.
    extract: Vec<(Pointer, usize)>,
}

impl Expectation {
    /// Of a step's rule; `extract` are its pointers with the numbers of the values that they become.
    pub(crate) fn new(success: &scenario::Success, extract: Vec<(String, usize)>) -> Self {
        Self {
            status: success.status,
            json: success.json.iter().map(|(pointer, value)| (Pointer::parse(pointer), value.clone())).collect(),
            contains: success.contains.as_ref().map(|text| Finder::new(text.as_bytes()).into_owned()),
            extract: extract.into_iter().map(|(pointer, number)| (Pointer::parse(&pointer), number)).collect(),
        }
    }

    /// How many bytes of the body it looks at: none where the status says it all.
    pub(crate) fn reads(&self) -> usize {
        let reads_body = !self.json.is_empty() || !self.extract.is_empty() || self.contains.is_some();
        if reads_body { MOST_READ } else { 0 }
    }

    /// Whether the status alone is one of success.
    pub(crate) fn allows(&self, status: u16) -> bool {
        (self.status.0..=self.status.1).contains(&status)
    }

    /// Looks at the body of an answer whose status is allowed, and takes out of it what later steps need.
    ///
    /// # Errors
    /// The kind of error where the body is not as it should be.
    pub(crate) fn read(&self, body: &[u8], values: &mut Values) -> Result<(), &'static str> {
        let is_expected = self.json.iter().all(|(pointer, expected)| pointer.holds(body, expected))
            && self.contains.as_ref().is_none_or(|finder| finder.find(body).is_some());
        if !is_expected {
            return Err(UNEXPECTED_BODY);
        }
        for (pointer, number) in &self.extract {
            let (text, kind) = pointer.scalar(body).ok_or(EXTRACTION)?;
            values.set(*number, kind, |values| values.push_str(&text));
        }
        Ok(())
    }
}

/// A JSON pointer (RFC 6901). It is followed through the text; nothing is built of what lies beside its way.
#[derive(Debug, Clone)]
struct Pointer {
    tokens: Vec<Token>,
}

/// One step of a pointer: what it means is up to the value that it is taken from.
#[derive(Debug, Clone)]
struct Token {
    key: PointerNode,
    /// As a position in a list, if it can be one.
    index: Option<PointerNode>,
}

impl Pointer {
    fn parse(pointer: &str) -> Self {
        let token = |text: &str| {
            let text = text.replace("~1", "/").replace("~0", "~");
            let position = text.parse::<usize>().ok().filter(|number| number.to_string() == text);
            Token { key: PointerNode::Key(text.into()), index: position.map(PointerNode::Index) }
        };
        Self { tokens: pointer.split('/').skip(1).map(token).collect() }
    }

    fn find<'b>(&self, body: &'b [u8]) -> Option<sonic_rs::LazyValue<'b>> {
        if is_too_deep(body) {
            return None;
        }
        if self.tokens.iter().all(|token| token.index.is_none()) {
            return sonic_rs::get_from_slice(body, self.tokens.iter().map(|token| &token.key)).ok();
        }
        // Token by token: what one with a number means is up to the value that it is taken from.
        let mut raw = body;
        for (position, token) in self.tokens.iter().enumerate() {
            let is_list = raw.trim_ascii_start().first() == Some(&b'[');
            let node = if is_list { token.index.as_ref()? } else { &token.key };
            let value = sonic_rs::get_from_slice(raw, [node]).ok()?;
            if position + 1 == self.tokens.len() {
                return Some(value);
            }
            let Cow::Borrowed(text) = value.as_raw_cow() else { return None };
            raw = text.as_bytes();
        }
        None
    }

    fn holds(&self, body: &[u8], expected: &serde_json::Value) -> bool {
        let found = self.find(body);
        let found = found.and_then(|value| serde_json::from_str::<serde_json::Value>(value.as_raw_str()).ok());
        match (&found, expected) {
            (Some(serde_json::Value::Number(found)), serde_json::Value::Number(expected)) => {
                found == expected || found.as_f64() == expected.as_f64()
            }
            (found, expected) => found.as_ref() == Some(expected),
        }
    }

    /// The string, number or boolean there.
    fn scalar<'b>(&self, body: &'b [u8]) -> Option<(Cow<'b, str>, Kind)> {
        let value = self.find(body)?;
        if value.is_number() || value.is_boolean() {
            return Some((value.as_raw_str().to_owned().into(), Kind::Bare));
        }
        let text = value.as_str()?;
        // A number in quotes is text.
        Some((text.to_owned().into(), Kind::of_text(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn extract(pointer: &str, body: &str) -> Result<(String, Kind), &'static str> {
        let expectation = Expectation::new(&scenario::Success::default(), vec![(pointer.to_owned(), 0)]);
        let mut values = Values::default();
        values.clear(1);
        expectation.read(body.as_bytes(), &mut values)?;
        let (text, kind) = values.get(0);
        Ok((text.to_owned(), kind))
    }

    #[test]
    fn a_pointer_leads_to_a_scalar_or_fails_its_step() {
        let body =
            r#"{"id":"prod-17","n":{"0":1.5e3,"a/b":true,"~":"x y\n"},"items":[{"id":7},{"id":"\u00e9"}],"no":null}"#;
        let table = [
            ("/id", Ok(("prod-17", Kind::Plain))),
            ("/n/0", Ok(("1.5e3", Kind::Bare))),
            ("/n/a~1b", Ok(("true", Kind::Bare))),
            ("/n/~0", Ok(("x y\n", Kind::Text))),
            ("/items/0/id", Ok(("7", Kind::Bare))),
            ("/items/1/id", Ok(("\u{e9}", Kind::Text))),
            ("/items/2/id", Err(EXTRACTION)),
            ("/items/01/id", Err(EXTRACTION)),
            ("/no", Err(EXTRACTION)),
            ("/n", Err(EXTRACTION)),
            ("/missing", Err(EXTRACTION)),
            ("/id/deeper", Err(EXTRACTION)),
        ];
        for (pointer, expected) in table {
            let expected = expected.map(|(text, kind): (&str, Kind)| (text.to_owned(), kind));
            assert_eq!(extract(pointer, body), expected, "{pointer}");
        }
        assert_eq!(extract("", "\"whole\""), Ok(("whole".to_owned(), Kind::Plain)));
        for body in ["", "{", "<html>", "{\"id\":", "\u{0}"] {
            assert_eq!(extract("/id", body), Err(EXTRACTION), "{body:?}");
        }
    }

    #[test]
    fn a_number_is_a_position_in_a_list_and_a_key_elsewhere() {
        let body = r#"{"orders":{"2024":[{"id":7}],"0":"x"}}"#;
        assert_eq!(extract("/orders/2024/0/id", body), Ok(("7".to_owned(), Kind::Bare)));
        assert_eq!(extract("/orders/0", body), Ok(("x".to_owned(), Kind::Plain)));
    }

    #[test]
    fn a_body_that_nests_without_end_is_not_looked_into() {
        let deep = "[".repeat(900_000);
        assert_eq!(extract("/0/0", &deep), Err(EXTRACTION));
        let text = format!(r#"{{"t":"{}","id":1}}"#, "[".repeat(5_000));
        assert_eq!(extract("/id", &text), Ok(("1".to_owned(), Kind::Bare)), "brackets in a text are no nesting");
    }

    #[test]
    fn all_of_a_rule_must_hold() {
        let rule = |json: serde_json::Value, contains: Option<&str>| scenario::Success {
            status: (200, 204),
            json: serde_json::from_value(json).unwrap(),
            contains: contains.map(str::to_owned),
        };
        let table = [
            (rule(json!({}), None), "anything", Ok(())),
            (rule(json!({"/ok": true, "/n": 2}), None), r#"{"ok":true,"n":2.0}"#, Ok(())),
            (rule(json!({"/ok": true, "/n": 2}), None), r#"{"ok":true,"n":3}"#, Err(UNEXPECTED_BODY)),
            (rule(json!({"/ok": null}), None), r#"{"ok":null}"#, Ok(())),
            (rule(json!({"/ok": null}), None), "{}", Err(UNEXPECTED_BODY)),
            (rule(json!({"/ok": "yes"}), Some("y\":1")), r#"{"ok":"yes","y":1}"#, Ok(())),
            (rule(json!({"/ok": "yes"}), Some("z")), r#"{"ok":"yes"}"#, Err(UNEXPECTED_BODY)),
        ];
        for (rule, body, expected) in table {
            let expectation = Expectation::new(&rule, Vec::new());
            assert_eq!(expectation.read(body.as_bytes(), &mut Values::default()), expected, "{rule:?} of {body}");
            assert!(expectation.allows(204) && !expectation.allows(205) && !expectation.allows(199));
        }
        assert_eq!(Expectation::new(&scenario::Success::default(), Vec::new()).reads(), 0);
    }
}
