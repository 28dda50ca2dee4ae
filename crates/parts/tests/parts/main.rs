//! Real processes, real servers: that they start, that their end is noticed, that they die with this process.
mod child;
mod orphans;
mod postgres;
mod redis;

use std::time::{Duration, Instant};

/// Polls until `done`, and says what was `wanted` if it does not come within `bound`.
async fn until(bound: Duration, wanted: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + bound;
    while !done() {
        assert!(Instant::now() < deadline, "not within {bound:?}: {wanted}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Whether a process runs (one that has ended and was not reaped does not).
fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}
