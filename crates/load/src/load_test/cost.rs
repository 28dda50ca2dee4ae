//! What load costs the generator: the whole process's CPU time and memory.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use scenario::GeneratorCost;

/// Bytes in a unit of `ru_maxrss`.
const RSS_UNIT: u64 = if cfg!(target_os = "macos") { 1 } else { 1024 };

/// Since the process began. All 0 where the system does not say.
pub(super) fn so_far() -> GeneratorCost {
    getrusage(UsageWho::RUSAGE_SELF).map_or_else(
        |_| GeneratorCost::default(),
        |usage| GeneratorCost {
            user_cpu_seconds: usage.user_time().num_microseconds() as f64 / 1e6,
            system_cpu_seconds: usage.system_time().num_microseconds() as f64 / 1e6,
            peak_memory_bytes: u64::try_from(usage.max_rss()).unwrap_or(0) * RSS_UNIT,
        },
    )
}

/// From `earlier` to `later`; memory as of `later`.
pub(super) fn between(earlier: GeneratorCost, later: GeneratorCost) -> GeneratorCost {
    GeneratorCost {
        user_cpu_seconds: later.user_cpu_seconds - earlier.user_cpu_seconds,
        system_cpu_seconds: later.system_cpu_seconds - earlier.system_cpu_seconds,
        peak_memory_bytes: later.peak_memory_bytes,
    }
}
