//! Requests that were changed on their way out.

use super::Seen;
use crate::admin::Admin;
use crate::kinds::CLIENTS;
use crate::{FaultError, Target};

/// Requests of a stream that were changed since the run began, with how many in which way.
pub(super) async fn changed(target: &Target, stream: &str, at_least: u32) -> Result<Seen, FaultError> {
    let streams = Admin::of(target, CLIENTS)?.list("tampering").await?;
    let Some(entry) = streams.iter().find(|entry| entry["stream"] == stream) else {
        return Ok(Seen { holds: false, seen: format!("no request of {stream} is changed on its way out") });
    };
    let changed = entry["changed"].as_u64().unwrap_or_default();
    let ways: Vec<String> =
        entry["by_way"].as_object().into_iter().flatten().map(|(way, count)| format!("{way} {count}")).collect();
    let ways = if ways.is_empty() { String::new() } else { format!(" ({})", ways.join(", ")) };
    Ok(Seen {
        holds: changed >= u64::from(at_least),
        seen: format!("requests of {stream} that were changed on their way out: {changed}{ways}"),
    })
}
