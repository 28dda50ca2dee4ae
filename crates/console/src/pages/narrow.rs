//! What narrows a page with one click: the kind of traffic, and the stretch of time.

use maud::Markup;

use crate::pages::layout::segments;
use crate::web::{Fields, Window};

/// Kinds of traffic that are offered; more would be a wall of buttons.
const MOST_KINDS: usize = 8;

/// All kinds of traffic that came, and what was asked for even if it did not.
pub(crate) fn traffic_types(path: &str, asked: &Fields, came: &[String]) -> Markup {
    let mut kinds: Vec<&str> = came.iter().map(String::as_str).take(MOST_KINDS).collect();
    if !asked.traffic_type.is_empty() && !kinds.contains(&asked.traffic_type.as_str()) {
        kinds.push(&asked.traffic_type);
    }
    let choice = |kind: &str| {
        let name = if kind.is_empty() { "all traffic" } else { kind };
        (name.to_owned(), asked.address(path, &[("traffic_type", kind)]), kind == asked.traffic_type)
    };
    let choices: Vec<_> = [""].into_iter().chain(kinds).map(choice).collect();
    segments("traffic.type", &choices)
}

/// The stretches of time; `usual` is the one that holds if none is asked for.
pub(crate) fn windows(path: &str, asked: &Fields, usual: &str) -> Markup {
    let chosen = if asked.window.is_empty() { usual } else { &asked.window };
    let choices: Vec<_> = Window::ALL
        .iter()
        .map(|(value, word, _)| ((*word).to_owned(), asked.address(path, &[("window", value)]), *value == chosen))
        .collect();
    segments("Stretch of time", &choices)
}
