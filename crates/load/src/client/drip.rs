//! A body that is uploaded slowly, as over a bad mobile connection: its first piece at once, the others spread evenly, the
//! last one when the time is over.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// Most pauses of an upload: often enough that a server which waits for the next piece for a second or so goes on waiting.
const MOST_PAUSES: u32 = 20;

/// How many bytes may have left when. Pure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Drip {
    /// Bytes that go before the first piece: a head.
    head: usize,
    body: usize,
    pauses: u32,
    over: Duration,
}

impl Drip {
    /// A body of `body` bytes over the time `over`, after a head that leaves at once.
    pub(super) fn new(head: usize, body: usize, over: Duration) -> Self {
        let pauses = u32::try_from(body).unwrap_or(u32::MAX).saturating_sub(1).clamp(1, MOST_PAUSES);
        Self { head, body, pauses, over }
    }

    /// Bytes that may have left `after` so long.
    pub(super) fn allowed(&self, after: Duration) -> usize {
        let last = (0..=self.pauses).rev().find(|piece| self.due(*piece) <= after).unwrap_or_default();
        self.end(last)
    }

    /// After how long the next byte beyond `sent` may leave; `None` where all have.
    pub(super) fn next(&self, sent: usize) -> Option<Duration> {
        (0..=self.pauses).find(|piece| self.end(*piece) > sent).map(|piece| self.due(piece))
    }

    /// When a piece is due, from 0.
    fn due(&self, piece: u32) -> Duration {
        self.over * piece / self.pauses
    }

    /// Bytes up to the end of a piece.
    fn end(&self, piece: u32) -> usize {
        let share = (self.body as u64) * u64::from(piece + 1) / u64::from(self.pauses + 1);
        self.head + share as usize
    }
}

/// A [`Drip`] that has begun.
#[derive(Debug)]
pub(super) struct Dripping {
    drip: Drip,
    began: Instant,
    alarm: Pin<Box<Sleep>>,
}

impl Dripping {
    /// Begins now.
    pub(super) fn begin(drip: Drip) -> Self {
        let began = Instant::now();
        Self { drip, began, alarm: Box::pin(sleep_until(began)) }
    }

    /// Ready with how many bytes may have left, as soon as that is more than `sent`. All of them must not have.
    pub(super) fn poll_beyond(&mut self, sent: usize, cx: &mut Context<'_>) -> Poll<usize> {
        loop {
            let allowed = self.drip.allowed(self.began.elapsed());
            let next = self.drip.next(sent).filter(|_| allowed <= sent);
            let Some(next) = next else {
                return Poll::Ready(allowed.max(sent));
            };
            let due = self.began + next;
            if self.alarm.deadline() != due {
                self.alarm.as_mut().reset(due);
            }
            ready!(self.alarm.as_mut().poll(cx));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_head_leaves_at_once_and_the_last_piece_when_the_time_is_over() {
        let drip = Drip::new(100, 2_100, ms(2_000));
        let table = [(0, 200), (99, 200), (100, 300), (1_000, 1_200), (1_999, 2_100), (2_000, 2_200), (9_999, 2_200)];
        for (after, allowed) in table {
            assert_eq!(drip.allowed(ms(after)), allowed, "after {after} ms");
        }
        let table =
            [(0, Some(0)), (199, Some(0)), (200, Some(100)), (250, Some(100)), (2_199, Some(2_000)), (2_200, None)];
        for (sent, next) in table {
            assert_eq!(drip.next(sent), next.map(ms), "{sent} bytes sent");
        }
    }

    #[test]
    fn every_length_is_sent_whole_and_its_last_byte_takes_all_the_time() {
        for body in (1..70).chain([1_000, 65_537]) {
            let drip = Drip::new(10, body, ms(3_000));
            assert_eq!(drip.allowed(ms(3_000)), 10 + body, "{body}");
            assert_eq!(drip.next(10 + body - 1), Some(ms(3_000)), "{body}");
            assert_eq!(drip.next(10 + body), None, "{body}");
            assert!(drip.allowed(Duration::ZERO) >= 10, "{body}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn pieces_come_when_they_are_due() {
        let mut dripping = Dripping::begin(Drip::new(10, 42, ms(4_000)));
        let (began, mut sent, mut times) = (Instant::now(), 0, Vec::new());
        while sent < 52 {
            sent = std::future::poll_fn(|cx| dripping.poll_beyond(sent, cx)).await;
            times.push((began.elapsed().as_millis(), sent));
        }
        let expected: Vec<(u128, usize)> = (0..=20).map(|piece| (piece * 200, 10 + (piece as usize + 1) * 2)).collect();
        assert_eq!(times, expected);
    }
}
