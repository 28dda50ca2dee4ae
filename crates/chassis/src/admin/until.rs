//! When a change ends by itself.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::input::{Field, Raw};

/// How far ahead a change may end: twice the longest scenario, which is a day.
const MOST_AHEAD: Duration = Duration::from_secs(48 * 3600);

/// Unix time in seconds.
pub(super) fn unix_now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs_f64()
}

/// A moment that was ahead when it was read, in Unix seconds; decimals allowed.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(super) struct Until(f64);

impl Until {
    pub(super) fn has_passed(self) -> bool {
        unix_now() >= self.0
    }

    /// Zero once it has passed.
    pub(super) fn remaining(self) -> Duration {
        Duration::try_from_secs_f64(self.0 - unix_now()).unwrap_or(Duration::ZERO)
    }

    pub(super) const fn unix_seconds(self) -> f64 {
        self.0
    }

    #[cfg(test)]
    pub(super) fn within(seconds: f64) -> Self {
        Self(unix_now() + seconds)
    }
}

impl Field for Until {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let (at, now) = (raw.decimal()?, unix_now());
        if at <= now {
            return Err(format!("must lie ahead: Unix seconds after {now:.0}"));
        }
        if at > now + MOST_AHEAD.as_secs_f64() {
            return Err(format!("must lie at most {} hours ahead", MOST_AHEAD.as_secs() / 3600));
        }
        Ok(Self(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_moment_of_the_next_two_days_is_taken() {
        let read = |at: f64| Until::read(Raw::Text(&at.to_string()));
        let now = unix_now();
        assert!(read(now + 5.5).is_ok_and(|until| !until.has_passed() && until.remaining() > Duration::from_secs(5)));
        assert!(read(now - 1.0).unwrap_err().contains("must lie ahead"));
        assert!(read(now + 200_000.0).unwrap_err().contains("at most 48 hours"));
        for wrong in ["", "noon", "NaN", "inf"] {
            assert!(Until::read(Raw::Text(wrong)).is_err(), "{wrong}");
        }
        assert!(Until(now - 1.0).has_passed() && Until(now - 1.0).remaining().is_zero());
    }
}
