//! Whether anything can be said at all, and whether everything was put back.

use super::Case;
use super::verdict::{Check, Figures, RowOutcome, VerdictRow};
use crate::{Fault, Proof, ProofRecord};

/// Greatest 99th percentile of `actual send - due`, in milliseconds: a tenth of the tightest latency that most scenarios
/// check. Latency counts from the intended start, so more lag than this would be the generator's, not the subject's.
const GREATEST_LAG_MS: f64 = 50.0;

pub(super) fn rows(case: &Case<'_>) -> Vec<VerdictRow> {
    let mut rows = vec![finished(case), schedule(case), sequence(case)];
    rows.extend(reported(case));
    rows.push(stage(case));
    rows.extend(
        case.scenario.faults.iter().flat_map(|fault| fault.proof.iter().map(move |proof| proved(case, fault, proof))),
    );
    rows
}

/// A row that makes the run invalid unless it `holds`.
fn must(
    check: Check,
    what: impl Into<String>,
    expected: impl Into<String>,
    measured: impl Into<String>,
    holds: bool,
) -> VerdictRow {
    VerdictRow {
        what: what.into(),
        expected: expected.into(),
        predicted: String::new(),
        measured: measured.into(),
        outcome: if holds { RowOutcome::Pass } else { RowOutcome::Invalid },
        note: String::new(),
        figures: Figures { check, ..Figures::default() },
    }
}

fn finished(case: &Case<'_>) -> VerdictRow {
    let finished = case.evidence.load.finished;
    let measured =
        if finished { "all arrivals answered or given up" } else { "the load report ends before the last arrival" };
    must(Check::Load, "load: complete", "every arrival accounted for", measured, finished)
}

fn schedule(case: &Case<'_>) -> VerdictRow {
    let load = &case.evidence.load;
    let lag = load.schedule_lag_p99_ms;
    let holds = load.dropped == 0 && lag.is_finite() && lag <= GREATEST_LAG_MS;
    let measured = format!("p99 {lag:.1} ms behind, {} dropped", load.dropped);
    let mut row = must(
        Check::Load,
        "load: on schedule",
        format!("p99 <= {GREATEST_LAG_MS:.0} ms behind, 0 dropped"),
        measured,
        holds,
    );
    row.figures.measured = Some(lag);
    row.figures.expected = Some((0.0, GREATEST_LAG_MS));
    row
}

/// The prediction is over a sequence; the measurement has to be over the same.
fn sequence(case: &Case<'_>) -> VerdictRow {
    let (sent, predicted) = (&case.evidence.load.request_digest, &case.prediction.request_digest);
    let short = |digest: &str| digest.get(..12).unwrap_or("no digest").to_owned();
    must(
        Check::Load,
        "load: request sequence",
        format!("digest {}", short(predicted)),
        format!("digest {}", short(sent)),
        sent == predicted,
    )
}

/// Streams that the load report says nothing about.
fn reported(case: &Case<'_>) -> Vec<VerdictRow> {
    let missing =
        case.scenario.streams.iter().filter(|s| !case.evidence.load.streams.iter().any(|r| r.stream == s.name));
    let missing =
        missing.map(|s| must(Check::Load, format!("load: stream {}", s.name), "a report", "no report", false));
    missing.chain(case.scenario.streams.iter().filter_map(|s| cut_short(case, &s.name))).collect()
}

/// The seed says how many arrivals are due, to the last one: fewer is traffic that somebody stopped, or a worker that died.
fn cut_short(case: &Case<'_>, stream: &str) -> Option<VerdictRow> {
    let report = case.evidence.load.streams.iter().find(|r| r.stream == stream)?;
    let due: u64 = report.buckets.iter().map(|bucket| bucket.due).sum();
    let wanted = case.prediction.window(stream, 0.0, case.scenario.minutes)?.arrivals;
    let (wanted_text, due_text) = (format!("{wanted} arrivals"), format!("{due} arrivals"));
    (due != wanted).then(|| must(Check::Load, format!("load: all of {stream}"), wanted_text, due_text, false))
}

fn stage(case: &Case<'_>) -> VerdictRow {
    let broken = &case.evidence.breakages;
    let measured = if broken.is_empty() { "nothing broke".to_owned() } else { broken.join("; ") };
    must(Check::Stage, "stage: whole", "nothing broke", measured, broken.is_empty())
}

fn proved(case: &Case<'_>, fault: &Fault, proof: &Proof) -> VerdictRow {
    let claim = proof.claim();
    let records: Vec<&ProofRecord> =
        case.evidence.proofs.iter().filter(|r| r.fault == fault.id && r.claim == claim).collect();
    let holds =
        if proof.holds_at_some_moment() { records.iter().any(|r| r.holds) } else { records.iter().all(|r| r.holds) };
    // The record that decided.
    let shown = records.iter().find(|r| r.holds == holds);
    let measured = shown.map_or_else(
        || "never looked at".to_owned(),
        |r| {
            if r.holds { r.seen.clone() } else { format!("not so: {}", r.seen) }
        },
    );
    let mut row =
        must(Check::Proof, format!("proof of {}: {claim}", fault.id), "holds", measured, holds && !records.is_empty());
    row.figures.subject = Some(fault.id.clone());
    row.figures.measured = shown.map(|r| r.minute);
    row
}

/// One row for each fault.
pub(super) fn restored(case: &Case<'_>) -> Vec<VerdictRow> {
    let of = |fault: &Fault| {
        let records: Vec<_> = case.evidence.restored.iter().filter(|r| r.fault == fault.id).collect();
        let holds = !records.is_empty() && records.iter().all(|r| r.restored);
        let seen = records.iter().find(|r| r.restored == holds);
        VerdictRow {
            what: format!("{} undone", fault.id),
            expected: "everything as it was".to_owned(),
            predicted: String::new(),
            measured: seen.map_or_else(
                || "nobody looked".to_owned(),
                |r| {
                    if holds { r.seen.clone() } else { format!("not restored: {}", r.seen) }
                },
            ),
            outcome: if holds { RowOutcome::Pass } else { RowOutcome::Fail },
            note: String::new(),
            figures: Figures { check: Check::Restored, subject: Some(fault.id.clone()), ..Figures::default() },
        }
    };
    case.scenario.faults.iter().map(of).collect()
}
