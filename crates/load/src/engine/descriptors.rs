//! Room for connections: each takes a file descriptor, and shells commonly allow a process 1,024.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Descriptors that everything but connections and threads may need.
const OTHERS: u64 = 128;
/// Those of an engine thread: its runtime's and its timer's.
const OF_A_THREAD: u64 = 8;

/// Raises this process's limit to the most that it may have, and says how many connections that leaves room for.
///
/// What is under way is bounded by it: an arrival for which there is no descriptor is the generator's fault, so it counts as
/// dropped and not as a target that can't be reached.
pub(super) fn room_for_connections(threads: usize) -> usize {
    let Ok((now, most)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return usize::MAX;
    };
    let raised = now < most && setrlimit(Resource::RLIMIT_NOFILE, most, most).is_ok();
    let limit = if raised { most } else { now };
    let others = OTHERS + OF_A_THREAD * threads as u64;
    usize::try_from(limit.saturating_sub(others)).unwrap_or(usize::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_raised_as_far_as_it_goes_and_never_lowered() {
        let (before, most) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
        let room = room_for_connections(1);
        let (after, _) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
        assert!(after >= before && after <= most);
        assert_eq!(room_for_connections(1), room, "once is enough");
        assert!(room as u64 <= after);
    }
}
