//! The fault filter: requests delayed or refused before the service sees them, as the proxy of a service mesh does.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::fault::{Effect, Fault, MAX_DELAY, Place};
use crate::input::{Field, Raw};
use crate::{ApiError, Body, Segment};

/// Most faults in force at once.
const MAX_FAULTS: usize = 32;
/// Longest name of a fault, in characters.
const ID_LENGTH: usize = 64;
/// Paths that are always let through: whoever looks whether the service lives or how it does, and whoever has to end the faults.
const UNFILTERED: [&str; 4] = ["/health", "/ready", "/metrics", "/admin"];

/// The faults in force, by name.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    by_id: RwLock<BTreeMap<String, Arc<Fault>>>,
    /// Stands in for the trace of requests that have none.
    untraced: AtomicU64,
}

/// What is to become of one request.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    delay: Duration,
    upstream: Duration,
    refusal: Option<StatusCode>,
}

/// How long a request is to wait where the service waits for what it calls: an operator's fault. Zero nearly always.
///
/// An extractor: a service that calls something else waits for so long before the call, as a slow answer would make it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UpstreamWait(pub Duration);

impl<S: Send + Sync> FromRequestParts<S> for UpstreamWait {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or_default())
    }
}

impl Faults {
    /// Adds a fault, or replaces the one of that name. Says whether there was room.
    fn put(&self, id: &str, fault: Arc<Fault>) -> bool {
        let mut by_id = self.by_id.write().unwrap_or_else(PoisonError::into_inner);
        by_id.retain(|_, fault| !fault.has_ended());
        if by_id.len() >= MAX_FAULTS && !by_id.contains_key(id) {
            return false;
        }
        by_id.insert(id.to_owned(), fault);
        true
    }

    fn remove(&self, id: &str) -> bool {
        let removed = self.by_id.write().unwrap_or_else(PoisonError::into_inner).remove(id);
        removed.is_some_and(|fault| !fault.has_ended())
    }

    fn list(&self) -> Vec<Value> {
        let by_id = self.by_id.read().unwrap_or_else(PoisonError::into_inner);
        by_id.iter().filter(|(_, fault)| !fault.has_ended()).map(|(id, fault)| fault.to_json(id)).collect()
    }

    /// Delays add up; the first refusal counts.
    fn verdict(&self, path: &str, traffic_type: Option<&str>, headers: &HeaderMap) -> Verdict {
        let by_id = self.by_id.read().unwrap_or_else(PoisonError::into_inner);
        if by_id.is_empty() || is_unfiltered(path) {
            return Verdict::default();
        }
        let request = self.name(headers);
        // Each fault draws for itself: two of a half each take three quarters.
        let draw = |id: &str, of: &[u8]| fraction(request.iter().chain(id.as_bytes()).chain(of));
        let mut verdict = Verdict::default();
        for (id, fault) in by_id.iter().filter(|(id, fault)| fault.takes(path, traffic_type, draw(id, &[]))) {
            match fault.effect {
                Effect::Latency(delay, at) => {
                    let wait = match at {
                        Place::Entry => &mut verdict.delay,
                        Place::Upstream => &mut verdict.upstream,
                    };
                    // Which requests are hit must say nothing about how long they wait.
                    *wait = (*wait + delay.of(draw(id, b"delay"))).min(MAX_DELAY);
                }
                Effect::Error(status) => verdict.refusal = verdict.refusal.or(Some(status)),
            }
        }
        verdict
    }

    /// What tells this request from every other: its `traceparent`, the same everywhere and always. Every repetition, whose span
    /// is another, has its own. One without it gets a number.
    fn name(&self, headers: &HeaderMap) -> Vec<u8> {
        match headers.get("traceparent") {
            Some(traceparent) => traceparent.as_bytes().to_vec(),
            None => self.untraced.fetch_add(1, Ordering::Relaxed).to_le_bytes().to_vec(),
        }
    }
}

fn is_unfiltered(path: &str) -> bool {
    let is_at = |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    UNFILTERED.into_iter().any(is_at)
}

/// FNV-1a, whose bits the finalizer of MurmurHash3 mixes, as a fraction: uniform also over bytes that differ little.
fn fraction<'a>(bytes: impl Iterator<Item = &'a u8>) -> f64 {
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    let hash = hash ^ (hash >> 33);
    // As many bits as a fraction holds.
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

/// Middleware around the service's own routes, inside of what traces them.
pub(crate) async fn filter(State(faults): State<Arc<Faults>>, mut request: Request, next: Next) -> Response {
    let traffic_type = telemetry::context::traffic_type();
    let traffic_type = traffic_type.as_ref().map(|traffic_type| traffic_type.as_str());
    let verdict = faults.verdict(request.uri().path(), traffic_type.as_deref(), request.headers());
    if !verdict.upstream.is_zero() {
        request.extensions_mut().insert(UpstreamWait(verdict.upstream));
    }
    if !verdict.delay.is_zero() {
        tokio::time::sleep(verdict.delay).await;
    }
    match verdict.refusal {
        Some(status) => refusal(status).into_response(),
        None => next.run(request).await,
    }
}

/// An error as the service might give one itself.
fn refusal(status: StatusCode) -> ApiError {
    let code = match status {
        StatusCode::TOO_MANY_REQUESTS => "too_many_requests",
        StatusCode::INTERNAL_SERVER_ERROR => "internal",
        StatusCode::BAD_GATEWAY => "upstream_error",
        StatusCode::GATEWAY_TIMEOUT => "upstream_timeout",
        status if status.is_client_error() => "refused",
        _ => "unavailable",
    };
    ApiError::new(status, code, "the service can't answer this now")
}

/// The routes that change something, and those that only look.
pub(super) fn routes(faults: Arc<Faults>) -> (Router, Router) {
    let changing = Router::new().route("/admin/faults/{id}", put(change).delete(remove));
    let looking = Router::new().route("/admin/faults", get(list));
    (changing.with_state(Arc::clone(&faults)), looking.with_state(faults))
}

/// What a fault is called.
#[derive(Debug)]
struct FaultId(String);

impl Field for FaultId {
    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let text = raw.text()?;
        let is_allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'-');
        let is_id = (1..=ID_LENGTH).contains(&text.len()) && text.bytes().all(is_allowed);
        is_id
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| format!("must be 1 to {ID_LENGTH} characters of A-Z, a-z, 0-9, `_`, `.`, `:`, `-`"))
    }
}

/// `PUT /admin/faults/{id} {kind, delay_ms | status, share?, path?, until_unix}`
async fn change(
    State(faults): State<Arc<Faults>>,
    Segment(id): Segment<FaultId>,
    Body(fields): Body,
) -> Result<Json<Value>, ApiError> {
    let fault = Arc::new(Fault::read(fields)?);
    if faults.put(&id.0, Arc::clone(&fault)) {
        return Ok(Json(fault.to_json(&id.0)));
    }
    let message = format!("{MAX_FAULTS} faults are in force; DELETE one of them first");
    Err(ApiError::conflict("too_many_faults", message))
}

async fn remove(State(faults): State<Arc<Faults>>, Segment(id): Segment<FaultId>) -> Json<Value> {
    Json(json!({"removed": faults.remove(&id.0)}))
}

async fn list(State(faults): State<Arc<Faults>>) -> Json<Value> {
    Json(json!({"faults": faults.list()}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Fields;

    fn fault(body: Value) -> Arc<Fault> {
        let mut body = body;
        body["until_unix"] = json!(super::super::until::unix_now() + 60.0);
        Arc::new(Fault::read(Fields::of_body(body.as_object().cloned().unwrap())).unwrap())
    }

    fn traced(number: u64) -> HeaderMap {
        let value = format!("00-4bf92f3577b34da6a3ce929d0e0e4736-{number:016x}-01");
        HeaderMap::from_iter([("traceparent".parse().unwrap(), value.parse().unwrap())])
    }

    #[test]
    fn the_share_of_hit_requests_is_kept_whether_or_not_they_are_traced() {
        for (share, least, most) in [(0.2, 350, 450), (0.5, 930, 1_070), (0.01, 8, 32), (1.0, 2_000, 2_000)] {
            let faults = Faults::default();
            faults.put("one", fault(json!({"kind": "error", "status": 503, "share": share})));
            let hit = |headers: &HeaderMap| faults.verdict("/x", None, headers).refusal.is_some();
            let of_traced = (0..2_000).filter(|n| hit(&traced(*n))).count();
            let of_others = (0..2_000).filter(|_| hit(&HeaderMap::new())).count();
            assert!((least..=most).contains(&of_traced), "{share}: {of_traced}");
            assert!((least..=most).contains(&of_others), "{share}: {of_others}");
        }
    }

    #[test]
    fn the_same_request_meets_the_same_fate_and_its_repetition_another() {
        let faults = Faults::default();
        faults.put("one", fault(json!({"kind": "latency", "delay_ms": 5, "share": 0.5})));
        let fates = || (0..64).map(|n| faults.verdict("/x", None, &traced(n))).collect::<Vec<_>>();
        assert_eq!(fates(), fates());
        // Spans are numbered one after the other here: the nearest that two headers can be.
        let changes = fates().windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!((16..=48).contains(&changes), "{changes}");
    }

    #[test]
    fn delays_add_up_to_a_bound_and_probes_and_administration_pass() {
        let faults = Faults::default();
        for id in ["a", "b"] {
            faults.put(id, fault(json!({"kind": "latency", "delay_ms": 40_000})));
        }
        faults.put("c", fault(json!({"kind": "error", "status": 500, "path": "/api"})));
        faults.put("d", fault(json!({"kind": "error", "status": 503, "path": "/api"})));
        let verdict = |path| faults.verdict(path, None, &traced(1));
        let refusal = Some(StatusCode::INTERNAL_SERVER_ERROR);
        let expected = Verdict { delay: MAX_DELAY, refusal, ..Verdict::default() };
        assert_eq!(verdict("/api/checkout"), expected);
        assert_eq!(verdict("/healthy").delay, MAX_DELAY);
        for path in ["/health", "/ready", "/admin/faults", "/admin"] {
            assert_eq!(verdict(path), Verdict::default(), "{path}");
        }
    }

    #[test]
    fn a_wait_upstream_is_drawn_evenly_and_is_no_delay_at_the_entry() {
        let faults = Faults::default();
        let body = json!({"kind": "latency", "delay_ms": [2000, 5000], "at": "upstream", "traffic_type": "slow"});
        faults.put("one", fault(body));
        let waits: Vec<u128> = (0..2_000)
            .map(|n| {
                let verdict = faults.verdict("/x", Some("slow"), &traced(n));
                assert_eq!((verdict.delay, verdict.refusal), (Duration::ZERO, None));
                verdict.upstream.as_millis()
            })
            .collect();
        assert!(waits.iter().all(|ms| (2_000..5_000).contains(ms)));
        let mean = waits.iter().sum::<u128>() / 2_000;
        assert!((3_400..3_600).contains(&mean), "{mean}");
        assert_eq!(faults.verdict("/x", Some("other"), &traced(1)), Verdict::default());
    }

    #[test]
    fn there_is_room_for_thirty_two_and_a_name_may_be_taken_again() {
        let faults = Faults::default();
        let one = || fault(json!({"kind": "latency", "delay_ms": 1}));
        for number in 0..MAX_FAULTS {
            assert!(faults.put(&number.to_string(), one()));
        }
        assert!(!faults.put("one more", one()));
        assert!(faults.put("7", one()));
        assert_eq!(faults.list().len(), MAX_FAULTS);
        assert!(faults.remove("7") && !faults.remove("7"));
        assert!(faults.put("one more", one()));
    }
}
