//! Questions in SQL: the page, and answers as JSON, CSV and Parquet.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Query, State as Shared};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use store::{SqlAnswer, SqlError, SqlLimits, SqlSchema};
use tokio::sync::Semaphore;

use crate::api::SqlQuestion;
use crate::pages;
use crate::state::State;
use crate::web::answer::{Answer, Asked, Refused, page, refuse};
use crate::web::query::{BadField, WHOLE, parsed};
use crate::web::router::not_found;

/// Questions that are answered at the same time: they cost a core each, and telemetry goes on coming in.
const AT_ONCE: usize = 2;
/// Rows of one answer.
const MOST_ROWS: usize = 100_000;
/// Characters of a question.
const LONGEST_QUESTION: usize = 20_000;

/// What is taken by whoever asks, for as long as it takes.
type Seats = Arc<Semaphore>;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/sql", get(sql_page))
        .route("/api/sql", get(ask_in_address).post(ask_in_body))
        .route("/api/sql/schema", get(schema))
        .layer(Extension(Seats::new(Semaphore::new(AT_ONCE))))
}

async fn sql_page(Shared(state): Shared<State>, asked: Asked) -> Response {
    let Ok(Query(fields)) = asked else { return not_found().await };
    page(StatusCode::OK, pages::sql(&fields.q, &state.store().sql_schema(), &state.health()))
}

async fn schema(Shared(state): Shared<State>) -> Json<SqlSchema> {
    Json(state.store().sql_schema())
}

async fn ask_in_body(
    Shared(state): Shared<State>,
    Extension(seats): Extension<Seats>,
    asked: Result<Json<SqlQuestion>, JsonRejection>,
) -> Answer<SqlAnswer> {
    let Json(asked) = asked?;
    ask(state, seats, asked.question, asked.limit, |state, question, limits| state.store().sql(question, limits))
        .await
        .map(Json)
}

/// What an answer is written as.
enum Format {
    Json,
    Csv,
    Parquet,
}

async fn ask_in_address(
    Shared(state): Shared<State>,
    Extension(seats): Extension<Seats>,
    asked: Asked,
) -> Result<Response, Refused> {
    let Query(fields) = asked?;
    let limit = parsed("limit", &fields.limit, WHOLE)?;
    let format = match fields.format.trim() {
        "" | "json" => Format::Json,
        "csv" => Format::Csv,
        "parquet" => Format::Parquet,
        other => return Err(BadField::new("format", other, "use json, csv or parquet").into()),
    };
    let rows = |state: &State, question: &str, limits| state.store().sql(question, limits);
    Ok(match format {
        Format::Json => Json(ask(state, seats, fields.q, limit, rows).await?).into_response(),
        Format::Csv => {
            let answer = ask(state, seats, fields.q, limit, rows).await?;
            let internal =
                |_| refuse(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the answer cannot be written as CSV");
            file("text/csv; charset=utf-8", "answer.csv", csv(&answer).map_err(internal)?)
        }
        Format::Parquet => {
            let bytes = ask(state, seats, fields.q, limit, |state, question, limits| {
                state.store().sql_parquet(question, limits)
            });
            file("application/vnd.apache.parquet", "answer.parquet", bytes.await?)
        }
    })
}

fn file(content_type: &'static str, name: &'static str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, content_type.to_owned()), (CONTENT_DISPOSITION, disposition)], bytes).into_response()
}

/// Answers a question on a thread that may wait. Its seat is given back when it is answered, even if nobody waits for the
/// answer any more.
async fn ask<T: Send + 'static>(
    state: State,
    seats: Seats,
    question: String,
    limit: Option<usize>,
    answer: impl FnOnce(&State, &str, SqlLimits) -> Result<T, SqlError> + Send + 'static,
) -> Result<T, Refused> {
    if question.trim().is_empty() {
        return Err(refuse(StatusCode::BAD_REQUEST, "bad_question", "there is no question: write a SELECT"));
    }
    let characters = question.chars().count();
    if characters > LONGEST_QUESTION {
        let message = format!("the question has {characters} characters: {LONGEST_QUESTION} are taken at most");
        return Err(refuse(StatusCode::BAD_REQUEST, "bad_question", message));
    }
    let limits = SqlLimits::default();
    let limits = SqlLimits { rows: limit.unwrap_or(limits.rows).clamp(1, MOST_ROWS), ..limits };
    let Ok(seat) = seats.try_acquire_owned() else {
        let message = format!(
            "{AT_ONCE} questions are being answered already: ask again when one of them is done, in {:.0} s at the latest",
            limits.time.as_secs_f64()
        );
        return Err(refuse(StatusCode::TOO_MANY_REQUESTS, "busy", message));
    };
    let answered = tokio::task::spawn_blocking(move || {
        let _seat = seat;
        answer(&state, &question, limits)
    });
    let answered = answered.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
    answered.map_err(refused)
}

fn refused(error: SqlError) -> Refused {
    let (status, code) = match error {
        SqlError::Mistake(_) => (StatusCode::BAD_REQUEST, "bad_question"),
        SqlError::ReadOnly(_) => (StatusCode::FORBIDDEN, "read_only"),
        SqlError::TooLong(_) => (StatusCode::UNPROCESSABLE_ENTITY, "too_long"),
        SqlError::TooMuch(_) => (StatusCode::UNPROCESSABLE_ENTITY, "too_much"),
    };
    refuse(status, code, error.to_string())
}

/// Names in the first line, then the rows; what is null is empty.
fn csv(answer: &SqlAnswer) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&answer.columns)?;
    for row in &answer.rows {
        writer.write_record(row.iter().map(|value| match value {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        }))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn csv_quotes_what_needs_quotes() {
        let answer = SqlAnswer {
            columns: vec!["name".into(), "n".into()],
            rows: vec![vec![json!("a, \"b\"\nc"), json!(1.5)], vec![json!(null), json!(2)]],
            ..SqlAnswer::default()
        };
        let text = String::from_utf8(csv(&answer).expect("it is written")).expect("UTF-8");
        assert_eq!(text, "name,n\n\"a, \"\"b\"\"\nc\",1.5\n,2\n");
    }
}
