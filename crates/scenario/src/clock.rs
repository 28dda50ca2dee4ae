//! Scenario minutes out of Unix time: the only coordination there is between processes.

use serde::{Deserialize, Serialize};

/// When minute 0 was, and how many scenario minutes pass in a real one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// Unix time of scenario minute 0, in seconds; fractions are allowed.
    pub start_unix: f64,
    /// Scenario minutes per real minute, over 0. Rates, timeouts and service times do not change with it.
    pub speed: f64,
}

/// Why `DEMO_START_TIMESTAMP` or `DEMO_SPEED` can't be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ClockError {
    /// The timestamp is not a number of seconds.
    #[error("DEMO_START_TIMESTAMP is {0:?}: give Unix seconds, such as the output of `date +%s`")]
    Timestamp(String),
    /// The speed is not a number over 0.
    #[error("DEMO_SPEED is {0:?}: give a number over 0, such as 1 or 10")]
    Speed(String),
}

impl Clock {
    /// From the values of `DEMO_MODE`, `DEMO_START_TIMESTAMP` and `DEMO_SPEED`.
    ///
    /// `Ok(None)` where nothing is to happen: the mode is absent, empty or `off`, or there is no timestamp.
    pub fn from_vars(
        mode: Option<&str>,
        timestamp: Option<&str>,
        speed: Option<&str>,
    ) -> Result<Option<Self>, ClockError> {
        let Some(timestamp) = timestamp.map(str::trim).filter(|t| !t.is_empty()) else {
            return Ok(None);
        };
        if matches!(mode.map(str::trim), None | Some("" | "off" | "normal")) {
            return Ok(None);
        }
        let positive = |text: &str| text.parse::<f64>().ok().filter(|v| v.is_finite() && *v > 0.0);
        let start_unix = positive(timestamp).ok_or_else(|| ClockError::Timestamp(timestamp.to_owned()))?;
        let speed = match speed.map(str::trim).filter(|s| !s.is_empty()) {
            None => 1.0,
            Some(text) => positive(text).ok_or_else(|| ClockError::Speed(text.to_owned()))?,
        };
        Ok(Some(Self { start_unix, speed }))
    }

    /// The scenario minute at `unix` seconds; negative before the start.
    pub fn minute_at(&self, unix: f64) -> f64 {
        (unix - self.start_unix) / 60.0 * self.speed
    }

    /// The Unix time of scenario minute `minute`, in seconds.
    pub fn unix_at(&self, minute: f64) -> f64 {
        self.start_unix + self.real_seconds(minute)
    }

    /// How many real seconds `minutes` scenario minutes last.
    pub fn real_seconds(&self, minutes: f64) -> f64 {
        minutes * 60.0 / self.speed
    }

    /// How many scenario minutes pass in `seconds` real seconds.
    pub fn minutes_in(&self, seconds: f64) -> f64 {
        seconds / 60.0 * self.speed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_follow_from_the_timestamp_and_the_speed_alone() {
        let table =
            [(1.0, 1000.0, 0.0), (1.0, 1060.0, 1.0), (10.0, 1006.0, 1.0), (1.0, 940.0, -1.0), (5.0, 1132.0, 11.0)];
        for (speed, now, minute) in table {
            let clock = Clock { start_unix: 1000.0, speed };
            assert!((clock.minute_at(now) - minute).abs() < 1e-9);
            assert!((clock.unix_at(minute) - now).abs() < 1e-9);
        }
    }

    #[test]
    fn nothing_happens_without_a_timestamp_or_when_off() {
        assert_eq!(Clock::from_vars(Some("off"), Some("1000"), None), Ok(None));
        assert_eq!(Clock::from_vars(None, Some("1000"), None), Ok(None));
        assert_eq!(Clock::from_vars(Some("blackfriday"), None, None), Ok(None));
        assert_eq!(Clock::from_vars(Some("blackfriday"), Some(""), None), Ok(None));
    }

    #[test]
    fn a_wrong_timestamp_or_speed_is_named() {
        assert!(matches!(Clock::from_vars(Some("on"), Some("noon"), None), Err(ClockError::Timestamp(_))));
        assert!(matches!(Clock::from_vars(Some("on"), Some("1000"), Some("0")), Err(ClockError::Speed(_))));
    }
}
