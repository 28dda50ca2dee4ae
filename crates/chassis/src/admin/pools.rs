//! The service's connection pools: how crowded they are, and what may be changed about them.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::State;
use axum::routing::{delete, get, put};
use axum::{Json, Router};
use serde_json::{Value, json};
use telemetry::sql::{Pool, PoolStats};

use super::leak::LeakCurve;
use super::steering::Steered;
use super::until::Until;
use crate::input::{Field, Raw};
use crate::{ApiError, Body, Segment};

/// Largest size: what the configuration allows as well.
const MAX_CONNECTIONS: u32 = 1_000;
/// Longest name that is looked up, in characters.
const NAME_LENGTH: usize = 64;

/// All pools of the service, as they are listed.
#[derive(Debug)]
struct Pools(Vec<Steered>);

impl Pools {
    fn stats(&self, reset: bool) -> Json<Value> {
        let all: Vec<PoolStats> = self.0.iter().map(|steered| steered.pool().stats(reset)).collect();
        Json(json!({"pools": all}))
    }

    fn find(&self, name: &PoolName) -> Result<&Steered, ApiError> {
        let found = self.0.iter().find(|steered| steered.pool().name() == name.0);
        found.ok_or_else(|| {
            let known: Vec<&str> = self.0.iter().map(|steered| steered.pool().name()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            ApiError::not_found(format!("there is no pool {}; this service has: {known}", name.0))
        })
    }
}

/// The routes that change something, and those that only look.
pub(super) fn routes(pools: Vec<Pool>) -> (Router, Router) {
    let pools = Arc::new(Pools(pools.into_iter().map(Steered::new).collect()));
    let changing = Router::new()
        .route("/admin/pools/{pool}/size", put(resize).delete(undo_resize))
        .route("/admin/pools/{pool}/leak", put(leak).delete(undo_leak))
        .route("/admin/pool-stats/peaks", delete(forget_peaks));
    let looking = Router::new().route("/admin/pool-stats", get(stats));
    (changing.with_state(Arc::clone(&pools)), looking.with_state(pools))
}

/// Whatever may be asked for as a pool's name.
struct PoolName(String);

impl Field for PoolName {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let text = raw.text()?;
        let is_name = (1..=NAME_LENGTH).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'));
        is_name
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| format!("must be 1 to {NAME_LENGTH} characters of a-z, 0-9, `-`, `_`"))
    }
}

/// How many connections a pool may open.
struct Connections(NonZeroU32);

impl Field for Connections {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let count = u32::try_from(raw.integer()?).ok().filter(|count| *count <= MAX_CONNECTIONS);
        let count = count.and_then(NonZeroU32::new).map(Self);
        count.ok_or_else(|| format!("must be from 1 to {MAX_CONNECTIONS}"))
    }
}

/// `GET /admin/pool-stats`
async fn stats(State(pools): State<Arc<Pools>>) -> Json<Value> {
    pools.stats(false)
}

/// `DELETE /admin/pool-stats/peaks`: `pending_max` counts from now on. Answers what was known until now.
async fn forget_peaks(State(pools): State<Arc<Pools>>) -> Json<Value> {
    pools.stats(true)
}

/// `PUT /admin/pools/{pool}/size {size, until_unix}`
async fn resize(
    State(pools): State<Arc<Pools>>,
    Segment(name): Segment<PoolName>,
    Body(mut fields): Body,
) -> Result<Json<PoolStats>, ApiError> {
    let steered = pools.find(&name)?;
    fields.only(&["size", "until_unix"]);
    let read = (fields.required::<Connections>("size"), fields.required::<Until>("until_unix"));
    let (size, until) = fields.finish(read)?;
    steered.resize(size.0, until).await;
    Ok(Json(steered.pool().stats(false)))
}

async fn undo_resize(
    State(pools): State<Arc<Pools>>,
    Segment(name): Segment<PoolName>,
) -> Result<Json<PoolStats>, ApiError> {
    let steered = pools.find(&name)?;
    steered.undo_resize().await;
    Ok(Json(steered.pool().stats(false)))
}

/// `PUT /admin/pools/{pool}/leak {points: [[unix seconds, sessions], ...], until_unix}`
async fn leak(
    State(pools): State<Arc<Pools>>,
    Segment(name): Segment<PoolName>,
    Body(mut fields): Body,
) -> Result<Json<PoolStats>, ApiError> {
    let steered = pools.find(&name)?;
    fields.only(&["points", "until_unix"]);
    let read = (fields.required::<LeakCurve>("points"), fields.required::<Until>("until_unix"));
    let (curve, until) = fields.finish(read)?;
    steered.leak(curve, until).await;
    Ok(Json(steered.pool().stats(false)))
}

async fn undo_leak(
    State(pools): State<Arc<Pools>>,
    Segment(name): Segment<PoolName>,
) -> Result<Json<PoolStats>, ApiError> {
    let steered = pools.find(&name)?;
    steered.undo_leak().await;
    Ok(Json(steered.pool().stats(false)))
}
