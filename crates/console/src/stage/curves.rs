//! Measured curves of one kind of traffic at the entrance, over scenario minutes or, without a play, over real ones.

use detect::{SpanKind, UnixMs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{RedFilter, Store};

use crate::api::StagePlay;
use crate::story::MeasuredCurve;

/// What is shown without a play: the last minutes.
const WITHOUT_PLAY_MINUTES: f64 = 15.0;
/// Points on a curve: more cannot be told apart on a screen.
const POINTS: f64 = 160.0;
/// Below this, in seconds, a point of slow traffic stands on nothing.
const SHORTEST_STEP_S: f64 = 3.0;

/// One curve per measure, with the minutes they share. JSON has no numbers for "nothing": those points are left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Curve {
    /// The `traffic.type`.
    pub traffic_type: String,
    /// Scenario minutes; without a play, real minutes before now (negative).
    pub minutes: Vec<f64>,
    /// Share of requests that failed for whoever asked, 0 to 1: errors, and answers with HTTP status 400 or more.
    pub error_rate: Vec<f64>,
    /// 19 of 20 were faster, in milliseconds.
    pub p95_ms: Vec<f64>,
}

impl Curve {
    /// What a load generator measured, as far as it measured anything.
    pub(crate) fn measured(curve: &MeasuredCurve) -> Self {
        let points = curve.minutes.iter().zip(curve.error_rate.iter().zip(&curve.p95_ms));
        let points: Vec<(f64, f64, f64)> =
            points.filter_map(|(minute, (errors, p95_ms))| Some((*minute, (*errors)?, (*p95_ms)?))).collect();
        Self {
            traffic_type: curve.stream.clone(),
            minutes: points.iter().map(|point| point.0).collect(),
            error_rate: points.iter().map(|point| point.1).collect(),
            p95_ms: points.iter().map(|point| point.2).collect(),
        }
    }
}

/// How scenario minutes lie in real time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Axis {
    /// Minute 0, Unix milliseconds.
    start_unix_ms: f64,
    /// Scenario minutes per real minute.
    speed: f64,
    /// First and last minute shown.
    pub(crate) from: f64,
    pub(crate) to: f64,
}

impl Axis {
    pub(crate) fn new(play: Option<&StagePlay>, now: UnixMs) -> Self {
        match play {
            Some(play) => Self {
                start_unix_ms: play.start_unix * 1000.0,
                speed: if play.speed > 0.0 { play.speed } else { 1.0 },
                from: 0.0,
                to: play.minutes.max(1.0),
            },
            None => Self { start_unix_ms: now.0 as f64, speed: 1.0, from: -WITHOUT_PLAY_MINUTES, to: 0.0 },
        }
    }

    /// The minute of a moment.
    pub(crate) fn minute(&self, unix_ms: f64) -> f64 {
        (unix_ms - self.start_unix_ms) / 60_000.0 * self.speed
    }

    fn unix_ms(&self, minute: f64) -> u64 {
        (self.start_unix_ms + minute * 60_000.0 / self.speed).max(0.0) as u64
    }

    fn step_s(&self) -> f64 {
        ((self.to - self.from) * 60.0 / self.speed / POINTS).max(SHORTEST_STEP_S).ceil()
    }
}

/// The curves of each of `traffic_types` at `entrance`. The stretch under way is left out: it would hang down until it is full.
pub(crate) fn curves(store: &Store, axis: Axis, entrance: &str, traffic_types: &[&str], now: UnixMs) -> Vec<Curve> {
    let step_s = axis.step_s();
    let step_ms = step_s * 1000.0;
    let filter = RedFilter {
        service: Some(entrance.into()),
        kind: Some(SpanKind::Server),
        from_unix_ms: Some(axis.unix_ms(axis.from)),
        to_unix_ms: Some(axis.unix_ms(axis.to).min(now.0)),
        ..RedFilter::default()
    };
    let points = store.timeline(&filter, step_s as u64, now);
    let mut curves: Vec<Curve> =
        traffic_types.iter().map(|name| Curve { traffic_type: (*name).to_owned(), ..Curve::default() }).collect();
    for point in points.iter().filter(|point| point.at_unix_ms as f64 + step_ms <= now.0 as f64) {
        let named = |curve: &&mut Curve| Some(curve.traffic_type.as_str()) == point.traffic_type.as_deref();
        if let Some(curve) = curves.iter_mut().find(named) {
            let middle = axis.minute(point.at_unix_ms as f64 + step_ms / 2.0);
            curve.minutes.push((middle * 1000.0).round() / 1000.0);
            curve.error_rate.push((point.failure_rate * 10_000.0).round() / 10_000.0);
            curve.p95_ms.push(point.p95_ms.round());
        }
    }
    curves
}
