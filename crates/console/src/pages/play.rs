//! The head of the Stage: what is played, and the clock.

use maud::{Markup, html};

use crate::api::StagePlay;
use crate::stage::StageSnapshot;

/// Title, clock, phase.
pub(crate) fn headline(snapshot: &StageSnapshot) -> Markup {
    match &snapshot.play {
        Some(play) => playing(play, snapshot.minute.unwrap_or(play.minute)),
        None => waiting(snapshot),
    }
}

/// The phase that a minute lies in.
pub(crate) fn phase_at(play: &StagePlay, minute: f64) -> Option<&str> {
    play.phases.iter().rev().find(|phase| phase.from <= minute).map(|phase| phase.name.as_str())
}

fn playing(play: &StagePlay, minute: f64) -> Markup {
    let is_finished = play.status == "finished";
    let word = match play.status.as_str() {
        "starting" => "getting ready".to_owned(),
        "restoring" => "putting everything back".to_owned(),
        "finished" => "finished".to_owned(),
        _ if minute < 0.0 => "about to begin".to_owned(),
        _ => phase_at(play, minute).unwrap_or("running").to_owned(),
    };
    html! {
        section #play .play {
            div {
                h1 { (play.title) }
                p {
                    (play.scenario) " at speed " (play.speed) " · run " (play.run_id)
                    @if play.speed > 1.0 && !is_finished { " · one scenario minute takes " (format!("{:.1}", 60.0 / play.speed)) " s" }
                }
            }
            div.clock {
                span.phase { (word) }
                @if minute < 0.0 {
                    span.minute { "−" (format!("{:.1}", -minute)) }
                } @else {
                    span.minute { (format!("{minute:.1}")) }
                }
                span.of { "of " (play.minutes) " min" }
            }
            (present())
        }
    }
}

fn waiting(snapshot: &StageSnapshot) -> Markup {
    let health = &snapshot.health;
    html! {
        section #play .play {
            div {
                h1 { "No play is on" }
                p {
                    "Stage one with " code { "doorbuster demo" } ", or send your own OpenTelemetry to "
                    code { "http://127.0.0.1:" (health.otlp_http_port) } " (HTTP) or "
                    code { ":" (health.otlp_grpc_port) } " (gRPC). Here is what came so far; "
                    a href="/services" { "all services" } ", " a href="/traces" { "all traces" } "."
                }
            }
            (present())
        }
    }
}

/// Leads to the view for a room, by click or key; Escape leads back (`stage.js`).
fn present() -> Markup {
    html! { button #present type="button" data-key="p" data-key-does="for a room: large numbers alone" title="for a room: key p, back with Escape" { "Present" } }
}
