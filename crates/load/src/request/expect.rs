//! What a step wants of an answer: its rule of success, and what later steps need of it.

use memchr::memmem::Finder;
use sonic_rs::{JsonValueTrait, PointerNode};

use super::values::{Kind, Values};

/// Most bytes of a body that are looked at.
const MOST_READ: usize = 1024 * 1024;

/// `error.type` of an answer whose body is not as the step's rule wants it.
pub(crate) const UNEXPECTED_BODY: &str = "unexpected_body";
/// `error.type` of an answer that lacks what later steps need.
pub(crate) const EXTRACTION: &str = "extraction";

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
    /// Numbers are positions where they can be.
    nodes: Vec<PointerNode>,
    /// All as keys; `None` where there is no number.
    keys: Option<Vec<PointerNode>>,
}

impl Pointer {
    fn parse(pointer: &str) -> Self {
        let tokens: Vec<String> =
            pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect();
        let position = |token: &String| token.parse::<usize>().ok().filter(|number| number.to_string() == *token);
        let key = |token: &String| PointerNode::Key(token.clone().into());
        let nodes = tokens.iter().map(|token| position(token).map_or_else(|| key(token), PointerNode::Index));
        let has_number = tokens.iter().any(|token| position(token).is_some());
        Self { nodes: nodes.collect(), keys: has_number.then(|| tokens.iter().map(key).collect()) }
    }

    fn find<'b>(&self, body: &'b [u8]) -> Option<sonic_rs::LazyValue<'b>> {
        let found = sonic_rs::get_from_slice(body, &self.nodes).ok();
        found.or_else(|| sonic_rs::get_from_slice(body, self.keys.as_ref()?).ok())
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
    fn scalar<'b>(&self, body: &'b [u8]) -> Option<(std::borrow::Cow<'b, str>, Kind)> {
        let value = self.find(body)?;
        if value.is_number() || value.is_boolean() {
            return Some((value.as_raw_str().to_owned().into(), Kind::Bare));
        }
        let text = value.as_str()?;
        // A number in quotes is text.
        let kind = if Kind::of(text) == Kind::Text { Kind::Text } else { Kind::Plain };
        Some((text.to_owned().into(), kind))
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
