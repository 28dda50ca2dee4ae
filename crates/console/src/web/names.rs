//! Names that were seen, for suggestions while somebody types.

use std::collections::BTreeSet;

use axum::extract::State as Shared;
use axum::routing::get;
use axum::{Json, Router};
use detect::UnixMs;
use store::{RedFilter, SpanSearch, Store};

use crate::api::{Names, OperationName};
use crate::state::State;

/// Traces, the newest ones, whose spans are looked at for keys of attributes.
const TRACES_LOOKED_AT: usize = 100;
/// Spans of each.
const SPANS_LOOKED_AT: usize = 200;
/// Services, operations and keys that are given out.
const MOST_NAMES: usize = 2000;

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/api/names", get(names))
}

async fn names(Shared(state): Shared<State>) -> Json<Names> {
    Json(seen(state.store(), state.now()))
}

/// Services and operations of everything that is counted, keys of the newest traces.
fn seen(store: &Store, now: UnixMs) -> Names {
    let everything = RedFilter { from_unix_ms: Some(0), ..RedFilter::default() };
    let operations: BTreeSet<(String, String)> =
        store.red(&everything, now).into_iter().map(|row| (row.service, row.operation)).collect();
    let services: BTreeSet<String> = operations.iter().map(|(service, _)| service.clone()).collect();
    let newest = store.search(&SpanSearch { limit: Some(TRACES_LOOKED_AT), ..SpanSearch::default() });
    let mut attribute_keys = BTreeSet::new();
    for trace in newest.iter().filter_map(|found| store.trace(&found.trace_id)) {
        for span in trace.spans.into_iter().take(SPANS_LOOKED_AT) {
            attribute_keys.extend(span.attributes.into_iter().chain(span.resource).map(|(key, _)| key));
        }
    }
    Names {
        services: services.into_iter().take(MOST_NAMES).collect(),
        operations: operations
            .into_iter()
            .take(MOST_NAMES)
            .map(|(service, operation)| OperationName { service, operation })
            .collect(),
        attribute_keys: attribute_keys.into_iter().take(MOST_NAMES).collect(),
    }
}
