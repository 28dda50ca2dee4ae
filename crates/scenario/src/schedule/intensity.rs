//! The area under a rate curve and its inverse: after how many arrivals is it which minute?

use crate::Curve;

/// Arrivals expected since minute 0, as a function of the scenario minute that can be inverted.
#[derive(Debug, Clone)]
pub(crate) struct Intensity {
    pieces: Vec<Piece>,
    total: f64,
}

/// A stretch with a linear rate.
#[derive(Debug, Clone, Copy)]
struct Piece {
    from: f64,
    to: f64,
    /// Arrivals per scenario minute at `from`.
    rate: f64,
    /// Change of the rate per scenario minute.
    slope: f64,
    /// Arrivals expected before `from`.
    before: f64,
}

impl Intensity {
    /// Of `per_real_minute` over scenario minutes 0 to `minutes`, of which `speed` pass in a real one.
    pub(crate) fn new(per_real_minute: &Curve, minutes: f64, speed: f64) -> Self {
        let mut cuts = vec![0.0];
        cuts.extend(per_real_minute.points().iter().map(|p| p.0).filter(|m| *m > 0.0 && *m < minutes));
        cuts.push(minutes);
        cuts.dedup();
        let mut total = 0.0;
        let mut pieces = Vec::with_capacity(cuts.len());
        for pair in cuts.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let width = to - from;
            // A straight line is its middle and one end; the other end may be the far side of a step.
            let rate = per_real_minute.at(from) / speed;
            let middle = per_real_minute.at(from + width / 2.0) / speed;
            let area = middle * width;
            if area > 0.0 {
                pieces.push(Piece { from, to, rate, slope: 2.0 * (middle - rate) / width, before: total });
                total += area;
            }
        }
        Self { pieces, total }
    }

    /// Arrivals expected over the whole scenario.
    pub(crate) fn total(&self) -> f64 {
        self.total
    }

    /// The scenario minute by which `target` arrivals are expected; `None` beyond the end.
    ///
    /// `cursor` is where the last call ended: targets are asked for in rising order.
    pub(crate) fn minute_of(&self, target: f64, cursor: &mut usize) -> Option<f64> {
        if target >= self.total {
            return None;
        }
        while self.pieces.get(*cursor + 1).is_some_and(|next| next.before <= target) {
            *cursor += 1;
        }
        let piece = self.pieces.get(*cursor)?;
        let area = target - piece.before;
        // rate x + slope x^2 / 2 = area, in the form that does not cancel and allows a slope of 0.
        let root = (piece.rate * piece.rate + 2.0 * piece.slope * area).max(0.0).sqrt();
        let x = if area > 0.0 { 2.0 * area / (piece.rate + root) } else { 0.0 };
        Some((piece.from + x).min(piece.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_undoes_the_integral_on_ramps_steps_and_gaps() {
        let curve =
            Curve::new(vec![(1.0, 800.0), (10.0, 4200.0), (12.0, 4200.0), (12.0, 0.0), (15.0, 0.0), (20.0, 600.0)]);
        let curve = curve.expect("ordered");
        for speed in [1.0, 10.0] {
            let intensity = Intensity::new(&curve, 33.0, speed);
            assert!((intensity.total() - curve.integral(0.0, 33.0) / speed).abs() < 1e-6);
            let mut cursor = 0;
            for step in 0..10_000 {
                let target = intensity.total() * f64::from(step) / 10_000.0;
                let minute = intensity.minute_of(target, &mut cursor).expect("inside");
                assert!(
                    (curve.integral(0.0, minute) / speed - target).abs() < 1e-6,
                    "target {target}: minute {minute}"
                );
            }
        }
    }

    #[test]
    fn nothing_is_due_beyond_the_end_or_under_an_empty_curve() {
        let intensity = Intensity::new(&Curve::constant(60.0), 2.0, 1.0);
        assert_eq!(intensity.minute_of(120.0, &mut 0), None);
        assert_eq!(Intensity::new(&Curve::constant(0.0), 2.0, 1.0).minute_of(0.0, &mut 0), None);
    }
}
