//! How a JSON body is changed. Everything here leaves the request right HTTP; only what it says is wrong, or long.

use serde_json::Value;

use super::Malformation;

/// Characters of a body that is too large: above the 64 KiB that services take, and below what any client would refuse to send.
const OVERSIZED_CHARACTERS: usize = 80 * 1024;

/// `body` made wrong in this way; `None` where it can't be, such as one without a text that could be a number.
pub(crate) fn malform(body: &[u8], how: Malformation) -> Option<Vec<u8>> {
    let mut json: Value = serde_json::from_slice(body).ok()?;
    match how {
        Malformation::MissingField => {
            let object = first(&mut json, &|json| json.as_object().is_some_and(|object| !object.is_empty()))?;
            let object = object.as_object_mut()?;
            let field = object.keys().next()?.clone();
            object.shift_remove(&field)?;
        }
        Malformation::WrongType => *first(&mut json, &Value::is_string)? = Value::from(0),
        Malformation::BrokenJson => return broken(body),
        Malformation::Empty => return Some(Vec::new()),
        Malformation::Oversized => lengthen(&mut json, OVERSIZED_CHARACTERS)?,
    }
    serde_json::to_vec(&json).ok()
}

/// `body` with its longest text lengthened to so many characters; `None` without a text that says anything, or where it is
/// that long already.
pub(crate) fn bloat(body: &[u8], characters: usize) -> Option<Vec<u8>> {
    let mut json: Value = serde_json::from_slice(body).ok()?;
    lengthen(&mut json, characters)?;
    serde_json::to_vec(&json).ok()
}

/// The first half of `body`. A number or a word may be whole after half of it, so those are left alone.
fn broken(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body.trim_ascii()).ok()?;
    if !text.starts_with(['{', '[', '"']) {
        return None;
    }
    // Not in the middle of a character: that would be another mistake.
    let middle = (1..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at))?;
    Some(text.as_bytes()[..middle].to_vec())
}

/// The first value, from the outside in and from the front to the back, for which `is_it` holds.
fn first<'j>(json: &'j mut Value, is_it: &dyn Fn(&Value) -> bool) -> Option<&'j mut Value> {
    if is_it(json) {
        return Some(json);
    }
    match json {
        Value::Array(items) => items.iter_mut().find_map(|item| first(item, is_it)),
        Value::Object(fields) => fields.values_mut().find_map(|field| first(field, is_it)),
        _ => None,
    }
}

/// Makes the longest text of `json` so many characters long.
fn lengthen(json: &mut Value, characters: usize) -> Option<()> {
    let longest = longest(json)?;
    let is_it = |json: &Value| json.as_str().is_some_and(|text| text.chars().count() == longest);
    let text = first(json, &is_it)?;
    *text = Value::from(quoted(text.as_str()?, characters)?);
    Some(())
}

/// Characters of the longest text.
fn longest(json: &Value) -> Option<usize> {
    match json {
        Value::String(text) => Some(text.chars().count()),
        Value::Array(items) => items.iter().filter_map(longest).max(),
        Value::Object(fields) => fields.values().filter_map(longest).max(),
        _ => None,
    }
}

/// `text`, quoted below itself as a chain of replies does, up to so many characters: words that a tokenizer knows, not
/// padding that it would shrink to nothing.
fn quoted(text: &str, characters: usize) -> Option<String> {
    let room = characters.checked_sub(text.chars().count()).filter(|room| *room > 0)?;
    if text.trim().is_empty() {
        return None;
    }
    let quote = format!("\n> {}", text.replace('\n', "\n> "));
    let mut chain = text.to_owned();
    chain.extend(quote.chars().cycle().take(room));
    Some(chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str =
        r#"{"subject":"Interview on Tuesday","snippet":"We would like to\nmeet you – at ten.","n":{"deep":"x"}}"#;

    fn malformed(body: &str, how: Malformation) -> Option<String> {
        malform(body.as_bytes(), how).map(|body| String::from_utf8(body).expect("UTF-8"))
    }

    #[test]
    fn each_way_makes_a_body_wrong_in_its_own_way() {
        use Malformation::{BrokenJson, Empty, MissingField, WrongType};
        let table = [
            (MAIL, MissingField, Some(r#"{"snippet":"We would like to\nmeet you – at ten.","n":{"deep":"x"}}"#)),
            (
                MAIL,
                WrongType,
                Some(r#"{"subject":0,"snippet":"We would like to\nmeet you – at ten.","n":{"deep":"x"}}"#),
            ),
            (MAIL, BrokenJson, Some(r#"{"subject":"Interview on Tuesday","snippet":"We wou"#)),
            (MAIL, Empty, Some("")),
            (r#"[1,{"a":2,"b":"c"}]"#, MissingField, Some(r#"[1,{"b":"c"}]"#)),
            (r#"[1,{"a":2,"b":"c"}]"#, WrongType, Some(r#"[1,{"a":2,"b":0}]"#)),
            ("{}   ", BrokenJson, Some("{")),
            ("{}", MissingField, None),
            ("{}", WrongType, None),
            ("12345", BrokenJson, None),
            ("not JSON", Empty, None),
            ("", Empty, None),
        ];
        for (body, how, expected) in table {
            assert_eq!(malformed(body, how).as_deref(), expected, "{how:?} of {body}");
        }
    }

    #[test]
    fn what_is_broken_is_no_json_wherever_it_is_cut() {
        for body in [MAIL, "{}", "[]", "\"\"", "[1,2,3]", "\"ä\"", r#"{"ä":"öü"}"#] {
            let broken = malform(body.as_bytes(), Malformation::BrokenJson).expect(body);
            assert!(serde_json::from_slice::<Value>(&broken).is_err(), "{body}");
        }
    }

    #[test]
    fn an_oversized_body_is_right_json_of_more_than_64_kib() {
        let body = malform(MAIL.as_bytes(), Malformation::Oversized).expect("it has a text");
        assert!((65_537..=90 * 1024).contains(&body.len()), "{}", body.len());
        let json: Value = serde_json::from_slice(&body).expect("right");
        assert_eq!(json["subject"], "Interview on Tuesday");
    }

    #[test]
    fn a_bloated_body_quotes_its_longest_text_until_it_has_as_many_characters() {
        let body = bloat(MAIL.as_bytes(), 20_000).expect("it has a text");
        let json: Value = serde_json::from_slice(&body).expect("right");
        let text = json["snippet"].as_str().expect("a text");
        assert_eq!(text.chars().count(), 20_000);
        let chain = "We would like to\nmeet you – at ten.\n> We would like to\n> meet you – at ten.\n> We would";
        assert!(text.starts_with(chain), "{}", &text[..120]);
        assert_eq!((json["subject"].as_str(), json["n"]["deep"].as_str()), (Some("Interview on Tuesday"), Some("x")));
        let words: std::collections::BTreeSet<&str> = text.split_whitespace().collect();
        assert!(words.len() >= 10, "words, not padding: {words:?}");
    }

    #[test]
    fn what_has_nothing_to_quote_or_is_long_enough_stays_as_it_is() {
        for (body, characters) in [(r#"{"n":1}"#, 100), (r#"{"a":"  "}"#, 100), (r#"{"a":"abc"}"#, 3), ("no JSON", 9)] {
            assert_eq!(bloat(body.as_bytes(), characters), None, "{body}");
        }
    }
}
