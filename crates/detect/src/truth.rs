//! Whether a condition holds, in three values: yes, no, and "nobody can tell from what came".

use crate::monitor::{Bounds, Direction, Threshold, When};
use crate::signal::Sample;

/// What a condition is judged by.
pub(crate) struct Facts<'a> {
    /// The sample for each threshold, in the order [`When::each_threshold`] visits them.
    pub(crate) samples: &'a [Option<&'a Sample>],
    /// The limits of each threshold, in the same order; `None` while they are not known.
    pub(crate) limits: &'a [Option<Bounds>],
    /// Whether the monitor named so fires, for the group in question.
    pub(crate) fires: &'a dyn Fn(&str) -> bool,
    /// Whether the monitor that asks is firing: then thresholds recover instead of fire.
    pub(crate) firing: bool,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Finding {
    /// `None` without data.
    pub(crate) holds: Option<bool>,
    /// The reading that speaks for it: of the first threshold that holds, else of the first with a value.
    pub(crate) reading: Option<Reading>,
}

/// A value beside its limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reading {
    /// As measured.
    pub(crate) value: f64,
    /// The limit it was compared with.
    pub(crate) limit: f64,
    /// Which threshold of the condition, counted as [`When::each_threshold`] visits them.
    pub(crate) threshold: usize,
}

/// Judges `when` by `facts`.
pub(crate) fn judge(when: &When, facts: &Facts<'_>) -> Finding {
    let mut judge = Judge { facts, next: 0, holding: None, first: None };
    let holds = judge.visit(when);
    Finding { holds, reading: judge.holding.or(judge.first) }
}

struct Judge<'a> {
    facts: &'a Facts<'a>,
    next: usize,
    holding: Option<Reading>,
    first: Option<Reading>,
}

impl Judge<'_> {
    fn visit(&mut self, when: &When) -> Option<bool> {
        match when {
            When::Threshold(threshold) => self.threshold(threshold),
            When::Monitor(key) => Some((self.facts.fires)(key)),
            When::Not(inner) => self.visit(inner).map(|holds| !holds),
            // Every part is visited, so that the numbering of thresholds stays in step.
            When::All(parts) => {
                let found: Vec<_> = parts.iter().map(|part| self.visit(part)).collect();
                combine(&found, false)
            }
            When::Any(parts) => {
                let found: Vec<_> = parts.iter().map(|part| self.visit(part)).collect();
                combine(&found, true)
            }
        }
    }

    fn threshold(&mut self, threshold: &Threshold) -> Option<bool> {
        let index = self.next;
        self.next += 1;
        let sample = self.facts.samples.get(index).copied().flatten()?;
        if sample.count < threshold.min_samples {
            return None;
        }
        let value = sample.value?;
        let bounds = self.facts.limits.get(index).copied().flatten()?;
        let limit = if self.facts.firing { bounds.recover } else { bounds.fire };
        let holds = match threshold.direction {
            Direction::Above => value > limit,
            Direction::Below => value < limit,
        };
        let reading = Reading { value, limit: bounds.fire, threshold: index };
        self.first.get_or_insert(reading);
        if holds {
            self.holding.get_or_insert(reading);
        }
        Some(holds)
    }
}

/// `decisive` settles it whatever the others say; an unknown beside only undecisive ones stays unknown.
fn combine(found: &[Option<bool>], decisive: bool) -> Option<bool> {
    if found.contains(&Some(decisive)) {
        Some(decisive)
    } else if found.contains(&None) {
        None
    } else {
        Some(!decisive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YES: Option<bool> = Some(true);
    const NO: Option<bool> = Some(false);

    #[test]
    fn unknown_parts_leave_all_and_any_unknown_unless_another_part_decides() {
        type Case = (&'static [Option<bool>], Option<bool>, Option<bool>);
        let cases: [Case; 5] = [
            (&[YES, YES], YES, YES),
            (&[YES, NO], NO, YES),
            (&[YES, None], None, YES),
            (&[NO, None], NO, None),
            (&[None, None], None, None),
        ];
        for (parts, all, any) in cases {
            assert_eq!(combine(parts, false), all, "all of {parts:?}");
            assert_eq!(combine(parts, true), any, "any of {parts:?}");
        }
    }
}
