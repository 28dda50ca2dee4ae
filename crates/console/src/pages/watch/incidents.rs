//! Incidents: not built yet, and said so; what fires now is there already.

use maud::{Markup, html};

use super::firing::Firing;
use super::moments::Moments;
use super::monitors::priority;
use crate::api::{Health, StagePlay};
use crate::pages::layout::{Page, heading};
use crate::pages::shape::{Shape, state};
use crate::pages::states::empty;

/// The page.
pub(crate) fn incidents(firing: &[Firing], play: Option<&StagePlay>, health: &Health) -> Markup {
    let page = Page { title: "Incidents", section: "/incidents", styles: &["watch.css"], scripts: &[], is_live: true };
    let moments = Moments::new(play, health.at_unix_ms);
    let main = html! {
        (heading("Incidents", &html! { "What fires now. Also as " a href="/api/incidents" { "JSON" } "." }, &html! {}))
        aside.panel.coming role="note" {
            (state(Shape::NoData, "NOT BUILT YET"))
            p { "Here monitors that fire over the same services will be one incident: its timeline, the services it reached, what differs between failing and healthy spans, traces that show it, what it cost. Until then each monitor that fires stands alone." }
        }
        section #firing data-refresh="2" aria-label="Firing" { (list(firing, &moments)) }
    };
    page.render(&main, Some(health))
}

fn list(firing: &[Firing], moments: &Moments) -> Markup {
    if firing.is_empty() {
        let hint =
            html! { "No monitor fires. What is watched for stands under " a href="/monitors" { "Monitors" } "." };
        return html! { div.panel { (empty("All is quiet", &hint)) } };
    }
    html! {
        @for one in firing {
            article.panel.watched {
                header {
                    (state(Shape::Critical, "FIRING"))
                    h2 { a href={ "/monitors#" (one.monitor) } { (one.name) } }
                    @if let Some(traffic) = &one.traffic_type { span class={ "chip " (traffic) } { (traffic) } }
                    (priority(one.priority))
                    @if one.is_flow { span.chip { "flow" } }
                }
                dl.about {
                    @if let Some(since) = one.since_unix_ms { dt { "Since" } dd { (moments.at(since)) ", for " (moments.since(since)) } }
                    dt { "Seen" } dd { (one.reading) }
                    @if let Some(runbook) = &one.runbook { dt { "To do" } dd { (runbook) } }
                }
            }
        }
    }
}
