//! The one place where the console reads the time.

use std::time::{SystemTime, UNIX_EPOCH};

use detect::UnixMs;

/// What "now" means to a console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// The system's clock.
    Live,
    /// It stands still: a finished run is looked at, and its last moment is "now".
    At(UnixMs),
}

impl Clock {
    pub(crate) fn now(self) -> UnixMs {
        match self {
            Self::Live => now(),
            Self::At(moment) => moment,
        }
    }
}

/// Now, by the system's clock: what comes in is stamped with it. Pages ask [`State::now`](crate::state::State::now).
pub(crate) fn now() -> UnixMs {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMs(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}
