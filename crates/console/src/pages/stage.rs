//! The Stage page: what is happening, beside what was meant to happen.

use maud::{Markup, html};

use crate::pages::banner::{banner, footer};
use crate::pages::layout::Page;
use crate::pages::{cards, detection, evidence, play, timeline};
use crate::stage::StageSnapshot;

/// The parts that change, with the id of the element that each one is.
pub(crate) fn stage_parts(snapshot: &StageSnapshot) -> Vec<(&'static str, Markup)> {
    vec![
        ("play", play::headline(snapshot)),
        ("verdict", evidence::verdict(snapshot)),
        ("timeline", timeline::timeline(snapshot)),
        ("cards", cards::cards(snapshot)),
        ("legend-error_rate", legend("error_rate", snapshot)),
        ("legend-p95_ms", legend("p95_ms", snapshot)),
        ("detection", detection::panel(snapshot)),
        ("alerts", evidence::alerts(snapshot)),
        ("proofs", evidence::proofs(snapshot)),
        ("banner", banner(&snapshot.health, None)),
        ("footer", footer(&snapshot.health, None)),
    ]
}

/// Lanes that have a colour of their own; further ones share the last.
pub(crate) const LAST_LANE: usize = 4;

/// The page.
pub(crate) fn stage(snapshot: &StageSnapshot) -> Markup {
    let page = Page {
        title: snapshot.play.as_ref().map_or("Stage", |play| &play.title),
        section: "/",
        styles: &["uPlot.min.css", "stage.css"],
        scripts: &["uPlot.iife.min.js", "stage.js"],
        is_live: true,
    };
    let main = html! {
        (play::headline(snapshot))
        (evidence::verdict(snapshot))
        (timeline::timeline(snapshot))
        div.stage {
            div.main {
                (cards::cards(snapshot))
                div.charts {
                    (chart("Error rate", "error_rate", snapshot))
                    (chart("p95 duration", "p95_ms", snapshot))
                }
                (evidence::proofs(snapshot))
            }
            div.side {
                (detection::panel(snapshot))
                (evidence::alerts(snapshot))
            }
        }
    };
    page.render_streamed(&main, &snapshot.health)
}

/// An empty frame; the script draws into it.
fn chart(title: &str, measure: &str, snapshot: &StageSnapshot) -> Markup {
    html! {
        section.panel.chart aria-label=(title) {
            h2 {
                (title)
                (legend(measure, snapshot))
            }
            div.plot data-measure=(measure) {}
        }
    }
}

/// Whose curves the chart of `measure` shows.
fn legend(measure: &str, snapshot: &StageSnapshot) -> Markup {
    html! {
        span.legend id={ "legend-" (measure) } {
            @for (place, curve) in snapshot.curves.iter().enumerate() {
                span class={ "lane-" (place.min(LAST_LANE)) } { i {} (curve.traffic_type) }
            }
            span.quiet { i.dash {} "predicted" }
        }
    }
}
