//! How a load test goes, as plain lines on standard error: standard output is for its result.

use std::time::Duration;

use load::{Progress, RunState};

use super::Watcher;
use super::recent::Recent;
use crate::output::{self, style};

/// A line so often, and one at the beginning and at the end of each state.
const EVERY: Duration = Duration::from_secs(5);

/// Writes a line every few seconds.
#[derive(Debug)]
pub(super) struct Lines {
    recent: Recent,
    said: Option<(RunState, Duration)>,
}

impl Lines {
    pub(super) fn new(workers: u64) -> Self {
        Self { recent: Recent::new(workers), said: None }
    }
}

impl Watcher for Lines {
    fn show(&mut self, progress: &Progress) {
        self.recent.take(progress);
        let is_due = self.said.is_none_or(|(state, at)| state != progress.state || progress.elapsed >= at + EVERY);
        if is_due && progress.state != RunState::Waiting {
            self.said = Some((progress.state, progress.elapsed));
            output::note(&line(progress, &self.recent));
        }
    }
}

/// What a state means to whoever waits.
pub(super) fn state(state: RunState) -> &'static str {
    match state {
        RunState::Waiting => "about to begin",
        RunState::Running => "running",
        RunState::Draining => "waiting for the last answers",
        RunState::Stopping => "stopping: waiting for outstanding answers",
        RunState::Stopped => "stopped",
        RunState::Finished => "finished",
    }
}

fn line(progress: &Progress, recent: &Recent) -> String {
    let mut text = format!(
        "{:>6.1} s of {:.0} s  {}: {} under way, {} answered, {} failed, {} dropped, lag p99 {}",
        progress.elapsed.as_secs_f64(),
        progress.planned.as_secs_f64(),
        state(progress.state),
        style::count(progress.in_flight as u64),
        style::count(progress.completed),
        style::count(progress.errors),
        style::count(progress.dropped),
        style::fine_latency(Some(progress.schedule_lag_p99_ms)),
    );
    // Before the first second there is nothing to tell of them.
    for (position, stream) in progress.streams.iter().enumerate().filter(|_| progress.elapsed >= Duration::from_secs(1))
    {
        let target = match progress.state {
            RunState::Running => format!(" of {}", style::rate(recent.target(position))),
            _ => String::new(),
        };
        text.push_str(&format!(
            "; {}: {}{target}, p50 {}, p95 {}, p99 {}",
            stream.stream,
            style::rate(stream.due_per_second),
            style::fine_latency(Some(stream.p50_ms)),
            style::fine_latency(Some(stream.p95_ms)),
            style::fine_latency(Some(stream.p99_ms)),
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::load::testing;

    #[test]
    fn a_line_says_where_each_stream_is() {
        let progress = testing::progress(30.0);
        let mut recent = Recent::new(2);
        recent.take(&progress);
        let text = line(&progress, &recent);
        assert_eq!(
            text,
            "  30.0 s of 120 s  running: 41 under way, 4,200 answered, 12 failed, 0 dropped, lag p99 90 µs; \
             buyers: 59.5/s of 60.0/s, p50 12.0 ms, p95 48.0 ms, p99 120 ms; lookers: 20.0/s of 20.0/s, p50 2.00 ms, p95 6.00 ms, p99 9.00 ms"
        );
    }
}
