//! Everything the Stage page shows at one moment: the JSON twin of the page.

use detect::UnixMs;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Alert, Health, Monitors, StagePlay};
use crate::stage::card::{Card, entrance};
use crate::stage::curves::{Axis, Curve, curves};
use crate::stage::lanes::{lanes, pair};
use crate::stage::revenue::Losses;
use crate::state::State;

/// Alerts shown on the page.
const ALERTS: usize = 12;

/// The Stage at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StageSnapshot {
    /// When, Unix milliseconds.
    pub at_unix_ms: u64,
    /// The scenario minute then, by the clock of the play; `None` without one.
    pub minute: Option<f64>,
    /// The play, as the conductor told it last.
    pub play: Option<StagePlay>,
    /// Two: the traffic that stays healthy, then the one that meets the incident now.
    pub cards: Vec<Card>,
    /// Of every kind of traffic of the play, the one that stays healthy first; without a play of `baseline` and `demo`.
    pub curves: Vec<Curve>,
    /// Monitors and flows.
    pub detection: Monitors,
    /// The newest first.
    pub alerts: Vec<Alert>,
    /// The console's own account.
    pub health: Health,
}

impl StageSnapshot {
    /// As it is now.
    pub(crate) fn take(state: &State) -> Self {
        let now = state.now();
        let play = state.play();
        let axis = Axis::new(play.as_ref(), now);
        let detection = state.monitors();
        let store = state.store();
        let entrance = entrance(play.as_ref());
        let losses = Losses::take(store, now);
        let card = |name| Card::new(store, &detection.monitors, entrance, name, &losses, now);
        let minute = play.as_ref().map(|play| minute(play, axis, now));
        let lanes = lanes(play.as_ref());
        Self {
            at_unix_ms: now.0,
            minute,
            cards: pair(&lanes, play.as_ref(), minute.unwrap_or_default()).map(card).into(),
            curves: kept_curves(state, &lanes).unwrap_or_else(|| curves(store, axis, entrance, &lanes, now)),
            detection,
            alerts: state.alerts().newest(ALERTS),
            health: state.health(),
            play,
        }
    }

    /// The scenario minute of a moment; `None` without a play.
    pub(crate) fn minute_of(&self, unix_ms: u64) -> Option<f64> {
        let play = self.play.as_ref()?;
        Some(Axis::new(Some(play), UnixMs(self.at_unix_ms)).minute(unix_ms as f64))
    }
}

/// What the load generator measured in a run that was opened without its telemetry: the story has it, the store has nothing.
fn kept_curves(state: &State, lanes: &[&str]) -> Option<Vec<Curve>> {
    state.finished_run()?.telemetry_lack.as_ref()?;
    let measured = &state.opened()?.story.curves;
    let of = |name: &str| measured.iter().find(|curve| curve.stream == name).map(Curve::measured).unwrap_or_default();
    Some(lanes.iter().map(|name| Curve { traffic_type: (*name).to_owned(), ..of(name) }).collect())
}

/// The clock runs on between two messages of the conductor, and stands still once the play is over.
fn minute(play: &StagePlay, axis: Axis, now: UnixMs) -> f64 {
    if play.status == "finished" { play.minute } else { axis.minute(now.0 as f64) }.min(play.minutes)
}
