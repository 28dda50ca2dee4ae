//! The scenario minute: with a feature flag, all that a service knows of being on a stage.
//!
//! It arrives as configuration. Nothing here waits, fails or slows anything down; the minute is written on spans.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// When minute 0 was, how fast minutes pass, and which phase begins at which minute.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoClock {
    start_unix_seconds: f64,
    speed: f64,
    phases: Vec<(String, f64)>,
}

/// A variable of the clock that can't be used; each names itself and what to write instead.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ClockMistake {
    /// Not a number of seconds.
    #[error("DEMO_START_TIMESTAMP is {0:?}; give Unix seconds, such as the output of `date +%s`")]
    Timestamp(String),
    /// Not a number over 0.
    #[error("DEMO_SPEED is {0:?}; give a number over 0, such as 1 or 10")]
    Speed(String),
    /// Not a list of `name:minute` with rising minutes.
    #[error("DEMO_PHASES is {0:?}; give phases with rising minutes, such as `ramp:0,peak:10`")]
    Phases(String),
}

impl DemoClock {
    /// From the values of `DEMO_MODE`, `DEMO_START_TIMESTAMP`, `DEMO_SPEED` and `DEMO_PHASES`.
    ///
    /// `Ok(None)` where the mode is absent, empty, `off` or `normal`, or there is no timestamp: then there is no
    /// scenario. The values are checked even so, because a wrong one is never meant.
    pub fn from_vars(
        mode: Option<&str>,
        timestamp: Option<&str>,
        speed: Option<&str>,
        phases: Option<&str>,
    ) -> Result<Option<Self>, Vec<ClockMistake>> {
        let given = |value: Option<&str>| value.map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned);
        let mut mistakes = Vec::new();
        let start_unix_seconds = given(timestamp).map(|text| {
            positive(&text).unwrap_or_else(|| {
                mistakes.push(ClockMistake::Timestamp(text));
                0.0
            })
        });
        let speed = given(speed).map_or(1.0, |text| {
            positive(&text).unwrap_or_else(|| {
                mistakes.push(ClockMistake::Speed(text));
                1.0
            })
        });
        let phases = given(phases).map_or_else(Vec::new, |text| {
            parse_phases(&text).unwrap_or_else(|| {
                mistakes.push(ClockMistake::Phases(text));
                Vec::new()
            })
        });
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let on = !matches!(mode.map(str::trim), None | Some("" | "off" | "normal"));
        Ok(start_unix_seconds.filter(|_| on).map(|start_unix_seconds| Self { start_unix_seconds, speed, phases }))
    }

    /// The moment `now` on the scenario's time line.
    pub fn at(&self, now: SystemTime) -> DemoMoment {
        let unix = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs_f64();
        let minute = (unix - self.start_unix_seconds) / 60.0 * self.speed;
        let phase = self.phases.iter().rev().find(|(_, from)| *from <= minute).map(|(name, _)| name.clone());
        DemoMoment { minute, phase }
    }
}

/// A moment of the scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoMoment {
    /// Scenario minute; negative before the start.
    pub minute: f64,
    /// The phase it lies in; `None` before the first one.
    pub phase: Option<String>,
}

impl DemoMoment {
    /// The minute as it is shown: whole, rounded down.
    pub fn whole_minute(&self) -> i64 {
        self.minute.floor() as i64
    }
}

fn positive(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|value| value.is_finite() && *value > 0.0)
}

fn parse_phases(text: &str) -> Option<Vec<(String, f64)>> {
    let phases: Vec<(String, f64)> = text
        .split(',')
        .map(|part| {
            let (name, from) = part.trim().split_once(':')?;
            let from = from.trim().parse::<f64>().ok().filter(|m| m.is_finite() && *m >= 0.0)?;
            (!name.trim().is_empty()).then(|| (name.trim().to_owned(), from))
        })
        .collect::<Option<_>>()?;
    phases.windows(2).all(|pair| pair[0].1 < pair[1].1).then_some(phases)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unix(seconds: f64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs_f64(seconds)
    }

    fn clock(speed: &str, phases: &str) -> DemoClock {
        DemoClock::from_vars(Some("black-friday"), Some("1000.5"), Some(speed), Some(phases)).unwrap().unwrap()
    }

    #[test]
    fn minute_and_phase_follow_from_the_timestamp_and_the_speed_alone() {
        let table = [
            ("1", 940.5, -1.0, None),
            ("1", 1000.5, 0.0, Some("ramp")),
            ("1", 1600.5, 10.0, Some("peak")),
            ("10", 1006.5, 1.0, Some("ramp")),
            ("10", 1090.5, 15.0, Some("degradation")),
            ("0.5", 1120.5, 1.0, Some("ramp")),
        ];
        for (speed, now, minute, phase) in table {
            let moment = clock(speed, "ramp:0, peak:10,degradation:15").at(unix(now));
            assert!((moment.minute - minute).abs() < 1e-6, "{speed} {now}: {}", moment.minute);
            assert_eq!(moment.phase.as_deref(), phase, "{speed} {now}");
        }
        assert_eq!(clock("1", "").at(unix(999.5)).whole_minute(), -1);
    }

    #[test]
    fn there_is_no_clock_without_a_mode_or_a_timestamp() {
        for (mode, timestamp) in
            [(None, Some("1000")), (Some("off"), Some("1000")), (Some("normal"), Some("1")), (Some("x"), None)]
        {
            assert_eq!(DemoClock::from_vars(mode, timestamp, None, None), Ok(None));
        }
    }

    #[test]
    fn all_wrong_values_are_named_at_once() {
        let mistakes = DemoClock::from_vars(Some("x"), Some("noon"), Some("0"), Some("peak:10,ramp:0")).unwrap_err();
        assert_eq!(
            mistakes,
            [
                ClockMistake::Timestamp("noon".into()),
                ClockMistake::Speed("0".into()),
                ClockMistake::Phases("peak:10,ramp:0".into()),
            ]
        );
        for wrong in ["ramp", ":1", "a:x", "a:1,a:1", "a:-1", ","] {
            assert!(DemoClock::from_vars(None, None, None, Some(wrong)).is_err(), "{wrong}");
        }
    }
}
