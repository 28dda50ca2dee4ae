//! Log records.

use std::collections::BTreeSet;

use axum::extract::{Query, State as Shared};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use store::{LogSearch, RedFilter, Searched};

use crate::api::{LogTimeline, LogView};
use crate::pages::{self, Logs};
use crate::state::State;
use crate::web::Fields;
use crate::web::answer::{Answer, Asked, Refused, page};
use crate::web::query::BadField;

/// Records on the page.
const RECORDS: usize = 200;
/// Bars on the page, and in the JSON.
const STEPS: usize = 60;

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/logs", get(page_of_logs)).route("/api/logs", get(logs)).route("/api/logs/counts", get(counts))
}

impl Fields {
    /// The search for records that these fields ask for, with `window` where there is no first moment.
    fn logs_within(&self, state: &State) -> Result<LogSearch, BadField> {
        let mut search = self.logs()?;
        if let (None, Some(window)) = (search.from_unix_ms, self.window()?) {
            search.from_unix_ms = Some(window.start(state));
        }
        Ok(search)
    }
}

async fn page_of_logs(Shared(state): Shared<State>, asked: Asked) -> Result<Response, Refused> {
    let Query(asked) = asked?;
    let mut within = asked.clone();
    if within.window.trim().is_empty() {
        // One trace is looked at whole, whenever it was.
        within.window = if within.trace_id.trim().is_empty() { pages::USUAL_WINDOW } else { "all" }.into();
    }
    let (found, counts, bad) = match within.logs_within(&state) {
        Ok(search) => {
            let newest = LogSearch { limit: search.limit.or(Some(RECORDS)), ..search.clone() };
            (state.store().logs(&newest), state.store().log_counts(&search, STEPS, state.now()), None)
        }
        // What cannot be read finds nothing and is said above the list.
        Err(bad) => (Vec::new(), Searched { found: Vec::new(), is_cut: false }, Some(bad)),
    };
    let everything = RedFilter { from_unix_ms: Some(0), ..RedFilter::default() };
    let all = state.store().red(&everything, state.now());
    let traffic_types: BTreeSet<String> = all.iter().filter_map(|row| row.traffic_type.clone()).collect();
    let services: BTreeSet<String> = all.into_iter().map(|row| row.service).collect();
    let view = Logs {
        asked: &asked,
        bad,
        traffic_types: traffic_types.into_iter().collect(),
        services: services.into_iter().collect(),
        found,
        counts,
    };
    Ok(page(StatusCode::OK, view.page(&state.health())))
}

async fn logs(Shared(state): Shared<State>, asked: Asked) -> Answer<Vec<LogView>> {
    Ok(Json(state.store().logs(&asked?.logs_within(&state)?)))
}

async fn counts(Shared(state): Shared<State>, asked: Asked) -> Answer<LogTimeline> {
    let Searched { found, is_cut } = state.store().log_counts(&asked?.logs_within(&state)?, STEPS, state.now());
    Ok(Json(LogTimeline { steps: found, is_cut }))
}
