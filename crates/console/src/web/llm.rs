//! Language models: what they are asked, how long they take, what goes wrong, what it costs.

use axum::extract::{Query, State as Shared};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use store::LlmFilter;

use crate::models::{self, LlmView};
use crate::pages::{self, LLM_WINDOW};
use crate::state::State;
use crate::web::answer::{Answer, Asked, Refused, page};
use crate::web::query::BadField;
use crate::web::{Fields, Window};

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/llm", get(llm)).route("/api/llm", get(models))
}

/// What is asked for, by default the stretch that the page shows first.
fn filter(asked: &Fields, state: &State) -> Result<LlmFilter, BadField> {
    let red = asked.red_within(state)?;
    let usual = || {
        let window = Window::ALL.iter().find(|(value, ..)| *value == LLM_WINDOW);
        window.map_or(0, |(.., window)| window.start(state))
    };
    Ok(LlmFilter {
        service: red.service,
        traffic_type: red.traffic_type,
        from_unix_ms: red.from_unix_ms.unwrap_or_else(usual),
        to_unix_ms: red.to_unix_ms,
    })
}

async fn llm(Shared(state): Shared<State>, asked: Asked) -> Result<Response, Refused> {
    let Query(asked) = asked?;
    // What cannot be read is said above the page, which then shows the usual stretch of everything.
    let (filter, mistake) = match filter(&asked, &state) {
        Ok(filter) => (filter, None),
        Err(bad) => (self::filter(&Fields::default(), &state)?, Some(bad.to_string())),
    };
    let view = models::view(&state, &filter);
    Ok(page(StatusCode::OK, pages::llm(&view, &asked, mistake.as_deref(), &state.health())))
}

async fn models(Shared(state): Shared<State>, asked: Asked) -> Answer<LlmView> {
    let Query(asked) = asked?;
    Ok(Json(models::view(&state, &filter(&asked, &state)?)))
}
