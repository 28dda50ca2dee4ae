//! Samples in, alerts out: monitors as data, and the state machines that decide when one fires.
//!
//! Pure: no file, network, clock or randomness. Time is a parameter ([`UnixMs`]), measurements are a parameter
//! ([`Sample`]), and what comes out is a list of [`Transition`]s. Collecting the measurements is the store's work,
//! telling anybody about transitions is the console's.
//!
//! Start at [`MonitorSet`] (the file), then [`Engine`] (`queries` says what to measure, `step` what follows from it).

mod alert_state;
mod baseline;
mod describe;
mod engine;
mod file;
mod flow;
mod flow_state;
mod followed;
mod groups;
mod incident;
mod monitor;
mod signal;
mod status;
mod time;
mod truth;
mod watched;

pub use engine::{Engine, Transition, TransitionState};
pub use file::{Mistake, json_schema, parse};
pub use flow::{Flow, Stage};
pub use incident::{Incident, IncidentEntry, IncidentMonitor, Incidents};
pub use monitor::{Bounds, Counted, Direction, Limit, Monitor, MonitorSet, NoData, Priority, Threshold, When};
pub use signal::{LogFilter, Quantile, Query, Sample, Signal, SpanFilter, SpanKind, SpanMeasure, SpanStatus};
pub use status::{AlertPhase, FlowStatus, MonitorStatus, StageStatus, Watching};
pub use time::{TimeScale, UnixMs};
