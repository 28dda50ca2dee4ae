//! A run as plain lines: for pipes, logs, CI, and whoever prefers them.

use std::sync::Mutex;

use scenario::RestoreRecord;
use stage::{Event, Observer, Snapshot};

use super::style::{self, Mark};

/// Prints a line for every event, and one for every scenario minute.
#[derive(Debug, Default)]
pub(crate) struct PlainLines {
    last_minute: Mutex<Option<i64>>,
}

impl Observer for PlainLines {
    fn hear(&self, event: &Event) {
        if let Event::Tick(snapshot) = event {
            let minute = snapshot.minute.floor() as i64;
            let mut last = super::lock(&self.last_minute);
            if minute < 0 || snapshot.minute > snapshot.minutes || last.replace(minute) == Some(minute) {
                return;
            }
            super::line(&minute_line(snapshot));
        } else if let Some(text) = event_line(event) {
            super::line(&text);
        }
    }
}

/// One line about an event; none for those that are not worth one.
pub(crate) fn event_line(event: &Event) -> Option<String> {
    let minute = |m: f64| format!("minute {m:>5.2}");
    Some(match event {
        Event::Tick(_) | Event::StepStarted(_) => return None,
        Event::StepProgress(text) => format!("    {text}"),
        Event::StepDone(step, took) => format!("  {} {step} ({:.1} s)", style::symbol(Mark::Good), took.as_secs_f64()),
        Event::Ready { console_url, took } => format!(
            "{}ready{:#} after {:.1} s; watch it at {}{console_url}{:#}",
            style::GOOD,
            style::GOOD,
            took.as_secs_f64(),
            style::BOLD,
            style::BOLD
        ),
        Event::FirstTrace(took) => {
            format!("  {} first trace stored {:.1} s after the command", style::symbol(Mark::Good), took.as_secs_f64())
        }
        Event::Fault { id, state, minute: m, seen } => {
            format!("{}  {} fault {id} {state}: {seen}", minute(*m), style::symbol(Mark::Warn))
        }
        Event::Alert { event, summary } => {
            let (mark, word) = match event.state {
                scenario::AlertState::Firing => (Mark::Bad, "FIRING"),
                scenario::AlertState::Resolved => (Mark::Good, "resolved"),
            };
            format!("{}  {} {word} {}: {summary}", minute(event.minute), style::symbol(mark), event.monitor)
        }
        Event::Proof(proof) => {
            let (mark, word) = if proof.holds { (Mark::Good, "proved") } else { (Mark::Bad, "NOT PROVED") };
            format!("{}  {} {word}: {} ({})", minute(proof.minute), style::symbol(mark), proof.claim, proof.seen)
        }
        Event::Restored(record) => format!("  {}", restored_line(record)),
        Event::Note(text) => format!("  {text}"),
    })
}

/// One line about an undo.
pub(crate) fn restored_line(record: &RestoreRecord) -> String {
    let (mark, word) = if record.restored { (Mark::Good, "restored") } else { (Mark::Bad, "NOT RESTORED") };
    format!("{} {word} {}: {}", style::symbol(mark), record.fault, record.seen)
}

fn minute_line(snapshot: &Snapshot) -> String {
    let mut text = format!("minute {:>5.0}  {:<12}", snapshot.minute.floor(), snapshot.phase);
    // A stream that comes only for a while takes no room before and after.
    for stream in snapshot.streams.iter().filter(|stream| stream.rpm > 0.0 || stream.error_rate.is_some()) {
        text.push_str(&format!(
            "  {}: {:>5.0}/min, {:>7} errors, p95 {:>8}",
            stream.name,
            stream.rpm,
            style::percent(stream.error_rate),
            style::latency(stream.p95_ms)
        ));
    }
    if !snapshot.firing.is_empty() {
        text.push_str(&format!("  firing: {}", snapshot.firing.join(", ")));
    }
    text
}
