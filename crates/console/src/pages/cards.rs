//! The two cards: the traffic that stays healthy left, the one that meets the incident right.

use maud::{Markup, html};

use crate::api::StagePlay;
use crate::pages::format::{Amount, count, dollars, duration, rate, share};
use crate::pages::shape::{Shape, state};
use crate::pages::stage::LAST_LANE;
use crate::stage::{Card, CardStatus, StageSnapshot};

/// Names up to this stand beside their state in large letters.
const SHORT_NAME: usize = 12;

/// Both cards.
pub(crate) fn cards(snapshot: &StageSnapshot) -> Markup {
    html! {
        div #cards .cards {
            @for one in &snapshot.cards { (card(one, lane(one, snapshot), snapshot.play.as_ref())) }
        }
    }
}

/// Which of the curves is that of the card's traffic.
fn lane(card: &Card, snapshot: &StageSnapshot) -> usize {
    let place = snapshot.curves.iter().position(|curve| curve.traffic_type == card.traffic_type);
    place.unwrap_or_default().min(LAST_LANE)
}

/// Shape and word of a status.
fn status(status: CardStatus) -> (Shape, &'static str) {
    match status {
        CardStatus::NoData => (Shape::NoData, "NO DATA"),
        CardStatus::Ok => (Shape::Ok, "OK"),
        CardStatus::Warn => (Shape::Warn, "WARN"),
        CardStatus::Critical => (Shape::Critical, "CRITICAL"),
    }
}

fn card(card: &Card, lane: usize, play: Option<&StagePlay>) -> Markup {
    let (shape, word) = status(card.status);
    let is_empty = card.count == 0;
    let unless_empty = |amount: Amount| if is_empty { Amount { number: "–".into(), unit: "" } } else { amount };
    html! {
        section class={ "panel card " (shape.class()) } aria-label={ (card.traffic_type) ": " (word) } {
            header {
                h2 class={ "lane-" (lane) @if card.traffic_type.len() > SHORT_NAME { " long" } } { i {} (card.traffic_type) }
                (state(shape, word))
            }
            p.reason { (if card.reason.is_empty() { "healthy" } else { &card.reason }) }
            dl.numbers {
                (number("errors", &unless_empty(share(card.error_rate)), "large"))
                (number("p95", &unless_empty(duration(card.p95_ms)), "large"))
                (number("p50", &unless_empty(duration(card.p50_ms)), "p50"))
                (number("rate", &unless_empty(Amount { number: rate(card.rate_per_minute), unit: "/min" }), "rate"))
                @if let Some(lost) = card.lost_revenue_usd {
                    (number("money lost", &Amount { number: dollars(lost), unit: "" }, if lost > 0.0 { "money lost" } else { "money" }))
                }
            }
            @if let Some(load) = play.and_then(|play| play.measured_by_load.iter().find(|load| load.stream == card.traffic_type)) {
                p.by-load {
                    "as customers see it: " (share(load.error_rate)) " fail, p95 " (duration(load.p95_ms)) " · " (count(load.requests)) " journeys so far"
                }
            }
        }
    }
}

fn number(name: &str, amount: &Amount, class: &str) -> Markup {
    html! {
        div class=(class) {
            dt { (name) }
            dd { (amount.number) @if !amount.unit.is_empty() { small { (amount.unit) } } }
        }
    }
}
