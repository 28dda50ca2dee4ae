//! Statements as rows: how often, how long, how much they read, and whether an index helped.

use std::hash::{DefaultHasher, Hash, Hasher};

use maud::{Markup, html};
use store::Statement;

use crate::pages::format::{count, duration, rate, share};
use crate::pages::link::link;
use crate::pages::shape::{of_error_rate, symbol};

/// Rows that one page draws; the rest is counted.
const MOST_ROWS: usize = 200;

/// The table of statements; `title` is the id of its heading.
pub(crate) fn table(title: &str, statements: &[&Statement]) -> Markup {
    let all_ms = statements.iter().map(|statement| statement.total_ms).sum::<f64>().max(f64::MIN_POSITIVE);
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby=(title) {
            table.statements {
                thead { tr {
                    th scope="col" { "Statement" }
                    th scope="col" { "traffic.type" }
                    th scope="col" { "Index" }
                    th.number scope="col" { "Rows read" }
                    th.number scope="col" { "Calls" }
                    th.number.roomy scope="col" { "p50" }
                    th.number scope="col" { "p95" }
                    th.number.roomy scope="col" { "p99" }
                    th.number scope="col" { "Errors" }
                    th.number scope="col" { "Time" }
                    td.roomy {}
                } }
                tbody data-rows { @for statement in statements.iter().take(MOST_ROWS) { (row(statement, all_ms)) } }
            }
        }
        (left_out(statements.len()))
    }
}

/// The table of commands of a key-value store.
pub(crate) fn commands(title: &str, statements: &[&Statement]) -> Markup {
    let all_ms = statements.iter().map(|statement| statement.total_ms).sum::<f64>().max(f64::MIN_POSITIVE);
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby=(title) {
            table.statements {
                thead { tr {
                    th scope="col" { "Command" }
                    th scope="col" { "traffic.type" }
                    th.number scope="col" { "Calls" }
                    th.number scope="col" { "p50" }
                    th.number scope="col" { "p95" }
                    th.number.roomy scope="col" { "p99" }
                    th.number scope="col" { "Errors" }
                    th.number scope="col" { "Time" }
                    td.roomy {}
                } }
                tbody data-rows {
                    @for statement in statements.iter().take(MOST_ROWS) {
                        tr id=(id(statement)) data-system=(statement.system) {
                            td.name { a href=(traces(statement, &[])) { code { (statement.operation) } } " " span.small.faint { (statement.service) } }
                            td { (traffic(statement)) }
                            td.number { (rate(statement.rate_per_minute)) span.faint { " /min" } }
                            td.number { (duration(statement.p50_ms)) }
                            td.number { (duration(statement.p95_ms)) }
                            td.number.roomy { (duration(statement.p99_ms)) }
                            td.number { (errors(statement)) }
                            (time(statement, all_ms))
                            td.roomy.further { (examples(statement)) }
                        }
                    }
                }
            }
        }
        (left_out(statements.len()))
    }
}

fn left_out(rows: usize) -> Markup {
    html! { @if rows > MOST_ROWS { p.quiet { (rows - MOST_ROWS) " more rows are in the JSON: " code { "/api/statements" } "." } } }
}

fn row(statement: &Statement, all_ms: f64) -> Markup {
    html! {
        tr id=(id(statement)) data-system=(statement.system) {
            td.sql {
                a href=(traces(statement, &[])) { b { (statement.operation) } } " " span.small.faint { (statement.service) " · " (statement.system) }
                @if statement.statement != statement.operation { details { summary { code { (statement.statement) } } } }
            }
            td { (traffic(statement)) }
            td { (index(statement)) }
            td.number { @match statement.rows_scanned { Some(rows) => (count(rows.round().max(0.0) as u64)), None => span.faint { "–" } } }
            td.number { (rate(statement.rate_per_minute)) span.faint { " /min" } }
            td.number.roomy { (duration(statement.p50_ms)) }
            td.number { (duration(statement.p95_ms)) }
            td.number.roomy { (duration(statement.p99_ms)) }
            td.number { (errors(statement)) }
            (time(statement, all_ms))
            td.roomy.further { (examples(statement)) }
        }
    }
}

/// The same for the same row: a row that is open stays open when others overtake it.
fn id(statement: &Statement) -> String {
    let mut hasher = DefaultHasher::new();
    (&statement.system, &statement.service, &statement.statement, &statement.operation).hash(&mut hasher);
    (&statement.traffic_type, &statement.index_used).hash(&mut hasher);
    format!("statement-{:016x}", hasher.finish())
}

fn traffic(statement: &Statement) -> Markup {
    html! {
        @match &statement.traffic_type {
            Some(traffic) => span class={ "chip " (traffic) } { (traffic) },
            None => span.faint { "none" },
        }
    }
}

fn index(statement: &Statement) -> Markup {
    html! {
        @match statement.index_used.as_deref() {
            Some("NONE") => span.chip.bad { "no index" },
            Some(name) => span.chip title=(name) { (name) },
            None => span.faint { "–" },
        }
    }
}

fn errors(statement: &Statement) -> Markup {
    let shape = of_error_rate(statement.error_rate);
    html! {
        @if statement.errors == 0 { span.faint { "0 %" } }
        @else { span class={ "state " (shape.class()) } { (symbol(shape)) (share(statement.error_rate)) } }
    }
}

/// The share of all time that this statement took.
fn time(statement: &Statement, all_ms: f64) -> Markup {
    let part = statement.total_ms / all_ms;
    html! {
        td.number.time {
            (share(part))
            span.meter.plain { i style={ "--share:" (format!("{part:.3}")) } {} }
        }
    }
}

fn traces(statement: &Statement, more: &[(&'static str, &str)]) -> String {
    let own = [
        ("service", statement.service.as_str()),
        ("operation", statement.operation.as_str()),
        ("traffic_type", statement.traffic_type.as_deref().unwrap_or_default()),
    ];
    link("/traces", own.into_iter().chain(more.iter().copied()))
}

/// Traces in which it was slow or failed.
fn examples(statement: &Statement) -> Markup {
    let slow = format!("{:.0}", statement.p95_ms.floor());
    html! {
        @if statement.errors > 0 { a href=(traces(statement, &[("status", "error")])) { "failed" } }
        a href=(traces(statement, &[("min_duration_ms", &slow)])) { "slowest" }
    }
}
