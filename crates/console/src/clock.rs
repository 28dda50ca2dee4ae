//! The one place where the console reads the time.

use std::time::{SystemTime, UNIX_EPOCH};

use detect::UnixMs;

/// Now, by the system's clock: spans are stamped with it too.
pub(crate) fn now() -> UnixMs {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMs(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}
