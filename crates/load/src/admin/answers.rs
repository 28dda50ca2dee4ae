//! What `/admin/demo-status` and `/admin/traffic-stats` say about a run.

use serde_json::{Map, Value, json};

use crate::engine::{Run, RunState};
use crate::record::{Record, StreamRecord};
use crate::target::Target;

/// The stream that the traffic table of old calls `baseline`; its rate is `rpm`, others' is `current_rpm`.
const BASELINE: &str = "baseline";
/// The other stream of that table.
const DEMO: &str = "demo";
/// Length of the window behind `recent`, in scenario minutes.
const RECENT_MINUTES: f64 = 1.0;

/// `GET /admin/demo-status`, also the answer of start and stop.
pub(super) fn demo_status(run: Option<&Run>) -> Value {
    let Some(run) = run else {
        return json!({
            "running": false, "state": "idle", "scenario": null, "demo_minute": null, "phase": null,
            "rpm": 0, "requests": 0, "errors": 0, "error_rate": "0.0%",
        });
    };
    let (plan, state, minute, record) = (run.plan(), run.state(), run.minute(), run.record());
    let shown = minute.min(plan.traffic.minutes);
    let (requests, errors) = (record.sum(|s| s.completed), record.sum(|s| s.errors));
    let (in_flight, most_in_flight) = run.in_flight();
    let lag = record.lag.percentiles();
    let rates = plan.traffic.streams.iter().map(|s| rate(run, &s.name));
    json!({
        "running": is_running(state),
        "state": state,
        "scenario": plan.traffic.name,
        "run_id": plan.run_id,
        "seed": plan.seed,
        "speed": plan.clock.speed,
        "start_timestamp": plan.clock.start_unix,
        "demo_minute": shown.floor(),
        "minute": (shown * 1000.0).round() / 1000.0,
        "duration_minutes": plan.traffic.minutes,
        "phase": plan.traffic.phase_at(shown).filter(|_| minute >= 0.0).map(|phase| phase.name.as_str()),
        "rpm": rates.sum::<f64>().round(),
        "requests": requests,
        "errors": errors,
        "error_rate": percent(errors, requests),
        "due": record.sum(|s| s.due),
        "dropped": record.sum(|s| s.dropped),
        "skipped": record.sum(|s| s.skipped),
        "in_flight": in_flight,
        "in_flight_max": most_in_flight,
        "schedule_lag_ms": {"p50": lag.p50, "p99": lag.p99, "max": lag.max},
        "targets": targets(run),
    })
}

/// Where the run sends to.
fn targets(run: &Run) -> Vec<String> {
    let url = |target: &Target| format!("{}://{}{}", target.scheme(), target.authority, target.base_path);
    run.plan().destinations.iter().map(|destination| url(&destination.target)).collect()
}

/// `GET /admin/traffic-stats`: `baseline` and `demo`, or whatever the scenario's streams are called.
pub(super) fn traffic_stats(run: Option<&Run>) -> Value {
    let Some(run) = run else {
        return json!({
            BASELINE: {"rpm": 0, "requests": 0, "errors": 0, "error_rate": "0.0%"},
            DEMO: {"current_rpm": 0, "demo_minute": null, "requests": 0, "errors": 0, "error_rate": "0.0%"},
        });
    };
    let record: Record = run.record();
    let streams = run.plan().traffic.streams.iter().zip(&record.streams);
    let stats: Map<String, Value> = streams.map(|(s, record)| (s.name.clone(), stream(run, &s.name, record))).collect();
    Value::Object(stats)
}

fn stream(run: &Run, name: &str, record: &StreamRecord) -> Value {
    let minute = run.minute().min(run.plan().traffic.minutes);
    let mut stats = Map::new();
    let rpm = json!(rate(run, name).round());
    if name == BASELINE {
        stats.insert("rpm".into(), rpm);
    } else {
        stats.insert("current_rpm".into(), rpm);
        stats.insert("demo_minute".into(), json!(minute.floor()));
    }
    let rest = json!({
        "requests": record.completed,
        "errors": record.errors,
        "error_rate": percent(record.errors, record.completed),
        "dropped": record.dropped,
        "skipped": record.skipped,
        "latency_ms": record.latency().percentiles(),
        "uncorrected_latency_ms": record.uncorrected().percentiles(),
        "recent": recent(run, minute, record),
    });
    if let Value::Object(rest) = rest {
        stats.extend(rest);
    }
    Value::Object(stats)
}

/// The last whole buckets that together last a scenario minute.
fn recent(run: &Run, minute: f64, record: &StreamRecord) -> Value {
    let length = record.buckets.length().minutes;
    let to = (minute / length).floor() * length;
    let from = (to - RECENT_MINUTES).max(0.0);
    let window = record.buckets.between(from, to);
    let real_minutes = (to - from).max(0.0) / run.plan().clock.speed;
    let per_minute = if real_minutes > 0.0 { window.due as f64 / real_minutes } else { 0.0 };
    json!({
        "from_minute": from,
        "to_minute": to.max(from),
        "arrivals_per_minute": (per_minute * 10.0).round() / 10.0,
        "requests": window.completed,
        "errors": window.errors,
        "error_rate": percent(window.errors, window.completed),
        "latency_ms": window.latency.percentiles(),
    })
}

/// Arrivals per real minute that the schedule has for now.
fn rate(run: &Run, stream: &str) -> f64 {
    let is_sending = matches!(run.state(), RunState::Running);
    let stream = run.plan().traffic.stream(stream).filter(|_| is_sending);
    stream.map_or(0.0, |s| s.arrivals_per_minute.at(run.minute()))
}

pub(super) fn is_running(state: RunState) -> bool {
    matches!(state, RunState::Waiting | RunState::Running | RunState::Draining)
}

fn percent(part: u64, whole: u64) -> String {
    let share = if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    format!("{:.1}%", share * 100.0)
}
