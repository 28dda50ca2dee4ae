//! Monitors at work: every 250 ms the store is measured, the engine steps, and what changed is written down.

use std::time::Duration;

use detect::Engine;
use tokio::time::{MissedTickBehavior, interval};

use crate::api::Monitors;
use crate::state::State;

/// Fast enough that at speed 10 a monitor loses at most 2.5 scenario seconds.
const EVERY: Duration = Duration::from_millis(250);

/// Runs until the console is to end.
pub(crate) async fn run(state: State, mut engine: Engine) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = state.shutdown().cancelled() => return,
            _ = ticks.tick() => step(&state, &mut engine),
        }
    }
}

fn step(state: &State, engine: &mut Engine) {
    let now = state.now();
    let answers = state.store().measure(engine.queries(), now);
    let changed = engine.step(now, &answers);
    let (monitors, flows) = (engine.monitors(), engine.flows());
    state.incidents().step(&changed, &monitors, &flows);
    for transition in changed {
        tracing::info!(
            monitor = transition.key,
            traffic_type = transition.group,
            state = ?transition.state,
            "{}",
            transition.summary
        );
        state.alerts().push(transition);
    }
    state.set_monitors(Monitors { monitors, flows });
}
