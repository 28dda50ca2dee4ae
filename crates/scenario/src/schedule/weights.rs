//! Which journey an arrival takes.

use indexmap::IndexMap;

use crate::Curve;

/// The weights of a stream's journeys, asked for in order of time.
#[derive(Debug, Clone)]
pub(super) enum Weights {
    /// There is no choice.
    One,
    /// The same at every minute from 0 on.
    Constant { values: Box<[f64]>, total: f64 },
    /// Some change.
    Changing { weights: Box<[Weight]>, values: Box<[f64]> },
}

/// One weight, and how many of its points have been passed.
#[derive(Debug, Clone)]
pub(super) struct Weight {
    curve: Curve,
    passed: usize,
}

impl Weights {
    pub(super) fn new(journeys: &IndexMap<String, Curve>) -> Self {
        let constant = |curve: &Curve| match curve.points() {
            [(minute, value)] if *minute <= 0.0 => Some(*value),
            _ => None,
        };
        if journeys.len() < 2 {
            Self::One
        } else if let Some(values) = journeys.values().map(constant).collect::<Option<Box<[f64]>>>() {
            Self::Constant { total: values.iter().sum(), values }
        } else {
            let weights = journeys.values().map(|curve| Weight { curve: curve.clone(), passed: 0 }).collect();
            Self::Changing { weights, values: vec![0.0; journeys.len()].into() }
        }
    }

    /// The position of the journey at `minute`, not before the last one asked about, for a `draw` in (0, 1].
    #[inline]
    pub(super) fn journey(&mut self, minute: f64, draw: impl FnOnce() -> f64) -> usize {
        match self {
            Self::One => 0,
            Self::Constant { values, total } => position(values, draw() * *total),
            Self::Changing { weights, values } => {
                let mut total = 0.0;
                for (weight, value) in weights.iter_mut().zip(values.iter_mut()) {
                    *value = weight.curve.at_or_after(minute, &mut weight.passed);
                    total += *value;
                }
                position(values, draw() * total)
            }
        }
    }
}

/// Where the running sum of `weights` reaches `left`; the last where rounding left it short.
///
/// Counted rather than searched for: which journey it will be can't be predicted, and a branch that is guessed wrong
/// costs more than the rest of the loop. Weights are never negative, so what is left only shrinks.
fn position(weights: &[f64], mut left: f64) -> usize {
    let mut passed = 0;
    for weight in weights {
        left -= weight;
        passed += usize::from(left > 0.0);
    }
    passed.min(weights.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(curves: &[&[(f64, f64)]]) -> (Weights, Vec<Curve>) {
        let curves: Vec<Curve> = curves.iter().map(|points| Curve::new(points.to_vec()).expect("ordered")).collect();
        let named = curves.iter().enumerate().map(|(n, curve)| (n.to_string(), curve.clone())).collect();
        (Weights::new(&named), curves)
    }

    /// As it is defined, without anything that makes it fast.
    fn reference(curves: &[Curve], minute: f64, draw: f64) -> usize {
        let mut left = draw * curves.iter().map(|weight| weight.at(minute)).sum::<f64>();
        for (position, weight) in curves.iter().enumerate() {
            left -= weight.at(minute);
            if left <= 0.0 {
                return position;
            }
        }
        curves.len() - 1
    }

    #[test]
    fn constant_and_changing_weights_choose_as_defined() {
        let tables: [&[&[(f64, f64)]]; 4] = [
            &[&[(0.0, 3.0)]],
            &[&[(0.0, 60.0)], &[(0.0, 25.0)], &[(0.0, 0.0)], &[(0.0, 15.0)]],
            &[&[(0.0, 1.0), (5.0, 1.0), (5.0, 0.0)], &[(0.0, 0.0), (5.0, 0.0), (5.0, 1.0)]],
            &[&[(1.0, 1.0)], &[(0.0, 0.5), (3.0, 7.0), (8.0, 0.0)], &[(0.0, 2.0)]],
        ];
        for table in tables {
            let (mut weights, curves) = weights(table);
            for step in 0..5000_u32 {
                let minute = f64::from(step) / 500.0;
                let draw = f64::from(step * 7919 % 5000 + 1) / 5000.0;
                assert_eq!(weights.journey(minute, || draw), reference(&curves, minute, draw), "{minute} {draw}");
            }
        }
    }
}
