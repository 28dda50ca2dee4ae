//! Everything the Stage page shows at one moment: the JSON twin of the page.

use detect::UnixMs;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Alert, Health, Monitors, StagePlay};
use crate::stage::card::{Card, entrance};
use crate::stage::curves::{Axis, Curve, curves};
use crate::stage::revenue::Losses;
use crate::state::State;

/// The traffic that stays healthy, on the left.
pub(crate) const BASELINE: &str = "baseline";
/// The traffic that meets the incident, on the right.
pub(crate) const DEMO: &str = "demo";
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
    /// Baseline, then demo.
    pub cards: Vec<Card>,
    /// Baseline, then demo.
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
        Self {
            at_unix_ms: now.0,
            minute: play.as_ref().map(|play| minute(play, axis, now)),
            cards: [BASELINE, DEMO].map(card).into(),
            curves: kept_curves(state).unwrap_or_else(|| curves(store, axis, entrance, &[BASELINE, DEMO], now)),
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
fn kept_curves(state: &State) -> Option<Vec<Curve>> {
    state.finished_run()?.telemetry_lack.as_ref()?;
    let measured = &state.opened()?.story.curves;
    let of = |name: &str| measured.iter().find(|curve| curve.stream == name).map(Curve::measured).unwrap_or_default();
    Some([BASELINE, DEMO].map(|name| Curve { traffic_type: name.to_owned(), ..of(name) }).into())
}

/// The clock runs on between two messages of the conductor, and stands still once the play is over.
fn minute(play: &StagePlay, axis: Axis, now: UnixMs) -> f64 {
    if play.status == "finished" { play.minute } else { axis.minute(now.0 as f64) }.min(play.minutes)
}
