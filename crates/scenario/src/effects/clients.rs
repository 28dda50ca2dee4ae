//! `malformed_request`, `slow_request`: what a stream's own clients make of their requests, whichever world they go to.
//!
//! A malformed request is refused by the first service that sees it, at once; a slow one takes its time before anybody does
//! anything. Only requests with a body are changed. `prompt_bloat` has no effect here: what longer texts cost is up to
//! the model that reads them.

use serde::Deserialize;

use super::Stretch;
use super::outages::{Hazard, Trouble};
use crate::{Fault, Scenario, Stream};

/// The fault kind that makes requests wrong.
pub(crate) const MALFORMED_REQUEST: &str = "malformed_request";
/// The fault kind that uploads them slowly.
pub(crate) const SLOW_REQUEST: &str = "slow_request";
/// The fault kind that makes their texts longer.
pub(crate) const PROMPT_BLOAT: &str = "prompt_bloat";

/// The arguments of `malformed_request` and `slow_request`, as far as they matter here.
#[derive(Deserialize)]
struct OfStream {
    stream: String,
    share: f64,
    upload_ms: Option<(f64, f64)>,
}

/// What befalls a request of `stream` that has a body, at the first service that it comes to.
pub(super) fn hazards(scenario: &Scenario, stream: &Stream, seconds_per_minute: f64) -> Vec<Hazard> {
    let of = |fault: &Fault| {
        let trouble = trouble(fault, stream)?;
        Some(Hazard { stretch: Stretch::of(fault).times(seconds_per_minute), trouble })
    };
    scenario.faults.iter().filter_map(of).collect()
}

fn trouble(fault: &Fault, stream: &Stream) -> Option<Trouble> {
    if ![MALFORMED_REQUEST, SLOW_REQUEST].contains(&fault.kind.as_str()) {
        return None;
    }
    let OfStream { share, upload_ms, .. } =
        OfStream::deserialize(&fault.args).ok().filter(|args| args.stream == stream.name)?;
    match upload_ms {
        _ if fault.kind == MALFORMED_REQUEST => Some(Trouble::Broken { share, is_client_error: true }),
        Some((least, most)) => Some(Trouble::Slow { share, least: least / 1000.0, most: most / 1000.0 }),
        None => None,
    }
}
