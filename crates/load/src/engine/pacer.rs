//! Waking up at a moment, not a millisecond after it.
//!
//! tokio's timers count whole milliseconds, which alone would make every arrival late by half of one. On Linux one
//! absolute kernel timer per thread wakes the runtime; elsewhere tokio's timer comes first and the thread sleeps the
//! rest of the millisecond.

use std::io;
use std::time::Instant;

#[cfg(target_os = "linux")]
pub(super) use linux::Pacer;
#[cfg(not(target_os = "linux"))]
pub(super) use portable::Pacer;

#[cfg(target_os = "linux")]
mod linux {
    use super::{Instant, io};
    use rustix::time::{
        ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime, timerfd_create,
        timerfd_settime,
    };
    use std::os::fd::OwnedFd;
    use std::time::Duration;
    use tokio::io::unix::AsyncFd;

    const NANOS_PER_SECOND: i128 = 1_000_000_000;
    /// How far apart two looks at the clock may be for one moment; a thread that is not interrupted needs 100 ns.
    const SAME_MOMENT: Duration = Duration::from_micros(2);
    /// Attempts to get two looks that close; the last one is taken as it comes.
    const ATTEMPTS: usize = 100;

    /// One timer of the kernel, on the same clock as [`Instant`].
    #[derive(Debug)]
    pub(crate) struct Pacer {
        timer: AsyncFd<OwnedFd>,
        /// The same moment on both scales: `Instant` does not show its number.
        pub(super) anchor: (Instant, i128),
    }

    impl Pacer {
        /// Must be called inside a runtime with I/O enabled.
        pub(crate) fn new() -> io::Result<Self> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            #[expect(unsafe_code, reason = "there is no safe way to have tokio watch a descriptor of the kernel")]
            // SAFETY: an `OwnedFd` is a valid descriptor, and it stays inside the `AsyncFd` until that is dropped.
            let timer = unsafe { AsyncFd::register(timer) }?;
            Ok(Self { timer, anchor: anchor() })
        }

        /// Returns at `moment`, at once if it has passed. Safe to cancel.
        pub(crate) async fn until(&self, moment: Instant) -> io::Result<()> {
            // Set anew each time round: an expiry ahead of the moment must not be the last one.
            while Instant::now() < moment {
                self.set(moment)?;
                self.expired().await?;
            }
            Ok(())
        }

        /// Sets the timer, which also takes back an expiry of an earlier wait that was cancelled.
        fn set(&self, moment: Instant) -> io::Result<()> {
            let since = moment.saturating_duration_since(self.anchor.0).as_nanos();
            let at = self.anchor.1 + i128::try_from(since).unwrap_or(i128::MAX / 2);
            let never = Timespec { tv_sec: 0, tv_nsec: 0 };
            let spec = Itimerspec {
                it_interval: never,
                it_value: Timespec {
                    tv_sec: i64::try_from(at / NANOS_PER_SECOND).unwrap_or(i64::MAX),
                    tv_nsec: (at % NANOS_PER_SECOND) as _,
                },
            };
            timerfd_settime(self.timer.get_ref(), TimerfdTimerFlags::ABSTIME, &spec)?;
            Ok(())
        }

        /// Returns when the timer has gone off, or had done so for an earlier wait that was cancelled.
        ///
        /// How often is never read: setting the timer forgets it, and the next expiry is an event of its own.
        async fn expired(&self) -> io::Result<()> {
            self.timer.readable().await?.clear_ready();
            Ok(())
        }
    }

    /// One moment on both scales. A thread that is interrupted between the two looks would be wrong by as much for ever,
    /// so it looks again.
    fn anchor() -> (Instant, i128) {
        let mut anchor = look();
        for _ in 0..ATTEMPTS {
            if anchor.0.elapsed() <= SAME_MOMENT {
                break;
            }
            anchor = look();
        }
        anchor
    }

    fn look() -> (Instant, i128) {
        let instant = Instant::now();
        let now = clock_gettime(ClockId::Monotonic);
        let nanos = i128::from(now.tv_sec) * NANOS_PER_SECOND + i128::from(now.tv_nsec);
        (instant, nanos)
    }
}

#[cfg(any(not(target_os = "linux"), test))]
mod portable {
    use super::{Instant, io};
    use std::time::Duration;

    /// What tokio's timers may be late by.
    const COARSE: Duration = Duration::from_millis(2);

    /// tokio's timer, then a short sleep of the thread.
    #[derive(Debug)]
    pub(crate) struct Pacer;

    impl Pacer {
        #[expect(clippy::unnecessary_wraps, reason = "the Linux pacer can fail to be made")]
        pub(crate) fn new() -> io::Result<Self> {
            Ok(Self)
        }

        /// Returns at `moment`, at once if it has passed. Safe to cancel. Blocks the thread for up to 2 ms.
        pub(crate) async fn until(&self, moment: Instant) -> io::Result<()> {
            if let Some(coarse) = moment.checked_sub(COARSE) {
                tokio::time::sleep_until(coarse.into()).await;
            }
            std::thread::sleep(moment.saturating_duration_since(Instant::now()));
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_pacer_never_wakes_early() {
        let native = Pacer::new().expect("a timer");
        let portable = portable::Pacer::new().expect("a timer");
        for micros in [0, 50, 300, 1_000, 2_700, 7_100] {
            let moment = Instant::now() + Duration::from_micros(micros);
            native.until(moment).await.expect("the timer works");
            assert!(Instant::now() >= moment);
            let moment = Instant::now() + Duration::from_micros(micros);
            portable.until(moment).await.expect("the timer works");
            assert!(Instant::now() >= moment);
        }
    }

    #[tokio::test]
    async fn a_cancelled_wait_does_not_disturb_the_next() {
        let pacer = Pacer::new().expect("a timer");
        let short = Instant::now() + Duration::from_millis(100);
        let cancelled = tokio::time::timeout(Duration::ZERO, pacer.until(short)).await;
        assert!(cancelled.is_err());
        let later = Instant::now() + Duration::from_millis(200);
        pacer.until(later).await.expect("the timer works");
        assert!(Instant::now() >= later);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_timer_that_goes_off_ahead_of_the_moment_is_set_again() {
        let mut pacer = Pacer::new().expect("a timer");
        pacer.anchor.1 -= 3_000_000;
        let moment = Instant::now() + Duration::from_millis(10);
        let waited = tokio::time::timeout(Duration::from_secs(5), pacer.until(moment)).await;
        waited.expect("it must not wait for ever").expect("the timer works");
        assert!(Instant::now() >= moment);
    }
}
