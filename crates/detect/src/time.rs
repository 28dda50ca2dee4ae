//! Time as a parameter: moments, and how the durations of a monitor shrink with the speed of a run.

use std::time::Duration;

/// The shortest window that still holds enough samples to say something, in real time.
const SHORTEST_WINDOW: Duration = Duration::from_secs(5);

/// A moment: milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMs(pub u64);

impl UnixMs {
    /// How long after `earlier` this is; zero if it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// This moment moved back, no further than the epoch.
    pub fn back(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(by.as_millis()).unwrap_or(u64::MAX)))
    }
}

/// How many times faster than the monitors' own durations time runs: at 10, "for 30 s" means 3 s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeScale(f64);

impl TimeScale {
    /// Durations as written.
    pub const REAL: Self = Self(1.0);

    /// `None` unless `speed` is a positive, finite number.
    pub fn new(speed: f64) -> Option<Self> {
        (speed.is_finite() && speed > 0.0).then_some(Self(speed))
    }

    /// A duration that something must last: shrinks without a floor.
    pub fn hold(self, written: Duration) -> Duration {
        Duration::from_secs_f64(written.as_secs_f64() / self.0)
    }

    /// A window to measure over: shrinks down to five seconds, never below (unless it was written shorter).
    pub fn window(self, written: Duration) -> Duration {
        self.hold(written).max(written.min(SHORTEST_WINDOW))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_shrink_without_a_floor_and_windows_stop_at_five_seconds() {
        let cases = [(1.0, 30_000, 30_000), (5.0, 6_000, 6_000), (10.0, 3_000, 5_000), (60.0, 500, 5_000)];
        for (speed, hold_ms, window_ms) in cases {
            let scale = TimeScale::new(speed).unwrap();
            let written = Duration::from_secs(30);
            assert_eq!(scale.hold(written), Duration::from_millis(hold_ms), "hold at {speed}");
            assert_eq!(scale.window(written), Duration::from_millis(window_ms), "window at {speed}");
        }
    }

    #[test]
    fn a_window_written_below_the_floor_is_left_alone() {
        assert_eq!(TimeScale::new(10.0).unwrap().window(Duration::from_secs(2)), Duration::from_secs(2));
    }

    #[test]
    fn a_speed_that_is_no_speed_is_refused() {
        for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(TimeScale::new(speed), None);
        }
    }
}
