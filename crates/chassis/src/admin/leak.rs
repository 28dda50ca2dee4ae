//! How many sessions are to be kept from a pool, over time.

use crate::input::{Field, Raw};

/// Most sessions of one pool: as many as the largest pool has.
const MAX_SESSIONS: i64 = 1_000;

/// Points in time with straight lines between, never falling. Nothing before the first, and the last for ever.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LeakCurve(Vec<Point>);

#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    unix_seconds: f64,
    sessions: u32,
}

impl LeakCurve {
    /// Whole sessions at a moment, rounded down.
    pub(super) fn at(&self, unix_seconds: f64) -> u32 {
        let passed = self.0.partition_point(|point| point.unix_seconds <= unix_seconds);
        let Some(before) = passed.checked_sub(1).map(|last| self.0[last]) else {
            return 0;
        };
        let Some(after) = self.0.get(passed) else {
            return before.sessions;
        };
        let way = (unix_seconds - before.unix_seconds) / (after.unix_seconds - before.unix_seconds);
        before.sessions + (f64::from(after.sessions - before.sessions) * way) as u32
    }
}

impl Field for LeakCurve {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let points = Vec::<Point>::read(raw)?;
        if points.is_empty() {
            return Err("must have at least one point [unix seconds, sessions]".to_owned());
        }
        for (index, pair) in points.windows(2).enumerate() {
            if pair[1].unix_seconds < pair[0].unix_seconds || pair[1].sessions < pair[0].sessions {
                return Err(format!("[{}] must not be before or below the point ahead of it", index + 1));
            }
        }
        Ok(Self(points))
    }
}

impl Field for Point {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let [at, sessions] = raw.array()? else {
            return Err("must be a point [unix seconds, sessions]".to_owned());
        };
        let unix_seconds = Raw::Json(at).decimal().map_err(|why| format!("{why} of Unix seconds"))?;
        let sessions = Raw::Json(sessions).integer()?;
        let in_range = (0..=MAX_SESSIONS).contains(&sessions).then(|| u32::try_from(sessions).ok()).flatten();
        let sessions = in_range.ok_or_else(|| format!("sessions must be from 0 to {MAX_SESSIONS}"))?;
        Ok(Self { unix_seconds, sessions })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sessions_rise_in_straight_lines_and_are_whole() {
        let curve = LeakCurve::read(Raw::Json(&json!([[100, 0], [140.0, 19], [150, 19], [150, 20]]))).unwrap();
        let table = [(99.9, 0), (100.0, 0), (102.1, 0), (102.2, 1), (120.0, 9), (139.9, 18), (140.0, 19), (149.9, 19)];
        for (at, sessions) in table.into_iter().chain([(150.0, 20), (1e9, 20)]) {
            assert_eq!(curve.at(at), sessions, "{at}");
        }
        let at_once = LeakCurve::read(Raw::Json(&json!([[100, 5]]))).unwrap();
        assert_eq!((at_once.at(99.0), at_once.at(100.0)), (0, 5));
    }

    #[test]
    fn a_curve_that_falls_or_has_no_points_is_refused() {
        let table = [
            (json!([]), "at least one point"),
            (json!(1), "must be an array"),
            (json!([[1]]), "[0] must be a point"),
            (json!([[1, 2, 3]]), "[0] must be a point"),
            (json!([[1, -1]]), "[0] sessions must be from 0 to 1000"),
            (json!([[1, 1001]]), "[0] sessions must be from 0 to 1000"),
            (json!([[1, 1.5]]), "[0] must be a whole number"),
            (json!([["1", 1]]), "[0] must be a number"),
            (json!([[2, 1], [1, 1]]), "[1] must not be before"),
            (json!([[1, 2], [2, 1]]), "[1] must not be before"),
        ];
        for (value, said) in table {
            let why = LeakCurve::read(Raw::Json(&value)).unwrap_err();
            assert!(why.contains(said), "{value}: {why}");
        }
    }
}
