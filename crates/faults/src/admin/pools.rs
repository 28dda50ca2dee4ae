//! Connection pools: which service has which, and how they are.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde::Deserialize;

use crate::{FaultError, Target};

use super::Admin;

const STATS: [&str; 2] = ["admin", "pool-stats"];
/// Where their peaks are forgotten.
const PEAKS: [&str; 3] = ["admin", "pool-stats", "peaks"];

/// What matters of a pool here, as its service reports it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PoolStats {
    pub(crate) name: String,
    /// Most connections that it may have, now.
    pub(crate) max: u64,
    /// Most connections that it has by the service's configuration; a service that can't resize does not say.
    pub(crate) configured: Option<u64>,
    /// Most that waited at once since the figure was reset.
    pub(crate) pending_max: u64,
    /// Connections that are held and never given back, now.
    #[serde(default)]
    pub(crate) leaked: u64,
}

#[derive(Deserialize)]
struct Answer {
    pools: Vec<PoolStats>,
}

/// The pools of a service; none where it has no such endpoint.
async fn of(admin: &Admin<'_>) -> Result<Vec<PoolStats>, FaultError> {
    let answer = match admin.get(&STATS).await {
        Err(FaultError::Status { status: 404, .. }) => return Ok(Vec::new()),
        answered => answered?,
    };
    let read = Answer::deserialize(answer);
    let wrong =
        |error: serde_json::Error| FaultError::Answer { url: admin.url(&STATS).into(), reason: error.to_string() };
    read.map(|answer| answer.pools).map_err(wrong)
}

/// The pool `name` of one service.
pub(crate) async fn in_service(admin: &Admin<'_>, name: &str) -> Result<Option<PoolStats>, FaultError> {
    Ok(of(admin).await?.into_iter().find(|pool| pool.name == name))
}

/// The service that has the pool `name`, and how it is now. All services are asked at once; the first that has it is believed.
///
/// # Errors
/// [`FaultError::Refused`] where all answered and none has it; else the error of one that did not answer.
pub(crate) async fn find<'a>(target: &'a Target, name: &str) -> Result<(&'a str, PoolStats), FaultError> {
    let mut asked: FuturesUnordered<_> =
        target.services().map(|(service, _)| async move { (service, ask(target, service).await) }).collect();
    let (mut known, mut silent) = (Vec::new(), None);
    while let Some((service, answered)) = asked.next().await {
        match answered {
            Ok(pools) => {
                known.extend(pools.iter().map(|pool| format!("{} ({service})", pool.name)));
                if let Some(found) = pools.into_iter().find(|pool| pool.name == name) {
                    return Ok((service, found));
                }
            }
            Err(error) => silent = silent.or(Some(error)),
        }
    }
    known.sort();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Err(silent.unwrap_or_else(|| FaultError::refused(format!("no service has a pool {name}; known are {known}"))))
}

async fn ask(target: &Target, service: &str) -> Result<Vec<PoolStats>, FaultError> {
    of(&Admin::of(target, service)?).await
}

/// Makes the peaks of the pool's service count from now on.
pub(crate) async fn reset(target: &Target, name: &str) -> Result<(), FaultError> {
    let (service, _) = find(target, name).await?;
    Admin::of(target, service)?.delete(&PEAKS).await.map(|_| ())
}
