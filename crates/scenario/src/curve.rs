//! A value over scenario minutes: points with straight lines between them.

use serde::{Deserialize, Serialize};

/// Points `(minute, value)`, minutes not decreasing; two points at one minute are a step.
///
/// Before the first point the value is 0, after the last it stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "CurveText", into = "CurveText")]
pub struct Curve(Vec<(f64, f64)>);

/// A curve as it stands in a file: its points, or one number for all minutes.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum CurveText {
    Constant(f64),
    Points(Vec<(f64, f64)>),
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

    /// The points `(minute, value)` it was made of.
    pub fn points(&self) -> &[(f64, f64)] {
        &self.0
    }

    /// The value at `minute`. At a step, the value after it.
    pub fn at(&self, minute: f64) -> f64 {
        let after = self.0.partition_point(|&(m, _)| m <= minute);
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
}
