//! Checking a fault's arguments: every mistake at once, each with its place and its remedy.

use std::ops::RangeInclusive;

use scenario::{ArgMistake, Curve};
use serde_json::{Map, Value};

/// PostgreSQL cuts longer names off silently.
const LONGEST_NAME: usize = 63;
/// Longest name of a service, a pool or a stream.
const LONGEST_WORD: usize = 64;
/// Longest prefix of a path; requests with longer ones exist, faults that need one do not.
const LONGEST_PATH: usize = 256;
/// Most sessions that a fault may hold: PostgreSQL's own `max_connections` is lower nearly everywhere.
const MOST_SESSIONS: u64 = 1000;
/// Parts of the experiment itself: without them nothing is measured.
const INSTRUMENTS: [&str; 2] = ["load-generator", "console"];

/// The arguments of one fault while they are being checked.
pub(crate) struct Arguments<'a> {
    object: Option<&'a Map<String, Value>>,
    known: Vec<&'static str>,
    mistakes: Vec<ArgMistake>,
}

impl<'a> Arguments<'a> {
    pub(crate) fn of(value: &'a Value) -> Self {
        let object = value.as_object();
        let mut arguments = Self { object, known: Vec::new(), mistakes: Vec::new() };
        if object.is_none() {
            arguments.mistake(
                Vec::new(),
                "the arguments are not a mapping".into(),
                "write `args: {name: value, ...}`".into(),
            );
        }
        arguments
    }

    /// A name of something in the database that must be there.
    pub(crate) fn name(&mut self, key: &'static str) {
        if let Some(value) = self.required(key) {
            self.check_name(vec![key.to_owned()], value);
        }
    }

    /// A name of something in the database that may be left out.
    pub(crate) fn optional_name(&mut self, key: &'static str) {
        if let Some(value) = self.optional(key) {
            self.check_name(vec![key.to_owned()], value);
        }
    }

    /// A list of at least one name, none twice.
    pub(crate) fn names(&mut self, key: &'static str) {
        let Some(value) = self.required(key) else {
            return;
        };
        let Some(list) = value.as_array().filter(|l| !l.is_empty()) else {
            return self.mistake(
                vec![key.to_owned()],
                format!("{key} is not a list of names"),
                format!("write `{key}: [name, ...]`"),
            );
        };
        for (position, value) in list.iter().enumerate() {
            let path = vec![key.to_owned(), position.to_string()];
            if list[..position].contains(value) {
                self.mistake(path, format!("{value} stands twice"), "remove one of them".into());
            } else {
                self.check_name(path, value);
            }
        }
    }

    /// The name of a pool, a queue or a stream.
    pub(crate) fn word(&mut self, key: &'static str) {
        if let Some(value) = self.required(key) {
            self.check_word(key, value);
        }
    }

    /// The name of a service that belongs to the subject, not to the experiment.
    pub(crate) fn service(&mut self, key: &'static str) {
        let Some(value) = self.required(key) else {
            return;
        };
        self.check_word(key, value);
        if INSTRUMENTS.iter().any(|instrument| value == instrument) {
            self.mistake(
                vec![key.to_owned()],
                format!("{value} is part of the experiment: without it nothing is measured"),
                "name a service of the shop".into(),
            );
        }
    }

    /// A whole number.
    pub(crate) fn whole(&mut self, key: &'static str, range: RangeInclusive<u64>) {
        if let Some(value) = self.required(key) {
            self.check_whole(key, value, &range);
        }
    }

    /// A whole number that may be left out.
    pub(crate) fn optional_whole(&mut self, key: &'static str, range: RangeInclusive<u64>) {
        if let Some(value) = self.optional(key) {
            self.check_whole(key, value, &range);
        }
    }

    /// `[least, most]`, both whole numbers.
    pub(crate) fn between(&mut self, key: &'static str, range: RangeInclusive<u64>) {
        if let Some(value) = self.required(key).filter(|value| !is_between(value, &range)) {
            let remedy = format!("write [least, most], whole numbers from {} to {}", range.start(), range.end());
            self.mistake(vec![key.to_owned()], format!("{key} can't be {value}"), remedy);
        }
    }

    /// A whole number, or `[least, most]`.
    pub(crate) fn whole_or_between(&mut self, key: &'static str, range: RangeInclusive<u64>) {
        let fits = |value: &Value| value.as_u64().is_some_and(|n| range.contains(&n)) || is_between(value, &range);
        if let Some(value) = self.required(key).filter(|value| !fits(value)) {
            let (from, to) = (range.start(), range.end());
            let remedy = format!("write a whole number from {from} to {to}, or two of them: [least, most]");
            self.mistake(vec![key.to_owned()], format!("{key} can't be {value}"), remedy);
        }
    }

    /// A share of requests, over 0 and at most 1.
    pub(crate) fn share(&mut self, key: &'static str) {
        if let Some(value) = self.required(key) {
            self.check_share(key, value);
        }
    }

    /// A share of requests that may be left out.
    pub(crate) fn optional_share(&mut self, key: &'static str) {
        if let Some(value) = self.optional(key) {
            self.check_share(key, value);
        }
    }

    /// A list of at least one of `words`, none twice, that may be left out.
    pub(crate) fn optional_words(&mut self, key: &'static str, words: &[&str]) {
        let Some(value) = self.optional(key) else {
            return;
        };
        let listed = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let is_known = |item: &Value| words.iter().any(|word| item == word);
        let is_twice = |(position, item): (usize, &Value)| listed[..position].contains(item);
        if listed.is_empty() || !listed.iter().all(is_known) || listed.iter().enumerate().any(is_twice) {
            let remedy = format!("write a list of {}, each at most once", words.join(", "));
            self.mistake(vec![key.to_owned()], format!("{key} can't be {value}"), remedy);
        }
    }

    /// The name of a stream, that may be left out.
    pub(crate) fn optional_word(&mut self, key: &'static str) {
        if let Some(value) = self.optional(key) {
            self.check_word(key, value);
        }
    }

    /// The beginning of a path, that may be left out.
    pub(crate) fn optional_path(&mut self, key: &'static str) {
        let is_path = |text: &str| {
            text.starts_with('/')
                && text.len() <= LONGEST_PATH
                && !text.contains(['?', '#'])
                && text.chars().all(|c| c.is_ascii_graphic())
        };
        if let Some(value) = self.optional(key).filter(|value| !value.as_str().is_some_and(is_path)) {
            let remedy = format!("write the beginning of a path, such as `/api`, of at most {LONGEST_PATH} characters");
            self.mistake(vec![key.to_owned()], format!("{value} is no path"), remedy);
        }
    }

    /// One of some words, that may be left out.
    pub(crate) fn optional_one_of(&mut self, key: &'static str, words: &[&str]) {
        if let Some(value) = self.optional(key).filter(|value| !words.iter().any(|word| value == word)) {
            let remedy = format!("write one of {}", words.join(", "));
            self.mistake(vec![key.to_owned()], format!("there is no {key} {value}"), remedy);
        }
    }

    /// A curve of values over 0: `[[minute, value], ...]`.
    pub(crate) fn curve(&mut self, key: &'static str) {
        let Some(value) = self.required(key) else {
            return;
        };
        let remedy = || format!("write `{key}: [[minute, value], ...]`, minutes not decreasing, values over 0");
        let points = serde_json::from_value::<Vec<(f64, f64)>>(value.clone());
        let message = match points.ok().map(|points| (points.iter().all(|p| p.1 > 0.0), Curve::new(points))) {
            Some((true, Some(_))) => return,
            Some((false, _)) => format!("{key} has a value that is not over 0"),
            _ => format!("{key} is not a list of points with minutes that do not decrease"),
        };
        self.mistake(vec![key.to_owned()], message, remedy());
    }

    /// Points of a number that only grows: `[[minute, n], ...]`.
    pub(crate) fn growing(&mut self, key: &'static str) {
        let Some(value) = self.required(key) else {
            return;
        };
        let points = serde_json::from_value::<Vec<(f64, u64)>>(value.clone()).unwrap_or_default();
        let curve = Curve::new(points.iter().map(|&(minute, _)| (minute, 0.0)).collect());
        let grows = points.windows(2).all(|pair| pair[0].1 <= pair[1].1);
        let bounded = points.iter().all(|&(_, n)| n <= MOST_SESSIONS);
        if curve.is_none() || !grows || !bounded {
            let remedy = format!(
                "write `{key}: [[minute, n], ...]` with whole n of 0 to {MOST_SESSIONS}; neither minutes nor n decrease"
            );
            self.mistake(vec![key.to_owned()], format!("{key} is not a list of points of a number that grows"), remedy);
        }
    }

    /// All mistakes, keys that nobody asked for included.
    pub(crate) fn finish(mut self) -> Vec<ArgMistake> {
        for key in self.object.into_iter().flat_map(Map::keys) {
            if !self.known.contains(&key.as_str()) {
                let remedy = match &self.known[..] {
                    [] => "remove it; the kind has no arguments".to_owned(),
                    known => format!("remove it; there are {}", known.join(", ")),
                };
                self.mistake(vec![key.clone()], format!("there is no argument {key:?}"), remedy);
            }
        }
        self.mistakes
    }

    fn optional(&mut self, key: &'static str) -> Option<&'a Value> {
        self.known.push(key);
        self.object?.get(key)
    }

    fn required(&mut self, key: &'static str) -> Option<&'a Value> {
        let value = self.optional(key);
        if value.is_none() && self.object.is_some() {
            self.mistake(Vec::new(), format!("the argument {key} is missing"), format!("add `{key}: ...`"));
        }
        value
    }

    fn check_name(&mut self, path: Vec<String>, value: &Value) {
        let fits = |name: &str| !name.is_empty() && name.len() <= LONGEST_NAME && !name.contains('\0');
        if !value.as_str().is_some_and(fits) {
            self.mistake(
                path,
                format!("{value} is not a name"),
                format!("write a name of 1 to {LONGEST_NAME} bytes, without a schema"),
            );
        }
    }

    fn check_word(&mut self, key: &'static str, value: &Value) {
        let fits = |word: &str| {
            (1..=LONGEST_WORD).contains(&word.len())
                && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
        };
        if !value.as_str().is_some_and(fits) {
            let remedy = format!("write 1 to {LONGEST_WORD} letters, digits, dashes and underscores");
            self.mistake(vec![key.to_owned()], format!("{value} is not the name of a {key}"), remedy);
        }
    }

    fn check_share(&mut self, key: &'static str, value: &Value) {
        if !value.as_f64().is_some_and(|share| share > 0.0 && share <= 1.0) {
            let message = format!("{key} is {value}, which is no share");
            self.mistake(vec![key.to_owned()], message, "write a number over 0 and at most 1".into());
        }
    }

    fn check_whole(&mut self, key: &'static str, value: &Value, range: &RangeInclusive<u64>) {
        if !value.as_u64().is_some_and(|number| range.contains(&number)) {
            let remedy = format!("write a whole number from {} to {}", range.start(), range.end());
            self.mistake(vec![key.to_owned()], format!("{key} can't be {value}"), remedy);
        }
    }

    fn mistake(&mut self, path: Vec<String>, message: String, remedy: String) {
        self.mistakes.push(ArgMistake { path, message, remedy });
    }
}

/// Whether it is `[least, most]` with both in `range`.
fn is_between(value: &Value, range: &RangeInclusive<u64>) -> bool {
    let pair = serde_json::from_value::<(u64, u64)>(value.clone());
    pair.is_ok_and(|(least, most)| least <= most && range.contains(&least) && range.contains(&most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_mistake_is_found_at_once_with_its_place() {
        let value = json!({"table": 3, "indexes": ["a", "", "a"], "curve": [[5, 1], [4, 1]], "more": 1});
        let mut arguments = Arguments::of(&value);
        arguments.name("table");
        arguments.names("indexes");
        arguments.curve("curve");
        arguments.name("absent");
        let found: Vec<String> = arguments.finish().into_iter().map(|m| m.path.join("/")).collect();
        assert_eq!(found, ["table", "indexes/1", "indexes/2", "curve", "", "more"]);
    }

    #[test]
    fn something_that_is_no_mapping_is_one_mistake() {
        let value = json!([1]);
        let mut arguments = Arguments::of(&value);
        arguments.name("table");
        assert_eq!(arguments.finish().len(), 1);
    }

    #[test]
    fn the_edges_of_every_range_are_where_the_documents_say() {
        type Check = fn(&mut Arguments<'_>);
        let table: [(Check, &[Value], &[Value]); 11] = [
            (
                |a| a.whole("x", 1..=60_000),
                &[json!(1), json!(60_000)],
                &[json!(0), json!(60_001), json!(1.5), json!("1")],
            ),
            (|a| a.optional_share("x"), &[json!(1), json!(0.001)], &[json!(0), json!(1.01), json!(-1), json!("all")]),
            (
                |a| a.optional_path("x"),
                &[json!("/"), json!("/api")],
                &[json!("api"), json!("/a b"), json!("/a?b=c"), json!(1)],
            ),
            (|a| a.optional_one_of("x", &["share"]), &[json!("share")], &[json!("SHARE"), json!(null)]),
            (
                |a| a.service("x"),
                &[json!("cart"), json!("payment-service")],
                &[json!("load-generator"), json!("console"), json!(""), json!("a b"), json!("../x")],
            ),
            (
                |a| a.growing("x"),
                &[json!([[0, 0]]), json!([[1, 0], [1, 5], [2.5, 19]])],
                &[
                    json!([]),
                    json!([[1, 2], [2, 1]]),
                    json!([[2, 1], [1, 2]]),
                    json!([[1, -1]]),
                    json!([[1, 1001]]),
                    json!(3),
                ],
            ),
            (
                |a| a.between("x", 1..=9),
                &[json!([1, 9]), json!([4, 4])],
                &[
                    json!([0, 9]),
                    json!([1, 10]),
                    json!([5, 4]),
                    json!([1]),
                    json!([1, 2, 3]),
                    json!([1.5, 2]),
                    json!(5),
                ],
            ),
            (
                |a| a.whole_or_between("x", 1..=9),
                &[json!(1), json!(9), json!([1, 9])],
                &[json!(0), json!(10), json!([9, 1]), json!("1"), json!([])],
            ),
            (|a| a.share("x"), &[json!(1), json!(0.001)], &[json!(0), json!(1.01), json!("all")]),
            (
                |a| a.optional_words("x", &["a", "b"]),
                &[json!(["a"]), json!(["b", "a"])],
                &[json!([]), json!("a"), json!(["c"]), json!(["a", "a"]), json!([1])],
            ),
            (|a| a.curve("x"), &[json!([[0, 1]])], &[json!([[0, 0]]), json!([])]),
        ];
        for (row, (check, right, wrong)) in table.iter().enumerate() {
            let mistakes = |value: &Value| {
                let object = json!({"x": value});
                let mut arguments = Arguments::of(&object);
                check(&mut arguments);
                arguments.finish().len()
            };
            for value in *right {
                assert_eq!(mistakes(value), 0, "row {row}: {value} is right");
            }
            for value in *wrong {
                assert_eq!(mistakes(value), 1, "row {row}: {value} is wrong");
            }
        }
    }
}
