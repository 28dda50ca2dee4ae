//! `/admin`: what an operator may change about a running service without its code taking part, as in a service mesh:
//! requests delayed or refused on their way in, connection pools resized, sessions kept from them.
//!
//! Everything that is changed ends by itself at a moment that the caller names, so that nothing outlives an operator
//! who is gone. `/health`, `/ready` and `/admin` are never delayed or refused.

mod fault;
mod faults;
mod guard;
mod leak;
mod pools;
mod steering;
mod until;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use telemetry::sql::Pool;

pub use faults::UpstreamWait;
pub(crate) use faults::{Faults, filter};
pub(crate) use guard::Guard;
use guard::guarded;

/// The routes of the API, for the filter that `faults` steers and for `pools`. Looking is free; changing is `guard`ed.
pub(crate) fn routes(guard: Guard, faults: Arc<Faults>, pools: Vec<Pool>) -> Router {
    let (changing_faults, looking_at_faults) = faults::routes(faults);
    let (changing_pools, looking_at_pools) = pools::routes(pools);
    let changing = changing_faults.merge(changing_pools).route_layer(from_fn_with_state(guard, guarded));
    changing.merge(looking_at_faults).merge(looking_at_pools)
}
