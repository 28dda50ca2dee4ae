//! The parts that a journey passes, in order, and who gives up when: what the tables of the worlds are made of.

use super::{inbox, shop};
use crate::World;

/// One call on a journey's way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    pub(super) service: &'static str,
    /// A path as it is called: faults name prefixes of it.
    pub(super) path: &'static str,
    /// After how many seconds the caller gives up.
    pub(super) bound: f64,
    /// The pool that its statements wait for.
    pub(super) pool: Option<&'static str>,
    /// Tables that its statements read.
    pub(super) reads: &'static [&'static str],
    /// Tables that they write.
    pub(super) writes: &'static [&'static str],
    /// Whether it needs Redis.
    pub(super) needs_redis: bool,
    /// With which failures of it the journey goes on.
    pub(super) forgives: Forgives,
    /// Whether the service before makes it while its own caller waits, whose bound runs on.
    pub(super) is_nested: bool,
    /// Whether only the canary cohort makes it.
    pub(super) is_canary: bool,
}

/// Which failures of a call its caller does without an answer for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forgives {
    Nothing,
    /// No answer, or a server's error (5xx). A client's error (4xx) is passed on.
    Unavailability,
    Everything,
}

/// The requests of `journey` in `world`, one after another, each with the calls that answering it takes; none for one that is
/// not known.
pub(super) fn requests(world: World, journey: &str) -> &'static [&'static [Call]] {
    match world {
        World::Shop => shop::requests(journey),
        World::Inbox => inbox::requests(journey),
    }
}

pub(super) const fn call(service: &'static str, path: &'static str, bound: f64) -> Call {
    Call {
        service,
        path,
        bound,
        pool: None,
        reads: &[],
        writes: &[],
        needs_redis: false,
        forgives: Forgives::Nothing,
        is_nested: false,
        is_canary: false,
    }
}

/// After so many seconds the database ends a statement that waits for a lock: the shop's `statement_timeout`.
pub(crate) const STATEMENT_TIMEOUT: f64 = 10.0;
