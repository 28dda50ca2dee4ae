//! From when until when.

use crate::Fault;

/// `[from, until)`, in scenario minutes or in seconds, as is said where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) from: f64,
    pub(crate) until: f64,
}

impl Stretch {
    /// As long as `fault` is in, in scenario minutes.
    pub(crate) fn of(fault: &Fault) -> Self {
        Self { from: fault.from, until: fault.until }
    }

    pub(crate) fn contains(self, at: f64) -> bool {
        self.from <= at && at < self.until
    }

    /// What both have in common, if anything.
    pub(crate) fn and(self, other: Self) -> Option<Self> {
        let common = Self { from: self.from.max(other.from), until: self.until.min(other.until) };
        (common.from < common.until).then_some(common)
    }

    /// `stretches` in order, those that overlap made one.
    pub(crate) fn merged(mut stretches: Vec<Self>) -> Vec<Self> {
        stretches.sort_by(|a, b| a.from.total_cmp(&b.from));
        let mut merged: Vec<Self> = Vec::with_capacity(stretches.len());
        for stretch in stretches {
            match merged.last_mut().filter(|before| stretch.from < before.until) {
                Some(before) => before.until = before.until.max(stretch.until),
                None => merged.push(stretch),
            }
        }
        merged
    }

    /// In another unit, of which `factor` are one of this.
    pub(crate) fn times(self, factor: f64) -> Self {
        Self { from: self.from * factor, until: self.until * factor }
    }
}
