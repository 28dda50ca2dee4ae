//! How the play goes: what the demo stream is like at each minute, and numbers that look like chance and are not.

/// The play's length, in scenario minutes.
pub(crate) const MINUTES: f64 = 33.0;

/// Where the play lies in time.
pub(crate) struct Course {
    /// Minute 0, Unix seconds.
    pub(crate) start: f64,
    /// Scenario minutes per real minute.
    pub(crate) speed: f64,
}

/// The demo stream at a moment.
pub(crate) struct Demo {
    /// Arrivals per minute.
    pub(crate) rate: f64,
    /// Share of errors, 0 to 1.
    pub(crate) error_rate: f64,
    /// 19 of 20 are faster, in milliseconds.
    pub(crate) p95_ms: f64,
}

impl Demo {
    /// Whether the index is gone.
    pub(crate) fn is_slow(&self) -> bool {
        self.error_rate > 0.0
    }
}

impl Course {
    pub(crate) fn minute(&self, at: f64) -> f64 {
        (at - self.start) / 60.0 * self.speed
    }

    pub(crate) fn demo(&self, at: f64) -> Demo {
        let (rate, error_rate, p95_ms) = demo_at(self.minute(at));
        Demo { rate, error_rate, p95_ms }
    }
}

/// Arrivals per minute, share of errors, p95 in milliseconds of the demo stream at a minute.
pub(crate) fn demo_at(minute: f64) -> (f64, f64, f64) {
    let rate = if minute < 1.0 { 0.0 } else { (800.0 + (minute - 1.0) / 9.0 * 3400.0).min(4200.0) };
    match minute {
        m if m < 15.0 => (rate, 0.0, 45.0),
        m if m < 20.0 => (rate, 0.46 + (m - 15.0) * 0.038, 2650.0 + (m - 15.0) * 60.0),
        m if m < 30.0 => (rate, 0.78, 3450.0),
        _ => (rate, 0.0, 45.0),
    }
}

/// A number between 0 and 1 that is the same for the same `n`.
pub(crate) fn chance(n: u64) -> f64 {
    let mut x = n.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x >> 11) as f64) / (1u64 << 53) as f64
}
