//! "Did you mean".

use std::fmt::Write;

/// The remedy for `wrong` where one of `known` belongs: the nearest of them if it is near, and all of them.
pub(super) fn one_of<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>, what: &str) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    if known.is_empty() {
        return format!("there is no {what} to choose from");
    }
    let mut remedy = String::new();
    if let Some(near) = nearest(wrong, &known) {
        let _ = write!(remedy, "did you mean `{near}`? ");
    }
    let _ = write!(remedy, "{what}: {}", known.join(", "));
    remedy
}

/// The word of `known` that `wrong` was probably meant to be.
fn nearest<'a>(wrong: &str, known: &[&'a str]) -> Option<&'a str> {
    let canonical = |word: &str| word.to_lowercase().replace(['-', ' '], "_");
    let wrong = canonical(wrong);
    // A third of the letters wrong, at least one: more and the suggestion is noise.
    let allowed = (wrong.chars().count() / 3).max(1);
    let distance = |word: &&str| strsim::osa_distance(&wrong, &canonical(word));
    known.iter().copied().min_by_key(distance).filter(|word| distance(word) <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_near_word_is_suggested() {
        let known = ["arrivals_per_minute", "journeys", "spacing"];
        let table =
            [("arivals_per_minute", Some("arrivals_per_minute")), ("Journey", Some("journeys")), ("colour", None)];
        for (wrong, expected) in table {
            assert_eq!(nearest(wrong, &known), expected);
        }
    }
}
