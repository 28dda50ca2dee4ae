//! Rate, errors and duration of services, and the map.

use std::collections::BTreeSet;

use axum::extract::{Query, State as Shared};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use detect::SpanKind;
use http::StatusCode;
use store::{RedFilter, ServiceMap};

use crate::api::{Red, TimelinePoint};
use crate::pages::Services;
use crate::state::State;
use crate::trends::Trends;
use crate::web::answer::{Answer, Asked, Refused, page};
use crate::web::window::Window;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/services", get(services))
        .route("/api/red", get(red))
        .route("/api/timeline", get(timeline))
        .route("/api/map", get(map))
}

async fn services(Shared(state): Shared<State>, asked: Asked) -> Result<Response, Refused> {
    let Query(asked) = asked?;
    let now = state.now();
    // What cannot be read is said above the page, which then shows the last minute of everything.
    let (filter, mistake) = match asked.red_within(&state) {
        Ok(filter) => (filter, None),
        Err(bad) => (RedFilter::default(), Some(bad.to_string())),
    };
    let from = filter.from_unix_ms.unwrap_or_else(|| Window::Last(60_000).start(&state));
    let everything = RedFilter { from_unix_ms: Some(from), to_unix_ms: filter.to_unix_ms, ..RedFilter::default() };
    let all = state.store().red(&everything, now);
    let traffic_types: BTreeSet<String> = all.iter().filter_map(|row| row.traffic_type.clone()).collect();
    let fits =
        |wanted: &Option<String>, found: Option<&str>| wanted.as_deref().is_none_or(|wanted| found == Some(wanted));
    let mut rows: Vec<Red> = all
        .into_iter()
        .filter(|row| {
            fits(&filter.service, Some(&row.service)) && fits(&filter.traffic_type, row.traffic_type.as_deref())
        })
        .filter(|row| filter.kind.is_none_or(|kind| row.kind == kind))
        .collect();
    if asked.show != "all" && filter.kind.is_none() {
        keep_answers(&mut rows);
    }
    let trends = Trends::take(state.store(), &rows, from, now);
    let narrowed = RedFilter { traffic_type: filter.traffic_type.clone(), ..everything };
    let map = state.store().map(&narrowed, now);
    let view =
        Services { asked: &asked, mistake, traffic_types: traffic_types.into_iter().collect(), rows, trends, map };
    Ok(page(StatusCode::OK, view.page(&state.health())))
}

/// Leaves out calls to others, unless a service does nothing else.
fn keep_answers(rows: &mut Vec<Red>) {
    let is_answer = |kind: SpanKind| matches!(kind, SpanKind::Server | SpanKind::Consumer);
    let answering: BTreeSet<String> =
        rows.iter().filter(|row| is_answer(row.kind)).map(|row| row.service.clone()).collect();
    rows.retain(|row| is_answer(row.kind) || !answering.contains(&row.service));
}

async fn red(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<Red>> {
    Ok(Json(state.store().red(&asked?.red_within(&state)?, state.now())))
}

async fn timeline(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<TimelinePoint>> {
    let asked = asked?;
    Ok(Json(state.store().timeline(&asked.red_within(&state)?, asked.step_seconds()?, state.now())))
}

async fn map(Shared(state): Shared<State>, asked: Asked) -> Answer<ServiceMap> {
    Ok(Json(state.store().map(&asked?.red_within(&state)?, state.now())))
}
