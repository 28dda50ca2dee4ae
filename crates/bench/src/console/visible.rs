//! How long after it was sent a trace can be looked at.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;

use super::batches::single;
use super::http::Connection;
use super::random::scramble;
use super::run::now_ns;
use super::subject::Subject;

/// After this it counts as lost.
const LOST_AFTER: Duration = Duration::from_secs(30);
/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// Sends a trace of its own and asks for it by its id until it is there; milliseconds from before it was sent.
///
/// # Errors
/// If it is not taken, or is not there within 30 s.
pub(super) fn once(console: &Subject, number: u64) -> anyhow::Result<f64> {
    let now = now_ns();
    let trace = u128::from(now) << 64 | u128::from(scramble(number + 1));
    let path = format!("/api/traces/{trace:032x}");
    let mut pages = console.pages();
    let mut otlp = Connection::new(console.ports.http);
    let began = Instant::now();
    let mut answer = otlp.post("/v1/traces", None, &single(trace, now))?;
    while answer.status == 429 && began.elapsed() < LOST_AFTER {
        thread::sleep(LOOK_EVERY);
        answer = otlp.post("/v1/traces", None, &single(trace, now))?;
    }
    if answer.status != 200 || !answer.body.is_empty() {
        bail!("a marked trace was not taken: status {}", answer.status);
    }
    while pages.get(&path)?.status != 200 {
        if began.elapsed() > LOST_AFTER {
            bail!("a marked trace is not there {} s after it was taken", LOST_AFTER.as_secs());
        }
        thread::sleep(LOOK_EVERY);
    }
    Ok(began.elapsed().as_secs_f64() * 1000.0)
}
