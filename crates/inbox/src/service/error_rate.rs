//! The share of requests that failed in the last minute. Pure: the time is a parameter.

use std::time::Instant;

/// How long a request counts, in seconds.
const WINDOW: usize = 60;

/// Requests by second, in a ring.
#[derive(Debug)]
pub(crate) struct ErrorRate {
    began: Instant,
    seconds: [Second; WINDOW],
}

#[derive(Debug, Clone, Copy, Default)]
struct Second {
    /// Which one it is, since the beginning; what the ring holds from a minute ago does not count.
    number: u64,
    requests: u64,
    errors: u64,
}

impl ErrorRate {
    pub(crate) fn new(began: Instant) -> Self {
        Self { began, seconds: [Second::default(); WINDOW] }
    }

    pub(crate) fn count(&mut self, now: Instant, is_error: bool) {
        let number = self.number(now);
        let second = &mut self.seconds[number as usize % WINDOW];
        if second.number != number {
            *second = Second { number, ..Second::default() };
        }
        second.requests += 1;
        second.errors += u64::from(is_error);
    }

    /// From 0 to 1; 0 where there was no request.
    pub(crate) fn at(&self, now: Instant) -> f64 {
        let number = self.number(now);
        let recent = self.seconds.iter().filter(|second| second.number + WINDOW as u64 > number);
        let (requests, errors) =
            recent.fold((0, 0), |(requests, errors), second| (requests + second.requests, errors + second.errors));
        if requests == 0 { 0.0 } else { errors as f64 / requests as f64 }
    }

    fn number(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.began).as_secs()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_request_counts_for_a_minute() {
        let began = Instant::now();
        let at = |seconds: u64| began + Duration::from_secs(seconds);
        let mut rate = ErrorRate::new(began);
        assert_eq!(rate.at(at(0)), 0.0);
        for second in 0..30 {
            rate.count(at(second), false);
            rate.count(at(second), second >= 20);
        }
        assert_eq!(rate.at(at(30)), 10.0 / 60.0);
        // The first twenty seconds, all good, are forgotten first.
        assert_eq!(rate.at(at(79)), 0.5);
        assert_eq!(rate.at(at(89)), 0.0);
        rate.count(at(3600), true);
        assert_eq!((rate.at(at(3600)), rate.at(at(3659)), rate.at(at(3660))), (1.0, 1.0, 0.0));
    }
}
