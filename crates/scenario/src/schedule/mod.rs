//! Who arrives when: the seeded request sequence of a scenario, as a pure function of file, seed and speed.
//!
//! [`Schedule`] merges all streams, [`arrivals`] gives one. The load engine executes the sequence, [`crate::predict`]
//! simulates a queue over it, and its digest stands in the run's record.
//!
//! Arrivals are due where the area under the rate curve reaches a target. Targets are `k + 0.5` with uniform spacing,
//! and a running sum of unit exponentials with Poisson spacing: inverting the area turns that unit-rate process into
//! one whose intensity is exactly the curve, with no thinning. Randomness is counter-based: arrival `i` draws from
//! `(seed, stream, i)` and from nothing else, so worker `k` of `n` owns the arrivals with `i mod n = k` by walking the
//! same targets (about 20 ns for an arrival of somebody else, nothing with uniform spacing), and no worker needs to hear
//! of another.
mod arrivals;
mod digest;
mod intensity;
mod merged;
#[cfg(test)]
mod properties;
mod random;
#[cfg(test)]
mod tests;
mod weights;

pub use arrivals::{Arrival, Arrivals, PRODUCTS, USERS, arrivals};
pub use merged::Schedule;
pub(crate) use random::Random;
pub use random::mix;
