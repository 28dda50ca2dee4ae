//! What databases are asked, and the pools before them.

use std::collections::BTreeSet;

use axum::extract::{Query, State as Shared};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use store::{RedFilter, Statement};

use crate::api::Pool;
use crate::pages::Databases;
use crate::pools::pools;
use crate::state::State;
use crate::web::answer::{Answer, Asked, Refused, page};
use crate::web::window::Window;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/databases", get(databases))
        .route("/api/statements", get(statements))
        .route("/api/pools", get(all_pools))
}

async fn databases(Shared(state): Shared<State>, asked: Asked) -> Result<Response, Refused> {
    let Query(asked) = asked?;
    let now = state.now();
    let (filter, mistake) = match asked.red_within(&state) {
        Ok(filter) => (filter, None),
        Err(bad) => (RedFilter::default(), Some(bad.to_string())),
    };
    let from = filter.from_unix_ms.unwrap_or_else(|| Window::Last(60_000).start(&state));
    let everything = RedFilter { traffic_type: None, from_unix_ms: Some(from), ..filter.clone() };
    let all = state.store().statements(&everything, now);
    let traffic_types: BTreeSet<String> = all.iter().filter_map(|statement| statement.traffic_type.clone()).collect();
    let fits = |statement: &Statement| filter.traffic_type.is_none() || statement.traffic_type == filter.traffic_type;
    let view = Databases {
        asked: &asked,
        mistake,
        traffic_types: traffic_types.into_iter().collect(),
        statements: all.into_iter().filter(fits).collect(),
        pools: pools(state.store(), from, now),
    };
    Ok(page(StatusCode::OK, view.page(&state.health())))
}

async fn statements(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<Statement>> {
    let Query(asked) = asked?;
    let mut statements = state.store().statements(&asked.red_within(&state)?, state.now());
    statements.retain(|statement| asked.system.is_empty() || statement.system == asked.system);
    Ok(Json(statements))
}

async fn all_pools(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<Pool>> {
    let filter = asked?.red_within(&state)?;
    let from = filter.from_unix_ms.unwrap_or_else(|| Window::Last(60_000).start(&state));
    let mut pools = pools(state.store(), from, state.now());
    pools.retain(|pool| filter.service.as_ref().is_none_or(|service| pool.service == *service));
    Ok(Json(pools))
}
