//! Tests of attributes as people write them into one field: `http.response.status_code>=500 db.index_used=NONE user.id~17`.
//!
//! Tests stand beside each other, and all of them must hold. A value with spaces or operators in it stands in quotes.

use store::{AttributeTest, Comparison};

/// The most tests of one search.
const MOST_TESTS: usize = 16;

/// What cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {position}, {problem}")]
pub(crate) struct BadTest {
    /// From 1, in characters.
    pub(crate) position: usize,
    problem: String,
}

/// Operators, the longer ones first.
const OPERATORS: [(&str, Comparison); 7] = [
    ("!=", Comparison::Differs),
    (">=", Comparison::AtLeast),
    ("<=", Comparison::AtMost),
    ("=", Comparison::Equals),
    (">", Comparison::Above),
    ("<", Comparison::Below),
    ("~", Comparison::Contains),
];

/// Reads the tests of a field; none if there is nothing in it.
///
/// # Errors
/// The first mistake, with its place and its remedy.
pub(crate) fn parse(text: &str) -> Result<Vec<AttributeTest>, BadTest> {
    let mut reader = Reader { text, at: 0 };
    let mut tests = Vec::new();
    loop {
        reader.spaces();
        if reader.rest().is_empty() {
            return Ok(tests);
        }
        if tests.len() == MOST_TESTS {
            return Err(reader.mistake(reader.at, format!("there are more than {MOST_TESTS} tests: leave some out")));
        }
        tests.push(reader.test()?);
    }
}

struct Reader<'a> {
    text: &'a str,
    /// In bytes.
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn mistake(&self, at: usize, problem: impl Into<String>) -> BadTest {
        BadTest { position: self.text[..at].chars().count() + 1, problem: problem.into() }
    }

    fn spaces(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|letter| !fits(letter)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    fn test(&mut self) -> Result<AttributeTest, BadTest> {
        let start = self.at;
        let key = self.take_while(|letter| !letter.is_whitespace() && !"=!<>~\"".contains(letter)).to_owned();
        if key.is_empty() {
            return Err(self.mistake(start, "a test begins with the key of an attribute, such as `user.id~17`"));
        }
        let key_end = self.at;
        self.spaces();
        let Some((operator, comparison)) = OPERATORS.iter().find(|(operator, _)| self.rest().starts_with(operator))
        else {
            if let Some(odd @ ('!' | '"')) = self.rest().chars().next() {
                let problem = format!("`{odd}` is no comparison: use one of = != > >= < <= ~");
                return Err(self.mistake(self.at, problem));
            }
            self.at = key_end;
            return Ok(AttributeTest { key, comparison: Comparison::Exists, value: String::new() });
        };
        self.at += operator.len();
        self.spaces();
        let value_start = self.at;
        let value = self.value(operator)?;
        let is_number =
            matches!(comparison, Comparison::Above | Comparison::AtLeast | Comparison::Below | Comparison::AtMost);
        if is_number && !value.parse::<f64>().is_ok_and(f64::is_finite) {
            let problem = format!("`{value}` is no number: `{operator}` compares numbers, `=` and `~` compare texts");
            return Err(self.mistake(value_start, problem));
        }
        Ok(AttributeTest { key, comparison: *comparison, value })
    }

    fn value(&mut self, operator: &str) -> Result<String, BadTest> {
        let start = self.at;
        if !self.rest().starts_with('"') {
            let value = self.take_while(|letter| !letter.is_whitespace());
            if value.is_empty() {
                let problem = format!(
                    "nothing stands after `{operator}`: write a value, `\"\"` for the empty one, or the key alone to ask \
                     whether it is there"
                );
                return Err(self.mistake(start, problem));
            }
            return Ok(value.to_owned());
        }
        let mut value = String::new();
        let mut letters = self.rest().char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.at = start + at + 1;
                    if self.rest().starts_with(|next: char| !next.is_whitespace()) {
                        return Err(self.mistake(self.at, "a space belongs between two tests"));
                    }
                    return Ok(value);
                }
                '\\' => value.extend(letters.next().map(|(_, escaped)| escaped)),
                other => value.push(other),
            }
        }
        Err(self.mistake(start, "this quote is not closed: put a `\"` at its end"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Comparison::{Above, AtLeast, AtMost, Below, Contains, Differs, Equals, Exists};

    #[test]
    fn each_comparison_is_read_with_or_without_spaces_and_quotes() {
        type Case = (&'static str, &'static [(&'static str, Comparison, &'static str)]);
        let table: [Case; 12] = [
            ("", &[]),
            ("   ", &[]),
            ("db.index_used", &[("db.index_used", Exists, "")]),
            ("db.index_used=NONE", &[("db.index_used", Equals, "NONE")]),
            ("a!=b c~d", &[("a", Differs, "b"), ("c", Contains, "d")]),
            (
                "n>1 n>=2 n<3.5 n<=-4e3",
                &[("n", Above, "1"), ("n", AtLeast, "2"), ("n", Below, "3.5"), ("n", AtMost, "-4e3")],
            ),
            ("a = b", &[("a", Equals, "b")]),
            ("a b=c d", &[("a", Exists, ""), ("b", Equals, "c"), ("d", Exists, "")]),
            (r#"a="two words" b"#, &[("a", Equals, "two words"), ("b", Exists, "")]),
            (r#"a="say \"so\"""#, &[("a", Equals, r#"say "so""#)]),
            (r#"a="""#, &[("a", Equals, "")]),
            ("url.full~/a?b=c", &[("url.full", Contains, "/a?b=c")]),
        ];
        for (text, expected) in table {
            let found = parse(text).unwrap_or_else(|bad| panic!("{text}: {bad}"));
            let found: Vec<_> =
                found.iter().map(|test| (test.key.as_str(), test.comparison, test.value.as_str())).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_mistake_names_its_place_and_its_remedy() {
        let table = [
            ("=5", 1, "begins with the key"),
            ("a=1 ~x", 5, "begins with the key"),
            ("a=", 3, "nothing stands after `=`"),
            ("ä>=", 4, "nothing stands after `>=`"),
            ("a>many", 3, "`many` is no number"),
            ("a<NaN", 3, "`NaN` is no number"),
            ("a ! b", 3, "`!` is no comparison"),
            (r#"a="never ends"#, 3, "not closed"),
            (r#"a="b"c"#, 6, "a space belongs"),
        ];
        for (text, position, words) in table {
            let bad = parse(text).expect_err(text);
            assert_eq!(bad.position, position, "{text}: {bad}");
            assert!(bad.to_string().contains(words), "{text}: {bad}");
        }
        assert!(parse(&"a ".repeat(17)).expect_err("too many").to_string().contains("more than 16"));
    }
}
