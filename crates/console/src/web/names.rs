//! Names that were seen, for suggestions while somebody types.

use std::collections::BTreeSet;

use axum::extract::State as Shared;
use axum::routing::get;
use axum::{Json, Router};
use detect::UnixMs;
use store::{RedFilter, Store};

use crate::api::{Names, OperationName};
use crate::state::State;

/// Services, operations and keys that are given out.
const MOST_NAMES: usize = 2000;

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/api/names", get(names))
}

async fn names(Shared(state): Shared<State>) -> Json<Names> {
    Json(seen(state.store(), state.now()))
}

/// Services and operations of everything that is counted, keys of all attributes that came.
fn seen(store: &Store, now: UnixMs) -> Names {
    let everything = RedFilter { from_unix_ms: Some(0), ..RedFilter::default() };
    let operations: BTreeSet<(String, String)> =
        store.red(&everything, now).into_iter().map(|row| (row.service, row.operation)).collect();
    let services: BTreeSet<String> = operations.iter().map(|(service, _)| service.clone()).collect();
    Names {
        services: services.into_iter().take(MOST_NAMES).collect(),
        operations: operations
            .into_iter()
            .take(MOST_NAMES)
            .map(|(service, operation)| OperationName { service, operation })
            .collect(),
        attribute_keys: store.sql_schema().attributes.into_iter().take(MOST_NAMES).collect(),
    }
}
