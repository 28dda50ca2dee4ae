//! Everything that the verdict looked at.

use maud::{Markup, html};

use crate::report::shown::row;
use crate::story::{RowOutcome, RunStory};

/// The table; those that did not pass first.
pub(super) fn expectations(story: &RunStory) -> Markup {
    if story.expectations.is_empty() {
        return html! {
            section.panel { h2 { "Expectations" } p.quiet { "Nothing was judged: the run was cut short." } }
        };
    }
    let mut rows: Vec<_> = story.expectations.iter().collect();
    rows.sort_by_key(|one| match one.outcome {
        RowOutcome::Invalid => 0,
        RowOutcome::Fail => 1,
        RowOutcome::Pass => 2,
    });
    let met = rows.iter().filter(|one| one.outcome == RowOutcome::Pass).count();
    html! {
        section.panel.long {
            h2 { "Expectations: " (met) " of " (rows.len()) " met" }
            div.scroll { table {
                thead { tr { th { "" } th { "what" } th { "expected" } th { "predicted" } th { "measured" } } }
                tbody {
                    @for one in rows {
                        tr {
                            td { (row(one.outcome)) }
                            td.name { (one.what) }
                            td { (one.expected) }
                            td { (one.predicted) }
                            td { (one.measured) @if !one.note.is_empty() { span.also { (one.note) } } }
                        }
                    }
                }
            } }
            @for gap in &story.prediction_gaps {
                p.below { "The predicted error rate of " (gap.stream) " was off by " (format!("{:.1}", gap.points)) " points on average over " (gap.minutes) " minutes with faults. Nothing is judged by it." }
            }
        }
    }
}
