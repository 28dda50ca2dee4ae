//! A value over scenario minutes: points with straight lines between them, whatever form it was written in.

use serde::{Deserialize, Serialize};

/// Points `(minute, value)`, minutes not decreasing; two points at one minute are a step.
///
/// Before the first point the value is 0, after the last it stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "CurveText", into = "CurveText")]
pub struct Curve(Vec<(f64, f64)>);

/// A curve as it stands in a file: its points, one number for all minutes, values that hold until the next, or ramps one
/// after another. It is written as points.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum CurveText {
    Constant(f64),
    Points(Vec<(f64, f64)>),
    Steps { steps: Vec<(f64, f64)> },
    Ramps { start: f64, ramps: Vec<Ramp> },
}

/// A straight line from where the one before it ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ramp {
    /// Value at its end.
    pub to: f64,
    /// How long it takes; 0 is a step.
    pub minutes: f64,
}

impl From<Curve> for CurveText {
    fn from(curve: Curve) -> Self {
        Self::Points(curve.0)
    }
}

impl TryFrom<CurveText> for Curve {
    type Error = &'static str;

    fn try_from(text: CurveText) -> Result<Self, Self::Error> {
        match text {
            CurveText::Constant(value) => Self::new(vec![(0.0, value)]),
            CurveText::Points(points) => Self::new(points),
            CurveText::Steps { steps } => Self::steps(&steps),
            CurveText::Ramps { start, ramps } => Self::ramps(start, &ramps),
        }
        .ok_or("a curve needs finite points whose minutes do not decrease")
    }
}

impl Curve {
    /// A curve through `points`; `None` if there are none, one is not finite, or minutes decrease.
    pub fn new(points: Vec<(f64, f64)>) -> Option<Self> {
        let finite = points.iter().all(|(m, v)| m.is_finite() && v.is_finite());
        let ordered = points.windows(2).all(|w| w[0].0 <= w[1].0);
        (!points.is_empty() && finite && ordered).then_some(Self(points))
    }

    /// The same value at every minute from 0 on.
    pub fn constant(value: f64) -> Self {
        Self(vec![(0.0, value)])
    }

    /// Each value of `steps` (`(minute, value)`) from its minute until the next one's; `None` if there are none, one is not
    /// finite, or minutes decrease.
    pub fn steps(steps: &[(f64, f64)]) -> Option<Self> {
        let (first, others) = steps.split_first()?;
        let ends = others.iter().zip(steps).flat_map(|(step, before)| [(step.0, before.1), *step]);
        Self::new(std::iter::once(*first).chain(ends).collect())
    }

    /// From `start` at minute 0 along `ramps`, one after another, after which the last value stays; `None` if a number is
    /// not finite or a ramp takes less than no time.
    pub fn ramps(start: f64, ramps: &[Ramp]) -> Option<Self> {
        let mut minute = 0.0;
        let ends = ramps.iter().map(|ramp| {
            minute += ramp.minutes;
            (minute, ramp.to)
        });
        Self::new(std::iter::once((0.0, start)).chain(ends).collect())
    }

    /// With every value multiplied by `factor`, which is finite.
    #[must_use]
    pub fn scaled(mut self, factor: f64) -> Self {
        for (_, value) in &mut self.0 {
            *value *= factor;
        }
        self
    }

    /// The points `(minute, value)` it was made of.
    pub fn points(&self) -> &[(f64, f64)] {
        &self.0
    }

    /// The value at `minute`. At a step, the value after it.
    pub fn at(&self, minute: f64) -> f64 {
        self.between(self.0.partition_point(|&(m, _)| m <= minute), minute)
    }

    /// [`at`](Self::at) for minutes asked about in rising order: `passed` is where the last call ended, at first 0.
    pub(crate) fn at_or_after(&self, minute: f64, passed: &mut usize) -> f64 {
        while self.0.get(*passed).is_some_and(|&(m, _)| m <= minute) {
            *passed += 1;
        }
        self.between(*passed, minute)
    }

    /// The value at `minute`, which lies before the point at position `after` and not before the one in front of it.
    fn between(&self, after: usize, minute: f64) -> f64 {
        match (after.checked_sub(1).map(|i| self.0[i]), self.0.get(after)) {
            (None, _) => 0.0,
            (Some((_, value)), None) => value,
            (Some((m0, v0)), Some(&(m1, v1))) => v0 + (v1 - v0) * (minute - m0) / (m1 - m0),
        }
    }

    /// The area under the curve from `from` to `to`, in value x minutes; exact.
    pub fn integral(&self, from: f64, to: f64) -> f64 {
        let inner = self.0.iter().map(|p| p.0).filter(|m| *m > from && *m < to);
        let mut cuts: Vec<f64> = std::iter::once(from).chain(inner).collect();
        cuts.push(to);
        // Straight between two cuts, so the midpoint is the mean.
        cuts.windows(2).map(|w| self.at((w[0] + w[1]) / 2.0) * (w[1] - w[0])).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_zero_before_its_first_point_and_flat_after_its_last() {
        let curve = Curve::new(vec![(1.0, 800.0), (10.0, 4200.0)]).expect("ordered");
        let table = [(0.0, 0.0), (0.999, 0.0), (1.0, 800.0), (5.5, 2500.0), (10.0, 4200.0), (33.0, 4200.0)];
        for (minute, value) in table {
            assert!((curve.at(minute) - value).abs() < 1e-9, "at {minute}: {}", curve.at(minute));
        }
    }

    #[test]
    fn a_step_takes_the_value_after_it() {
        let curve = Curve::new(vec![(15.0, 520.0), (20.0, 820.0), (20.0, 1300.0)]).expect("ordered");
        assert_eq!(curve.at(20.0), 1300.0);
        assert!((curve.at(19.999) - 819.94).abs() < 0.01);
    }

    #[test]
    fn the_integral_is_exact_over_ramps_and_steps() {
        let curve = Curve::new(vec![(1.0, 800.0), (10.0, 4200.0)]).expect("ordered");
        assert!((curve.integral(0.0, 10.0) - 22_500.0).abs() < 1e-6);
        assert!((curve.integral(0.0, 12.0) - 30_900.0).abs() < 1e-6);
    }

    #[test]
    fn every_form_in_a_file_is_the_same_curve_as_its_points() {
        let table = [
            ("60", "[[0, 60]]"),
            (r#"{"steps": [[0, 1], [2, 5], [3, 0]]}"#, "[[0, 1], [2, 1], [2, 5], [3, 5], [3, 0]]"),
            (r#"{"steps": [[4, 7]]}"#, "[[4, 7]]"),
            (
                r#"{"start": 0, "ramps": [{"to": 200, "minutes": 0.5}, {"to": 200, "minutes": 1.5}, {"to": 9, "minutes": 0}]}"#,
                "[[0, 0], [0.5, 200], [2, 200], [2, 9]]",
            ),
            (r#"{"start": 3, "ramps": []}"#, "[[0, 3]]"),
        ];
        let read = |text: &str| serde_json::from_str::<Curve>(text).expect("a curve");
        for (form, points) in table {
            assert_eq!(read(form), read(points), "{form}");
            let written = serde_json::to_string(&read(form)).expect("serializable");
            assert_eq!(read(&written), read(form), "{form}");
        }
        for wrong in [
            r#"{"steps": []}"#,
            r#"{"steps": [[2, 1], [1, 1]]}"#,
            r#"{"start": 1, "ramps": [{"to": 1, "minutes": -1}]}"#,
        ] {
            assert!(serde_json::from_str::<Curve>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn steps_hold_until_the_next_one() {
        let curve = Curve::steps(&[(1.0, 10.0), (3.0, 20.0)]).expect("ordered");
        for (minute, value) in [(0.5, 0.0), (1.0, 10.0), (2.999, 10.0), (3.0, 20.0), (99.0, 20.0)] {
            assert_eq!(curve.at(minute), value, "at {minute}");
        }
        assert_eq!(curve.scaled(60.0).at(1.5), 600.0);
    }
}
