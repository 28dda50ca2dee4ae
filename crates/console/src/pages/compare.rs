//! Two traces side by side.

use maud::{Markup, html};

use crate::api::Health;
use crate::pages::format::{Amount, count, duration, time_of_day};
use crate::pages::layout::{Page, heading};
use crate::pages::shape::{Shape, state};
use crate::pages::states::empty;
use crate::pages::traces::errors;
use crate::traces::{AttributeDifference, Compared, ComparedRow, Half, Side, value};

/// Rows that one page draws; the rest is counted and in the JSON.
const MOST_ROWS: usize = 1000;
/// Rows that are alike are folded if this many stand together.
const WORTH_FOLDING: usize = 4;
/// Steps of indentation; deeper rows stand below each other.
const DEEPEST: usize = 20;

const PAGE: Page<'_> =
    Page { title: "Two traces", section: "/traces", styles: &["trace.css"], scripts: &["compare.js"], is_live: false };

/// The page.
pub(crate) fn compare(compared: &Compared, health: &Health) -> Markup {
    let shown = &compared.rows[..compared.rows.len().min(MOST_ROWS)];
    let swap = format!("/traces/compare?a={}&b={}", compared.b.trace_id, compared.a.trace_id);
    let controls = html! {
        a.button href=(swap) data-key="w" data-key-does="swap A and B" { "Swap A and B" }
        a.button href={ "/api/traces/compare?a=" (compared.a.trace_id) "&b=" (compared.b.trace_id) } { "JSON" }
    };
    let main = html! {
        (heading("Two traces", &html! { "Rows stand beside each other where both did the same work. Both sides have the same scale: " (duration(compared.scale_ms)) " across." }, &controls))
        div.sides { (side("A", &compared.a)) (side("B", &compared.b)) }
        section.panel.summary aria-label="In words" {
            @for (index, sentence) in compared.summary.iter().enumerate() { p.lead[index == 0] { (sentence) } }
        }
        section.panel.waterfall.compared aria-label="Side by side" {
            div.scroll { table {
                thead { tr {
                    th { "service and operation" }
                    th { "A " (ruler(compared.scale_ms)) }
                    th { "B " (ruler(compared.scale_ms)) }
                    th.number { "B − A" }
                    th.number.roomy { "of it itself" }
                } }
                @for group in grouped(shown) {
                    @if group.iter().all(|row| row.is_alike) && group.len() >= WORTH_FOLDING {
                        tbody.folded hidden { @for row in group { (line(row, compared.scale_ms)) } }
                        tbody.fold { tr { td colspan="5" { button type="button" aria-expanded="false" { (group.len()) " rows that are alike" } } } }
                    } @else {
                        tbody { @for row in group { (line(row, compared.scale_ms)) } }
                    }
                }
            } }
            @if compared.rows.len() > shown.len() { p.empty { (count((compared.rows.len() - shown.len()) as u64)) " more rows are in the JSON." } }
        }
    };
    PAGE.render(&main, Some(health))
}

/// Stretches of rows that are alike, and stretches of rows that are not.
fn grouped(rows: &[ComparedRow]) -> impl Iterator<Item = &[ComparedRow]> {
    rows.chunk_by(|before, after| before.is_alike == after.is_alike && before.depth > 0)
}

fn ruler(scale_ms: f64) -> Markup {
    html! { span.scale { span { "0" } span { (duration(scale_ms / 2.0)) } span { (duration(scale_ms)) } } }
}

fn side(letter: &str, side: &Side) -> Markup {
    html! {
        section.panel.side aria-label={ "Trace " (letter) } {
            span.letter { (letter) }
            div {
                h2 { a href={ "/traces/" (side.trace_id) } { (side.root_operation) } " " span.quiet { (side.root_service) } }
                p {
                    @if side.errors > 0 { (state(Shape::Critical, &errors(side.errors))) } @else { (state(Shape::Ok, "OK")) }
                    @if let Some(traffic) = &side.traffic_type { span class={ "chip " (traffic) } { (traffic) } }
                    span.quiet { (count(side.spans as u64)) " spans, " (time_of_day(side.start_unix_ms)) " UTC" }
                }
            }
            span.big { (duration(side.duration_ms)) }
        }
    }
}

fn line(row: &ComparedRow, scale_ms: f64) -> Markup {
    let telling: Vec<_> = row.attributes.iter().filter(|difference| difference.is_telling).collect();
    let other: Vec<_> = row.attributes.iter().filter(|difference| !difference.is_telling).collect();
    let renamed = match (&row.a, &row.b) {
        (Some(a), Some(b)) if a.operation != b.operation => Some(&b.operation),
        _ => None,
    };
    html! {
        tr class=[(row.a.is_none() || row.b.is_none()).then_some("lone")] {
            td.who style={ "padding-left:" (16 + 16 * row.depth.min(DEEPEST)) "px" } {
                b { (row.operation) } " "
                @if let Some(other) = renamed { span.quiet { "in B " } b { (other) } " " }
                span.quiet { (row.service) }
                @if row.b.is_none() { " " span.chip { "only in A" } }
                @if row.a.is_none() { " " span.chip { "only in B" } }
                @if !telling.is_empty() { ul.changes { @for difference in &telling { li { (change(difference)) } } } }
                @if !other.is_empty() {
                    details.others { summary { (other.len()) @if other.len() == 1 { " more difference" } @else { " more differences" } } ul.changes { @for difference in &other { li { (change(difference)) } } } }
                }
            }
            td.half { (half(row.a.as_ref(), scale_ms, "a")) }
            td.half { (half(row.b.as_ref(), scale_ms, "b")) }
            td.number { (signed(row.duration_difference_ms)) }
            td.number.roomy.quiet { (signed(row.self_difference_ms)) }
        }
    }
}

fn half(half: Option<&Half>, scale_ms: f64, letter: &str) -> Markup {
    let Some(half) = half else { return html! { span.faint { "not there" } } };
    let percent = |ms: f64| format!("{:.3}%", ms / scale_ms * 100.0);
    html! {
        div.track {
            span class={ "span-bar side-" (letter) @if half.is_error { " error" } } style={ "left:" (percent(half.start_ms)) ";width:" (percent(half.duration_ms)) } {}
        }
        div.reading {
            @if half.is_error { (state(Shape::Critical, "ERROR")) } @else { (state(Shape::Ok, "OK")) }
            b { (duration(half.duration_ms)) }
            @if !half.status_message.is_empty() { span.quiet { (half.status_message) } }
        }
    }
}

/// `+2.70 s`, `−1.2 ms`; nothing where both took the same.
fn signed(ms: f64) -> String {
    let Amount { number, unit } = duration(ms.abs());
    match ms {
        ms if ms.abs() < 0.005 => "±0".into(),
        ms if ms > 0.0 => format!("+{number} {unit}"),
        _ => format!("−{number} {unit}"),
    }
}

fn change(difference: &AttributeDifference) -> Markup {
    html! {
        span.key { (difference.key) } " "
        span.value { (value(difference.a.as_ref())) } span.arrow aria-label="in B" { " → " } span.value { (value(difference.b.as_ref())) }
    }
}

/// The page while there are not two traces to compare.
pub(crate) fn nothing_to_compare(problem: &str, health: &Health) -> Markup {
    let hint = html! {
        (problem) " Select two in " a href="/traces" { "the list of traces" } " with " kbd { "x" } ", then press " kbd { "c" } "."
    };
    PAGE.render(
        &html! { h1.out-of-sight { "Two traces" } div.panel { (empty("There are no two traces to compare", &hint)) } },
        Some(health),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_carry_their_sign() {
        for (ms, text) in [(2700.0, "+2.70 s"), (-1.25, "−1.2 ms"), (0.001, "±0"), (0.0, "±0")] {
            assert_eq!(signed(ms), text);
        }
    }
}
