//! Fault filters of a service: how many requests they took.

use super::Seen;
use crate::admin::Admin;
use crate::{FaultError, Target};

/// Requests that the service's filters delayed or refused. Each filter counts from the moment it was put in.
pub(super) async fn hits(target: &Target, service: &str, at_least: u32) -> Result<Seen, FaultError> {
    let filters = Admin::of(target, service)?.list("faults").await?;
    let hits: u64 = filters.iter().filter_map(|filter| filter["hits"].as_u64()).sum();
    Ok(match filters.len() {
        0 => Seen { holds: false, seen: format!("{service} has no fault filter") },
        _ => Seen {
            holds: hits >= u64::from(at_least),
            seen: format!("requests to {service} that were delayed or refused: {hits}"),
        },
    })
}
