//! States: a shape, a colour and a word, never colour alone.

use maud::{Markup, html};

/// What can be said of anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A blue circle.
    Ok,
    /// An orange triangle.
    Warn,
    /// A vermillion square.
    Critical,
    /// A hollow grey circle.
    NoData,
}

impl Shape {
    /// The class that colours it.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Critical => "critical",
            Self::NoData => "no-data",
        }
    }
}

/// The bare shape, in the colour of the text around it.
pub(crate) fn symbol(shape: Shape) -> Markup {
    html! {
        svg viewBox="0 0 20 20" aria-hidden="true" {
            @match shape {
                Shape::Ok => { circle cx="10" cy="10" r="9" fill="currentColor" {} }
                Shape::Warn => { path d="M10 1 L19.5 18.5 H0.5 Z" fill="currentColor" {} }
                Shape::Critical => { rect x="1.5" y="1.5" width="17" height="17" fill="currentColor" {} }
                Shape::NoData => { circle cx="10" cy="10" r="7.5" fill="none" stroke="currentColor" stroke-width="3" {} }
            }
        }
    }
}

/// What a share of errors means: over 2 % is more than healthy traffic has, over 20 % turns customers away.
pub(crate) fn of_error_rate(error_rate: f64) -> Shape {
    match error_rate {
        rate if rate > 0.20 => Shape::Critical,
        rate if rate > 0.02 => Shape::Warn,
        _ => Shape::Ok,
    }
}

/// Shape and its usual word.
pub(crate) fn state_of(shape: Shape) -> Markup {
    let word = match shape {
        Shape::Ok => "OK",
        Shape::Warn => "WARN",
        Shape::Critical => "CRITICAL",
        Shape::NoData => "NO DATA",
    };
    state(shape, word)
}

/// Shape and word.
pub(crate) fn state(shape: Shape, word: &str) -> Markup {
    html! { span class={ "state " (shape.class()) } { (symbol(shape)) (word) } }
}
