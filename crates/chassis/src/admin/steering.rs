//! A pool, and what is changed about it until a moment or until it is taken back.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use telemetry::sql::{Leak, Pool};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::leak::LeakCurve;
use super::until::{Until, unix_now};

/// Between two looks at how many sessions are to be kept: far shorter than any scenario takes for one.
const LEAK_TICK: Duration = Duration::from_millis(100);

/// One pool of the service. What was changed ends with this value.
#[derive(Debug)]
pub(super) struct Steered {
    pool: Pool,
    /// Gives the pool its own size again.
    size: Slot,
    /// Holds sessions.
    leak: Slot,
}

/// The one task of its kind.
#[derive(Debug, Default)]
struct Slot(Mutex<Option<AbortOnDropHandle<()>>>);

impl Slot {
    /// Ends the task, if there is one, and returns when what it held is given back.
    async fn end(&self) {
        let task = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            task.abort();
            // It was cancelled, or had ended by itself: either is an end.
            let _ = task.await;
        }
    }

    fn begin(&self, task: impl Future<Output = ()> + Send + 'static) {
        let task = AbortOnDropHandle::new(tokio::spawn(task));
        // One that another caller began meanwhile ends as it is dropped: the last caller's word counts.
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
    }
}

impl Steered {
    pub(super) fn new(pool: Pool) -> Self {
        Self { pool, size: Slot::default(), leak: Slot::default() }
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Gives the pool another size, and its own again when `until` has passed.
    pub(super) async fn resize(&self, connections: NonZeroU32, until: Until) {
        let pool = self.pool.clone();
        // Whoever hangs up in the middle leaves one that will give it its own size again: this one takes the place of an earlier one.
        self.size.begin(async move {
            sleep(until.remaining()).await;
            pool.resize(pool.configured());
        });
        self.pool.resize(connections);
    }

    /// Gives the pool its own size again.
    pub(super) async fn undo_resize(&self) {
        // At once, should the caller hang up, and again, should the task have been at it.
        self.pool.resize(self.pool.configured());
        self.size.end().await;
        self.pool.resize(self.pool.configured());
    }

    /// Keeps as many sessions as `curve` says, and none any more when `until` has passed.
    pub(super) async fn leak(&self, curve: LeakCurve, until: Until) {
        self.leak.end().await;
        let leak = self.pool.leak();
        self.leak.begin(async move {
            // Always over time: it has no other end.
            let _ = timeout(until.remaining(), follow(leak, &curve)).await;
        });
    }

    /// Gives all kept sessions back.
    pub(super) async fn undo_leak(&self) {
        self.leak.end().await;
    }
}

async fn follow(mut leak: Leak, curve: &LeakCurve) {
    let mut ticks = interval(LEAK_TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = leak.hold(curve.at(unix_now())).await {
            tracing::debug!(%error, "a session could not be had");
        }
    }
}
