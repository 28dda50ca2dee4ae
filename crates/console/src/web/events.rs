//! The Stage page's stream of server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State as Shared;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::stream::{self, Stream, StreamExt};
use tokio_stream::wrappers::WatchStream;

use crate::stage;
use crate::state::State;

/// How soon a browser comes back after the stream broke off.
const RETRY: Duration = Duration::from_secs(1);

/// One message at once, then one a second; ends when the console does.
pub(crate) async fn stage(Shared(state): Shared<State>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let first = Event::default().retry(RETRY).event("stage").data(stage::message(&state).as_ref());
    let later = WatchStream::from_changes(state.stage().subscribe())
        .map(|message| Event::default().event("stage").data(message.as_ref()));
    let shutdown = state.shutdown().clone();
    let events = stream::once(async { first }).chain(later).map(Ok).take_until(shutdown.cancelled_owned());
    Sse::new(events).keep_alive(KeepAlive::default())
}
