//! Connection pools: who waits, how many connections there are, how many are gone.

use super::Seen;
use crate::admin::pools;
use crate::{FaultError, Target};

/// The most that waited at once since the fault.
pub(super) async fn waiters(target: &Target, pool: &str, at_least: u32) -> Result<Seen, FaultError> {
    let (_, stats) = pools::find(target, pool).await?;
    let most = stats.pending_max;
    Ok(Seen {
        holds: most >= u64::from(at_least),
        seen: format!("up to {most} waited for a connection of pool {pool}"),
    })
}

/// Its limit, now.
pub(super) async fn size(target: &Target, pool: &str, is: u32) -> Result<Seen, FaultError> {
    let (service, stats) = pools::find(target, pool).await?;
    let seen = format!("the limit of pool {pool} of {service} is {}", stats.max);
    Ok(Seen { holds: stats.max == u64::from(is), seen })
}

/// Connections that are held and not given back, now.
pub(super) async fn leaked(target: &Target, pool: &str, at_least: u32) -> Result<Seen, FaultError> {
    let (service, stats) = pools::find(target, pool).await?;
    let seen = format!("{} of {} connections of pool {pool} of {service} have leaked", stats.leaked, stats.max);
    Ok(Seen { holds: stats.leaked >= u64::from(at_least), seen })
}
