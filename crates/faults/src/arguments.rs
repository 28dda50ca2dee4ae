//! Checking a fault's arguments: every mistake at once, each with its place and its remedy.

use scenario::{ArgMistake, Curve};
use serde_json::{Map, Value};

/// PostgreSQL cuts longer names off silently.
const LONGEST_NAME: usize = 63;

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
        self.known.push(key);
        if let Some(value) = self.object.and_then(|o| o.get(key)) {
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

    /// All mistakes, keys that nobody asked for included.
    pub(crate) fn finish(mut self) -> Vec<ArgMistake> {
        for key in self.object.into_iter().flat_map(Map::keys) {
            if !self.known.contains(&key.as_str()) {
                let remedy = format!("remove it; there are {}", self.known.join(", "));
                self.mistake(vec![key.clone()], format!("there is no argument {key:?}"), remedy);
            }
        }
        self.mistakes
    }

    fn required(&mut self, key: &'static str) -> Option<&'a Value> {
        self.known.push(key);
        let value = self.object?.get(key);
        if value.is_none() {
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

    fn mistake(&mut self, path: Vec<String>, message: String, remedy: String) {
        self.mistakes.push(ArgMistake { path, message, remedy });
    }
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
        assert_eq!(Arguments::of(&value).finish().len(), 1);
    }
}
