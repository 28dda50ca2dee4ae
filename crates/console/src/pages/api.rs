//! Every route under `/api`, for people.

use maud::{Markup, html};

use crate::api::Health;
use crate::openapi::{Method, Operation, ROUTES, describe_field};
use crate::pages::layout::{Page, heading};

/// The page.
pub(crate) fn api(health: &Health) -> Markup {
    let page = Page { title: "API", section: "", styles: &["sql.css"], scripts: &[], is_live: false };
    let line = html! { "What the pages show, as JSON. Described for programs in " a href="/api/openapi.json" { "OpenAPI 3.1" } "." };
    let main = html! {
        (heading("API", &line, &html! {}))
        @for group in ROUTES.chunk_by(|before, after| before.tag == after.tag) {
            section.panel {
                h2 { (group.first().map_or("", |operation| operation.tag)) }
                div.scroll { table {
                    thead { tr { th { "Method" } th { "Path" } th { "What it answers" } th { "After the question mark" } } }
                    tbody { @for operation in group { (row(operation)) } }
                } }
            }
        }
    };
    page.render(&main, Some(health))
}

fn row(operation: &Operation) -> Markup {
    let can_be_opened =
        operation.method == Method::Get && operation.required.is_empty() && operation.parameters().next().is_none();
    html! {
        tr {
            td.small { b { (operation.method.word()) } }
            td { @if can_be_opened { a href=(operation.path) { code { (operation.path) } } } @else { code { (operation.path) } } }
            td { (operation.summary) }
            td.small {
                @for (at, name) in operation.fields.iter().enumerate() {
                    @if at > 0 { ", " }
                    span title=[describe_field(operation.path, name).map(|(_, words)| words)] { code { (name) } @if operation.required.contains(name) { " (must be given)" } }
                }
                @if operation.body.is_some() { "JSON is sent" }
            }
        }
    }
}
