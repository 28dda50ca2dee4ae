//! The Stage page's stream: once a second everything is gathered, rendered once, and handed to whoever watches.

use std::time::Duration;

use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};

use crate::pages;
use crate::stage::snapshot::StageSnapshot;
use crate::state::State;

/// Once a second: what people can follow.
const EVERY: Duration = Duration::from_secs(1);

/// One message of the stream: the snapshot, and the parts of the page that it changes, by the id of their element.
#[derive(Debug, Serialize)]
pub(crate) struct Message<'a> {
    pub(crate) snapshot: &'a StageSnapshot,
    pub(crate) parts: Vec<(&'static str, String)>,
}

/// Runs until the console is to end. Nothing is gathered while nobody watches.
pub(crate) async fn publish(state: State) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = state.shutdown().cancelled() => return,
            _ = ticks.tick() => {}
        }
        state.note_losses();
        if state.stage().receiver_count() > 0 {
            state.stage().send_replace(message(&state));
        }
    }
}

/// The message as it is now.
pub(crate) fn message(state: &State) -> std::sync::Arc<str> {
    let snapshot = StageSnapshot::take(state);
    let parts = pages::stage_parts(&snapshot).into_iter().map(|(id, markup)| (id, markup.into_string())).collect();
    let message = Message { snapshot: &snapshot, parts };
    serde_json::to_string(&message).unwrap_or_default().into()
}
