//! How each request ended, told to somebody who wants every one of them.
//!
//! Nobody is waited for: what there is no room for is counted and left out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use crate::tampering::Way;

/// The end of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestEnded {
    /// The stream's position in its file.
    pub stream: usize,
    /// The arrival's position in its stream.
    pub index: u64,
    /// A status (`200`) or an error kind (`timeout`).
    pub outcome: String,
    /// Whether that counts as failed.
    pub is_error: bool,
    /// From when its visitor wanted it.
    pub latency: Duration,
    /// When it was.
    pub at: Instant,
    /// How it was changed on its way out, if it was.
    pub way: Option<Way>,
    /// The trace that it belongs to.
    pub trace: u128,
}

/// Where a run tells how requests ended.
#[derive(Debug, Clone)]
pub struct Watched {
    to: SyncSender<RequestEnded>,
    missed: Arc<AtomicU64>,
}

/// Where it is read.
#[derive(Debug)]
pub struct Watching {
    /// What was told, in the order of its end within one engine thread.
    pub requests: Receiver<RequestEnded>,
    missed: Arc<AtomicU64>,
}

impl Watched {
    /// With room for so many that were not read yet.
    pub fn with_room(requests: usize) -> (Self, Watching) {
        let (to, from) = sync_channel(requests);
        let missed = Arc::new(AtomicU64::new(0));
        (Self { to, missed: Arc::clone(&missed) }, Watching { requests: from, missed })
    }

    pub(super) fn tell(&self, ended: RequestEnded) {
        if self.to.try_send(ended).is_err() {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Watching {
    /// How many there was no room for.
    pub fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_no_room_for_is_counted() {
        let (watched, watching) = Watched::with_room(2);
        let ended = RequestEnded {
            stream: 0,
            index: 7,
            outcome: "200".to_owned(),
            is_error: false,
            latency: Duration::ZERO,
            at: Instant::now(),
            way: None,
            trace: 1,
        };
        for _ in 0..5 {
            watched.tell(ended.clone());
        }
        assert_eq!(watching.requests.try_iter().collect::<Vec<_>>(), [ended.clone(), ended]);
        assert_eq!(watching.missed(), 3);
    }
}
