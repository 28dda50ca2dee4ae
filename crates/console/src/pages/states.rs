//! States that every page can be in: nothing there, something wrong in what was asked, no such page.

use maud::{Markup, html};

use crate::pages::layout::Page;
use crate::pages::shape::{Shape, symbol};

/// Nothing to show, and what to do about it.
pub(crate) fn empty(title: &str, hint: &Markup) -> Markup {
    html! { div.empty { (symbol(Shape::NoData)) strong { (title) } (hint) } }
}

/// What was asked cannot be read: said at once, in the words of the mistake.
pub(crate) fn mistake(message: &str) -> Markup {
    html! { p.mistake role="alert" { span.state.critical { (symbol(Shape::Critical)) "NOT SO" } span { (message) } } }
}

/// The page for paths that lead nowhere.
pub(crate) fn not_found() -> Markup {
    let page = Page { title: "Not found", section: "", styles: &[], scripts: &[], is_live: false };
    let main = html! {
        div.panel.empty {
            h1 { "There is no such page" }
            p { "Try " a href="/" { "the Stage" } ", " a href="/services" { "the services" } " or " a href="/traces" { "the traces" } "." }
        }
    };
    page.render(&main, None)
}
