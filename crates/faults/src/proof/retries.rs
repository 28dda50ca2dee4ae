//! Requests that clients sent again.

use super::Seen;
use crate::admin::Admin;
use crate::kinds::CLIENTS;
use crate::{FaultError, Target};

/// Failed requests of a stream that were sent again since the run began.
pub(super) async fn sent(target: &Target, stream: &str, at_least: u32) -> Result<Seen, FaultError> {
    let streams = Admin::of(target, CLIENTS)?.list("retries").await?;
    let sent = streams.iter().find(|entry| entry["stream"] == stream).and_then(|entry| entry["sent"].as_u64());
    Ok(match sent {
        None => Seen { holds: false, seen: format!("clients of {stream} send nothing again") },
        Some(sent) => Seen {
            holds: sent >= u64::from(at_least),
            seen: format!("failed requests that clients of {stream} sent again: {sent}"),
        },
    })
}
