//! Pools as cards: how full, who waits, and how that went.

use maud::{Markup, html};

use crate::api::{Pool, PoolTimes};
use crate::pages::format::{count, duration, rate};
use crate::pages::link::link;
use crate::pages::shape::{Shape, state};
use crate::pages::spark::Spark;
use crate::pages::states::empty;

/// All pools.
pub(crate) fn cards(pools: &[Pool]) -> Markup {
    if pools.is_empty() {
        let hint = html! { "Pools appear with the metrics " code { "db.client.connection.*" } " of the semantic conventions, by " code { "db.client.connection.pool.name" } "." };
        return empty("No pool has said anything", &hint);
    }
    html! { ul.pools { @for pool in pools { (card(pool)) } } }
}

/// Dry: all connections are taken and somebody waits.
fn judge(pool: &Pool) -> (Shape, &'static str) {
    let is_full = pool.used.zip(pool.max).is_some_and(|(used, max)| used >= max);
    match pool.waiting.unwrap_or(0.0) {
        _ if pool.used.is_none() => (Shape::NoData, "NO DATA"),
        waiting if waiting > 0.0 && is_full => (Shape::Critical, "EXHAUSTED"),
        waiting if waiting > 0.0 => (Shape::Warn, "WAITING"),
        _ if is_full => (Shape::Warn, "FULL"),
        _ => (Shape::Ok, "OK"),
    }
}

fn card(pool: &Pool) -> Markup {
    let (shape, word) = judge(pool);
    let whole = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| count(value.round().max(0.0) as u64));
    let most = pool.max.unwrap_or_else(|| pool.used.unwrap_or(0.0) + pool.idle.unwrap_or(0.0)).max(1.0);
    let part = |value: Option<f64>| format!("{:.3}", (value.unwrap_or(0.0) / most).clamp(0.0, 1.0));
    let used = Spark(pool.points.iter().map(|point| (point.used, 0.0)).collect());
    let waiting = Spark(pool.points.iter().map(|point| (point.waiting, 1.0)).collect());
    html! {
        li class={ "pool " (shape.class()) } data-pool=(pool.name) data-service=(pool.service) {
            header {
                h3 { (pool.name) " " span.small.faint { (pool.service) } }
                (state(shape, word))
            }
            div.fill role="img" aria-label={ (whole(pool.used)) " used, " (whole(pool.idle)) " idle, " (whole(pool.max)) " at most" } {
                i.used style={ "--share:" (part(pool.used)) } {}
                i.idle style={ "--share:" (part(pool.idle)) } {}
            }
            p.small.quiet { b { (whole(pool.used)) } " used, " b { (whole(pool.idle)) } " idle, of " b { (whole(pool.max)) } }
            dl {
                (figure("waiting", &whole(pool.waiting), pool.waiting.is_some_and(|waiting| waiting > 0.0)))
                (figure("timeouts a minute", &pool.timeouts_per_minute.map_or_else(|| "–".to_owned(), rate), pool.timeouts_per_minute.is_some_and(|timeouts| timeouts > 0.0)))
                (figure("wait, mean", &mean(pool.wait.as_ref()), false))
                (figure("wait, p95", &p95(pool.wait.as_ref()), false))
                (figure("held, mean", &mean(pool.held.as_ref()), false))
                (figure("held, p95", &p95(pool.held.as_ref()), false))
            }
            div.curves {
                div { span.small.quiet { "used" } (used.draw()) }
                @if pool.points.iter().any(|point| point.waiting > 0.0) { div { span.small.quiet { "waiting" } (waiting.draw()) } }
            }
            p.further { a href=(link("/traces", [("service", pool.service.as_str()), ("attributes", &format!("db.client.connection.pool.name=\"{}\"", pool.name.replace('"', "")))])) { "traces" } a href=(link("/logs", [("service", pool.service.as_str()), ("event", "demo_pool_exhaustion")])) { "logs of exhaustion" } }
        }
    }
}

fn mean(times: Option<&PoolTimes>) -> String {
    times.map_or_else(|| "–".to_owned(), |times| duration(times.mean_ms).to_string())
}

fn p95(times: Option<&PoolTimes>) -> String {
    times.and_then(|times| times.p95_ms).map_or_else(|| "–".to_owned(), |ms| duration(ms).to_string())
}

fn figure(name: &str, value: &str, is_bad: bool) -> Markup {
    html! { div class=[is_bad.then_some("bad")] { dt { (name) } dd { (value) } } }
}
