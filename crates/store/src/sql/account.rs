//! What a question has cost so far: time, and memory beside what is kept anyway.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use rusqlite::ffi;

use crate::sql::answer::{SqlError, SqlLimits};

/// What all questions under way took outside of SQLite: rows in order, values of percentiles, answers.
static TAKEN: AtomicU64 = AtomicU64::new(0);

/// The account of one question.
#[derive(Debug)]
pub(super) struct Account {
    limits: SqlLimits,
    began: Instant,
    /// This question's part of [`TAKEN`].
    taken: AtomicU64,
    /// The first bound that was reached, or the first thing that is not allowed.
    ended: Mutex<Option<SqlError>>,
}

impl Account {
    pub(super) fn new(limits: SqlLimits) -> Self {
        Self { limits, began: Instant::now(), taken: AtomicU64::new(0), ended: Mutex::new(None) }
    }

    /// Milliseconds since the question came.
    pub(super) fn took_ms(&self) -> f64 {
        self.began.elapsed().as_secs_f64() * 1000.0
    }

    /// Whether the question may go on.
    pub(super) fn may_go_on(&self) -> bool {
        let end = if self.began.elapsed() >= self.limits.time {
            SqlError::TooLong(self.limits.time)
        } else if in_sqlite().saturating_add(TAKEN.load(Ordering::Relaxed)) > self.limits.memory_bytes {
            SqlError::TooMuch(self.limits.memory_bytes)
        } else {
            return true;
        };
        self.end(end);
        false
    }

    /// Takes memory; whether the question may go on.
    pub(super) fn take(&self, bytes: usize) -> bool {
        self.taken.fetch_add(bytes as u64, Ordering::Relaxed);
        TAKEN.fetch_add(bytes as u64, Ordering::Relaxed);
        self.may_go_on()
    }

    /// Gives memory back.
    pub(super) fn give_back(&self, bytes: usize) {
        self.taken.fetch_sub(bytes as u64, Ordering::Relaxed);
        TAKEN.fetch_sub(bytes as u64, Ordering::Relaxed);
    }

    /// Says why the question ended; the first reason stays.
    pub(super) fn end(&self, reason: SqlError) {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(reason);
    }

    /// Why the question ended, if a bound or a guard ended it.
    pub(super) fn ended(&self) -> Option<SqlError> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        TAKEN.fetch_sub(self.taken.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

/// What SQLite has allocated in this process.
fn in_sqlite() -> u64 {
    #[expect(
        unsafe_code,
        reason = "SQLite's counter has no safe wrapper; it takes nothing and touches nothing of ours"
    )]
    let bytes = unsafe { ffi::sqlite3_memory_used() };
    u64::try_from(bytes).unwrap_or(0)
}
