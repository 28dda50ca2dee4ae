//! All figures, as they are written to `--json`, and how they stand to their targets.

use serde::Serialize;

use crate::spread::Spread;

/// Spans stored per CPU-second of the console, over HTTP and over gRPC.
const HTTP_PER_CPU_SECOND: f64 = 1_000_000.0;
const GRPC_PER_CPU_SECOND: f64 = 700_000.0;
/// A trace by its id, over HTTP, in milliseconds.
const TRACE_MS: f64 = 10.0;
/// Every other question, and every page, in milliseconds.
const PAGE_MS: f64 = 100.0;
/// Until a trace can be looked at, in milliseconds.
const VISIBLE_MS: f64 = 1000.0;
/// What the process may have beyond the store's budget, in MiB.
const BEYOND_BUDGET_MIB: f64 = 150.0;

/// What was measured. Spreads are over the repetitions, or over the questions asked.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    pub(super) machine: String,
    pub(super) traffic: Traffic,
    pub(super) budget_mib: u32,
    pub(super) throughput: Vec<ThroughputRow>,
    pub(super) memory: Vec<MemoryRow>,
    pub(super) visible: Vec<VisibleRow>,
    pub(super) questions: Vec<QuestionRow>,
    pub(super) targets: Vec<Target>,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Traffic {
    pub(super) bytes_each: f64,
    pub(super) attributes_each: f64,
    pub(super) batch: u32,
    pub(super) connections: u32,
}

#[derive(Debug, Serialize)]
pub(super) struct ThroughputRow {
    pub(super) protocol: &'static str,
    pub(super) spans: u64,
    pub(super) accepted_per_second: Spread,
    pub(super) stored_per_second: Spread,
    pub(super) cpu_seconds_per_million: Spread,
    pub(super) user_seconds_per_million: Spread,
    pub(super) spans_per_cpu_second: Spread,
    pub(super) sink_cpu_seconds_per_million: Spread,
    pub(super) times_the_sink: Spread,
    pub(super) asked_to_wait: u64,
    pub(super) rejected: u64,
    pub(super) peak_memory_mib: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct MemoryRow {
    pub(super) spans: u64,
    pub(super) kept_at_hand: u64,
    pub(super) evicted: u64,
    pub(super) store_mib: f64,
    pub(super) peak_mib: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct VisibleRow {
    pub(super) when: &'static str,
    pub(super) traces: usize,
    pub(super) ms: Spread,
}

/// What a question is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    TraceById,
    Question,
    Page,
}

#[derive(Debug, Serialize)]
pub(super) struct QuestionRow {
    pub(super) question: String,
    pub(super) kind: Kind,
    pub(super) found: usize,
    pub(super) ms: Spread,
    /// What was wrong with the answer.
    pub(super) lack: Option<String>,
}

/// A target, and where we stand.
#[derive(Debug, Serialize)]
pub(super) struct Target {
    pub(super) what: String,
    pub(super) wanted: String,
    pub(super) measured: String,
    pub(super) is_met: bool,
}

impl Report {
    /// The targets that something was measured for. Medians count, but for time until visible and memory, where the worst does.
    pub(super) fn judge(&self) -> Vec<Target> {
        let mut targets = Vec::new();
        for row in &self.throughput {
            let wanted = match row.protocol {
                "HTTP protobuf" => HTTP_PER_CPU_SECOND,
                "gRPC" => GRPC_PER_CPU_SECOND,
                _ => continue,
            };
            let measured = row.spans_per_cpu_second.median;
            targets.push(Target {
                what: format!("spans per CPU-second, {}", row.protocol),
                wanted: format!(">= {wanted:.0}"),
                measured: format!("{measured:.0}"),
                is_met: measured >= wanted && row.rejected == 0,
            });
        }
        for (kind, what, wanted) in [
            (Kind::TraceById, "trace by id", TRACE_MS),
            (Kind::Question, "the slowest question", PAGE_MS),
            (Kind::Page, "the slowest page", PAGE_MS),
        ] {
            let of_kind = || self.questions.iter().filter(|row| row.kind == kind);
            let Some(slowest) = of_kind().max_by(|one, other| one.ms.median.total_cmp(&other.ms.median)) else {
                continue;
            };
            let lacks = of_kind().filter(|row| row.lack.is_some()).count();
            let unanswered = if lacks > 0 { format!("; {lacks} not answered") } else { String::new() };
            targets.push(Target {
                what: what.to_owned(),
                wanted: format!("< {wanted:.0} ms"),
                measured: format!("{:.1} ms ({}){unanswered}", slowest.ms.median, slowest.question),
                is_met: slowest.ms.median < wanted && lacks == 0,
            });
        }
        if let Some(slowest) = self.visible.iter().max_by(|one, other| one.ms.greatest.total_cmp(&other.ms.greatest)) {
            targets.push(Target {
                what: "until a trace is visible".to_owned(),
                wanted: format!("< {VISIBLE_MS:.0} ms"),
                measured: format!("{:.1} ms ({})", slowest.ms.greatest, slowest.when),
                is_met: slowest.ms.greatest < VISIBLE_MS,
            });
        }
        if let Some(last) = self.memory.last() {
            let wanted = f64::from(self.budget_mib) + BEYOND_BUDGET_MIB;
            targets.push(Target {
                what: format!("peak memory at {} spans", last.spans),
                wanted: format!("<= {wanted:.0} MiB"),
                measured: format!("{:.0} MiB", last.peak_mib),
                is_met: last.peak_mib <= wanted,
            });
        }
        targets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(kind: Kind, median: f64, lack: Option<&str>) -> QuestionRow {
        let ms = Spread { median, least: median, greatest: median * 10.0 };
        QuestionRow { question: "q".into(), kind, found: 1, ms, lack: lack.map(str::to_owned) }
    }

    #[test]
    fn a_target_is_missed_by_the_slowest_and_by_what_is_not_answered() {
        let judged = |questions| Report { questions, ..Report::default() }.judge();
        let is_met = |questions| judged(questions).iter().all(|target| target.is_met);
        assert!(is_met(vec![question(Kind::Page, 99.0, None), question(Kind::TraceById, 9.0, None)]));
        assert!(!is_met(vec![question(Kind::Page, 3.0, None), question(Kind::Page, 101.0, None)]));
        assert!(!is_met(vec![question(Kind::Page, 3.0, Some("status 404"))]));
        assert!(!is_met(vec![question(Kind::TraceById, 11.0, None)]));
    }

    #[test]
    fn memory_counts_at_the_end_and_beyond_the_budget() {
        let row = |peak_mib| MemoryRow { spans: 3, kept_at_hand: 3, evicted: 0, store_mib: 1.0, peak_mib };
        let is_met =
            |peak| Report { memory: vec![row(1.0), row(peak)], budget_mib: 512, ..Report::default() }.judge()[0].is_met;
        assert!(is_met(662.0));
        assert!(!is_met(663.0));
    }
}
