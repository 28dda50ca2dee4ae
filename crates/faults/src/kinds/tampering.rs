//! What the kinds that change a stream's requests on their way out have in common: the load generator does it.

use serde_json::{Value, json};

use crate::FaultError;
use crate::admin::{Admin, AdminUndo, Effect};
use crate::attempt::Attempt;
use crate::kind::Moment;

use super::CLIENTS;

/// Refuses where something is done to the stream's requests already: there is room for one change.
pub(super) fn capture(stream: &str, moment: &Moment<'_>, attempt: &Attempt<'_>) -> Result<AdminUndo, FaultError> {
    let admin = Admin::of(attempt.target(), CLIENTS)?;
    AdminUndo::new(&admin, Effect::Tampering { stream: stream.to_owned() }).alone(moment.others)
}

/// Puts it in; `what` is what becomes of the requests, as the load generator is told.
pub(super) async fn put(
    mut what: Value,
    moment: &Moment<'_>,
    undo: &AdminUndo,
    attempt: &Attempt<'_>,
) -> Result<(), FaultError> {
    what["until_unix"] = json!(moment.dead_mans_switch_unix());
    undo.put(attempt, &what).await.map(|_| ())
}
