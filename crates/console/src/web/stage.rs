//! The Stage: its page, its JSON, its stream of server-sent events, and the play that the conductor hands in.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State as Shared;
use axum::extract::rejection::JsonRejection;
use axum::response::sse::{Event, KeepAlive};
use axum::response::{Response, Sse};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::stream::{self, Stream, StreamExt};
use http::StatusCode;
use tokio_stream::wrappers::WatchStream;

use crate::api::{StagePlay, StageSnapshot};
use crate::pages;
use crate::stage;
use crate::state::State;
use crate::web::answer::{Refused, page};

/// How soon a browser comes back after the stream broke off.
const RETRY: Duration = Duration::from_secs(1);

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/", get(stage_page))
        .route("/api/stage", get(snapshot).post(set_play))
        .route("/api/stage/events", get(events))
}

async fn stage_page(Shared(state): Shared<State>) -> Response {
    page(StatusCode::OK, pages::stage(&stage::StageSnapshot::take(&state)))
}

async fn snapshot(Shared(state): Shared<State>) -> Json<StageSnapshot> {
    Json(StageSnapshot::take(&state))
}

async fn set_play(
    Shared(state): Shared<State>,
    play: Result<Json<StagePlay>, JsonRejection>,
) -> Result<StatusCode, Refused> {
    let Json(play) = play?;
    state.set_play(play);
    Ok(StatusCode::NO_CONTENT)
}

/// One message at once, then one a second; ends when the console does.
async fn events(Shared(state): Shared<State>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let first = Event::default().retry(RETRY).event("stage").data(stage::message(&state).as_ref());
    let later = WatchStream::from_changes(state.stage().subscribe())
        .map(|message| Event::default().event("stage").data(message.as_ref()));
    let shutdown = state.shutdown().clone();
    let events = stream::once(async { first }).chain(later).map(Ok).take_until(shutdown.cancelled_owned());
    Sse::new(events).keep_alive(KeepAlive::default())
}
