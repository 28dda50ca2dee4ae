//! Questions in SQL: a box for one, examples, what there is to ask, and the place for the answer.

use maud::{Markup, html};
use store::{SqlSchema, SqlTable};

use crate::api::Health;
use crate::pages::layout::{Page, heading};
use crate::pages::states::empty;

/// What it answers, and the question. Each can be asked of a console that has seen nothing yet.
const EXAMPLES: [(&str, &str); 8] = [
    (
        "Slowest operations",
        "SELECT service, name, count(*) AS calls, round(p50(duration_ms), 1) AS p50_ms, round(p95(duration_ms), 1) AS p95_ms\n\
         FROM spans\nWHERE kind = 'server'\nGROUP BY service, name\nORDER BY p95_ms DESC\nLIMIT 20",
    ),
    (
        "Errors by service",
        "SELECT service, sum(status = 'error') AS errors, count(*) AS spans\nFROM spans\nGROUP BY service\nORDER BY errors DESC",
    ),
    (
        "Baseline beside demo",
        "SELECT bucket(start_unix_ms, 10) AS at_unix_ms, traffic_type, round(p95(duration_ms), 1) AS p95_ms\n\
         FROM spans\nWHERE kind = 'server' AND traffic_type <> ''\nGROUP BY 1, 2\nORDER BY 1",
    ),
    (
        "Sequential scans over time",
        "SELECT bucket(start_unix_ms, 10) AS at_unix_ms, count(*) AS scans\nFROM spans\n\
         WHERE \"db.full_table_scan\" = 1\nGROUP BY 1\nORDER BY 1",
    ),
    (
        "Which index was used",
        "SELECT name, \"db.index_used\" AS index_used, count(*) AS calls,\n       \
         round(p95(duration_ms), 1) AS p95_ms, round(avg(\"db.rows_scanned\")) AS rows_scanned\n\
         FROM spans\nWHERE \"db.index_used\" IS NOT NULL\nGROUP BY 1, 2\nORDER BY p95_ms DESC",
    ),
    (
        "Pool timeouts over time",
        "SELECT bucket(start_unix_ms, 10) AS at_unix_ms, count(*) AS timeouts\nFROM spans\n\
         WHERE \"db.connection.pool.exhausted\" = 1\nGROUP BY 1\nORDER BY 1",
    ),
    (
        "Logs of the latest failed trace",
        "SELECT time, service, severity, body\nFROM logs\nWHERE trace_id = (\n  SELECT trace_id FROM spans WHERE status = 'error' ORDER BY start_unix_ms DESC LIMIT 1\n)\nORDER BY time",
    ),
    (
        "Latest metrics",
        "SELECT time, service, name, value, unit, attributes\nFROM metrics\nORDER BY time DESC\nLIMIT 100",
    ),
];

/// The page; `question` comes from its address.
pub(crate) fn sql(question: &str, schema: &SqlSchema, health: &Health) -> Markup {
    let page = Page {
        title: "SQL",
        section: "/sql",
        styles: &["uPlot.min.css", "sql.css"],
        scripts: &["uPlot.iife.min.js", "sql-chart.js", "sql.js"],
        is_live: false,
    };
    let line = html! { "Ask anything of the spans, logs and metrics that are kept. Read only; ten seconds and 10" "\u{2009}" "000 rows at most." };
    let main = html! {
        (heading("SQL", &line, &html! {}))
        div.ask {
            div.ask-main {
                form #ask .panel {
                    div.examples role="group" aria-label="Examples" {
                        @for (title, question) in EXAMPLES { button.example type="button" data-question=(question) { (title) } }
                    }
                    label.out-of-sight for="question" { "Question" }
                    textarea #question name="q" rows="9" spellcheck="false" autocomplete="off" autocapitalize="off" data-key="/" data-key-does="write a question" placeholder="SELECT … FROM spans" { (question) }
                    div.ask-tools {
                        button #run .primary type="submit" { "Run" }
                        span.quiet.small { kbd { "Ctrl" } " " kbd { "Enter" } " runs it. The address of this page has the question in it, to be shared." }
                        span.downloads #downloads hidden {
                            a.button #as-csv download { "CSV" }
                            a.button #as-parquet download { "Parquet" }
                        }
                    }
                }
                section #answer .panel aria-label="Answer" aria-live="polite" {
                    (empty("No question yet", &html! { "Write one, or take an example." }))
                }
            }
            aside.panel.schema aria-label="What there is" {
                h2 { "What there is" }
                @for (index, table) in schema.tables.iter().enumerate() { (table_of(table, index == 0)) }
                details {
                    summary { b { "attributes" } span.quiet { " as columns" } }
                    p.small.quiet { "Every key is a column of every table, in double quotes." }
                    @if schema.attributes.is_empty() { p.faint { "none came yet" } }
                    ul { @for key in &schema.attributes { li { button.insert type="button" data-insert={ "\"" (key) "\"" } { (key) } } } }
                }
                details {
                    summary { b { "functions" } span.quiet { " beyond SQLite's" } }
                    ul { @for function in &schema.functions { li { code { (function.call) } p.small.quiet { (function.about) } } } }
                }
            }
        }
    };
    page.render(&main, Some(health))
}

fn table_of(table: &SqlTable, is_open: bool) -> Markup {
    html! {
        details open[is_open] {
            summary { b { (table.name) } span.quiet { " " (table.about) } }
            ul {
                @for column in &table.columns {
                    li {
                        button.insert type="button" data-insert=(column.name) title=(column.about) { (column.name) }
                        span.faint.small { " " (column.kind) @if column.is_hidden { ", not in *" } }
                    }
                }
            }
        }
    }
}
