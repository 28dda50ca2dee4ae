//! How a run of traffic goes, on standard error: a line a second, the same one again on a terminal.

use std::io::{IsTerminal, Write};
use std::time::Instant;

use load::{Progress, RequestEnded, RunState};
use ratatui::backend::{Backend, CrosstermBackend};

use crate::arguments::TrafficMode;
use crate::output::{self, style};

/// Columns that every terminal has.
const LEAST_COLUMNS: usize = 40;

/// Tells where a run is.
#[derive(Debug)]
pub(crate) struct ProgressLine {
    /// Whether the line before is written over.
    is_rewritten: bool,
    /// Characters of the line that stands there.
    width: usize,
}

impl ProgressLine {
    /// Lines of their own where there is no terminal, or where other lines come between.
    pub(crate) fn new(has_others_between: bool) -> Self {
        Self { is_rewritten: !has_others_between && std::io::stderr().is_terminal(), width: 0 }
    }

    pub(crate) fn show(&mut self, progress: &Progress) {
        let text = line(progress);
        if !self.is_rewritten {
            return output::note(&text);
        }
        // A line that wraps could not be written over.
        let text: String = text.chars().take(columns().saturating_sub(1)).collect();
        let width = text.chars().count();
        let blanks = " ".repeat(self.width.saturating_sub(width));
        self.width = width;
        // A terminal that is gone needs no progress.
        let mut terminal = anstream::stderr().lock();
        let _ = write!(terminal, "\r{text}{blanks}");
        let _ = terminal.flush();
    }

    /// The last line, which stays.
    pub(crate) fn end(&mut self, progress: &Progress) {
        self.show(progress);
        if self.is_rewritten {
            output::note("");
        }
    }
}

/// Of the terminal; as many as all have where that can't be told.
fn columns() -> usize {
    let size = CrosstermBackend::new(std::io::stderr()).size();
    size.map_or(LEAST_COLUMNS, |size| usize::from(size.width).max(LEAST_COLUMNS))
}

fn line(progress: &Progress) -> String {
    let failed = progress.errors;
    let end = match progress.state {
        RunState::Waiting | RunState::Running => "",
        _ if progress.in_flight > 0 => ", waiting for the last answers",
        _ => "",
    };
    let mut text = format!(
        "{:>4.0} s of {:.0} s{end}  {} sent, {} answered, {} failed, {} in flight",
        progress.elapsed.min(progress.planned).as_secs_f64(),
        progress.planned.as_secs_f64(),
        style::count(progress.due.saturating_sub(progress.dropped)),
        style::count(progress.completed.saturating_sub(failed)),
        style::count(failed),
        style::count(progress.in_flight as u64),
    );
    let is_alone = progress.streams.len() == 1;
    for stream in &progress.streams {
        let name = if is_alone { String::new() } else { format!("{} ", stream.stream) };
        let (p50, p95) = (style::fine_latency(Some(stream.p50_ms)), style::fine_latency(Some(stream.p95_ms)));
        text.push_str(&format!("; {name}p50 {p50}, p95 {p95}"));
    }
    text
}

/// How one request ended, for `--verbose`; `began` is when the run did.
pub(crate) fn request_line(ended: &RequestEnded, modes: &[TrafficMode], began: Instant) -> String {
    let mode = modes.get(ended.stream).map_or("", |mode| mode.name());
    let at = ended.at.saturating_duration_since(began).as_secs_f64();
    let latency = style::fine_latency(Some(ended.latency.as_secs_f64() * 1000.0));
    let mark = if ended.is_error { "■" } else { " " };
    let way = ended.way.map(|way| format!("  {}", way.name())).unwrap_or_default();
    let (index, outcome, trace) = (ended.index, &ended.outcome, ended.trace);
    format!("{at:>8.3} s {mark} {mode} #{index}  {outcome} after {latency}  trace {trace:032x}{way}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use load::{Malformation, Way};

    use super::*;
    use crate::output::load::testing;

    #[test]
    fn a_line_says_what_was_sent_and_what_became_of_it() {
        let text = line(&testing::progress(30.0));
        assert!(text.starts_with("  30 s of 120 s  "), "{text}");
        assert!(
            text.contains("4,188 answered, 12 failed, 41 in flight; buyers p50 12.0 ms, p95 48.0 ms; lookers "),
            "{text}"
        );
        let mut progress = testing::progress(30.0);
        progress.streams.truncate(1);
        progress.state = RunState::Draining;
        assert!(line(&progress).starts_with("  30 s of 120 s, waiting for the last answers  "), "{}", line(&progress));
        assert!(line(&progress).ends_with("41 in flight; p50 12.0 ms, p95 48.0 ms"), "{}", line(&progress));
    }

    #[test]
    fn a_request_has_its_answer_its_trace_and_what_was_done_to_it() {
        let began = Instant::now();
        let ended = RequestEnded {
            stream: 0,
            index: 12,
            outcome: "422".to_owned(),
            is_error: true,
            latency: Duration::from_micros(2_340),
            at: began + Duration::from_millis(1_500),
            way: Some(Way::Malformed(Malformation::WrongType)),
            trace: 0xabc,
        };
        assert_eq!(
            request_line(&ended, &[TrafficMode::ErrorInjection], began),
            "   1.500 s ■ error_injection #12  422 after 2.34 ms  trace 00000000000000000000000000000abc  wrong_type"
        );
    }
}
