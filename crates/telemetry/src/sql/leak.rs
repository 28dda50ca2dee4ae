//! Sessions that are kept from their pool, as by a caller that forgets to give them back.

use super::pool::{Inner, SqlError};
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use std::sync::Arc;

/// Sessions that were taken from a pool and are held. Dropping it gives them all back.
///
/// They are counted as [`PoolStats::leaked`](super::PoolStats::leaked) and in use, and they are no acquires: waiting
/// for one is nobody's request, so it shows in no other figure.
#[derive(Debug)]
pub struct Leak {
    pool: Arc<Inner>,
    generation: u64,
    sessions: Vec<PoolConnection<Postgres>>,
}

impl Leak {
    pub(super) fn of(pool: Arc<Inner>) -> Self {
        let generation = pool.current().generation;
        Self { pool, generation, sessions: Vec::new() }
    }

    /// Holds `sessions`, at most as many as the pool has: gives back what is too much, and queues for what is missing as
    /// any caller does. After the pool was resized it begins anew in the new one. Dropping the future leaves the
    /// queue and keeps what is held.
    ///
    /// # Errors
    /// If a session neither came free nor could be made within the pool's acquire timeout. What is held stays.
    pub async fn hold(&mut self, sessions: u32) -> Result<(), SqlError> {
        let current = self.pool.current();
        if current.generation != self.generation {
            self.give_back_all_but(0);
            self.generation = current.generation;
        }
        let wanted = usize::try_from(sessions.min(current.max())).unwrap_or(usize::MAX);
        self.give_back_all_but(wanted);
        while self.sessions.len() < wanted {
            self.sessions.push(current.pool.acquire().await?);
            self.pool.record.leaks();
        }
        Ok(())
    }

    fn give_back_all_but(&mut self, kept: usize) {
        let surplus = self.sessions.len().saturating_sub(kept);
        self.sessions.truncate(kept);
        self.pool.record.leaks_end(surplus);
    }
}

impl Drop for Leak {
    fn drop(&mut self) {
        self.give_back_all_but(0);
    }
}
