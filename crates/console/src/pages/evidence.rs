//! Alerts as they came, proofs that the faults are real, and the verdict.

use detect::TransitionState;
use maud::{Markup, html};

use crate::api::Alert;
use crate::pages::format::{stretch, time_of_day};
use crate::pages::shape::{Shape, state};
use crate::stage::StageSnapshot;

/// The newest first.
pub(crate) fn alerts(snapshot: &StageSnapshot) -> Markup {
    html! {
        section #alerts .panel.grow.alerts-list tabindex="0" aria-label="Alerts" aria-live="polite" {
            h2 { "Alerts" }
            @if snapshot.alerts.is_empty() {
                p.quiet { "Nothing has fired." }
            } @else {
                ul.list {
                    @for (index, one) in snapshot.alerts.iter().enumerate() { (alert(one, snapshot, index == 0)) }
                }
            }
        }
    }
}

/// One alert; the newest is told in full.
fn alert(alert: &Alert, snapshot: &StageSnapshot, is_newest: bool) -> Markup {
    let is_firing = alert.state == TransitionState::Firing;
    html! {
        li class=[(!is_firing).then_some("resolved")] title=(alert.summary) {
            span.at {
                @match snapshot.minute_of(alert.at_unix_ms) {
                    Some(minute) => (format!("{minute:.1}")),
                    None => (time_of_day(alert.at_unix_ms as f64)),
                }
            }
            @if is_firing { (state(Shape::Critical, "FIRING")) } @else { (state(Shape::Ok, "resolved")) }
            span.what {
                b { (alert.monitor) }
                @if let Some(traffic) = &alert.traffic_type { " " span class={ "chip " (traffic) } { (traffic) } }
                @if is_firing { (timing(alert, snapshot)) }
                @if is_newest { small { (alert.summary) } }
            }
        }
    }
}

/// Whether it came when the play expects it.
fn timing(alert: &Alert, snapshot: &StageSnapshot) -> Markup {
    let windows = snapshot.play.iter().flat_map(|play| &play.expected_alerts);
    let window = windows.into_iter().find(|window| window.monitor == alert.monitor);
    let (Some(window), Some(minute)) = (window, snapshot.minute_of(alert.at_unix_ms)) else { return html! {} };
    html! {
        @if minute < window.from { " " span.off-time { "early" } }
        @else if minute > window.to { " " span.off-time { "late" } }
        @else { " " span.on-time { "on time" } }
    }
}

/// What has been shown of the faults; hidden without a play.
pub(crate) fn proofs(snapshot: &StageSnapshot) -> Markup {
    let proofs = snapshot.play.as_ref().map_or(&[][..], |play| &play.proofs);
    html! {
        section #proofs .panel.proofs aria-label="Proofs" hidden[proofs.is_empty()] {
            h2 { "Is the fault real?" }
            ul.list {
                @for proof in proofs {
                    li {
                        @match proof.holds {
                            Some(true) => (state(Shape::Ok, "proved")),
                            Some(false) => (state(Shape::Critical, "NOT SO")),
                            None => (state(Shape::NoData, "open")),
                        }
                        span { (proof.claim) small title=(proof.seen) { (proof.seen) } }
                    }
                }
            }
        }
    }
}

/// The end of the play; hidden until then.
pub(crate) fn verdict(snapshot: &StageSnapshot) -> Markup {
    let Some((play, verdict)) = snapshot.play.as_ref().and_then(|play| Some((play, play.verdict.as_ref()?))) else {
        return html! { section #verdict hidden {} };
    };
    let outcome = verdict.outcome.to_lowercase();
    let shape = if outcome == "pass" { Shape::Ok } else { Shape::Critical };
    html! {
        section #verdict class={ "panel verdict " (outcome) } aria-live="assertive" {
            (state(shape, &outcome.to_uppercase()))
            div {
                @if verdict.reasons.is_empty() {
                    p {
                        "The incident happened as predicted, every alert came on time, and everything is back as it was, after "
                        (stretch(play.minutes * 60.0 / play.speed.max(f64::MIN_POSITIVE))) "."
                    }
                } @else {
                    ul { @for reason in &verdict.reasons { li { (reason) } } }
                }
            }
        }
    }
}
