//! `kill_service`, `kill_redis`, `pause_service`, `http_latency`, `http_error`, `lock_table`: a call fails or stalls.

use serde::Deserialize;

use super::Stretch;
use super::calls::Call;
use crate::{Fault, Scenario, Stream};

/// What may befall a call, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hazard {
    /// Seconds since minute 0.
    pub(crate) stretch: Stretch,
    pub(crate) trouble: Trouble,
}

/// In the order in which they befall a call that meets several.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Trouble {
    /// It fails at once.
    Refused,
    /// It waits until the stretch ends.
    Paused,
    /// Of a share of the calls, each takes longer, by seconds drawn evenly from the least to the most.
    Slow { share: f64, least: f64, most: f64 },
    /// A share of the calls fails at once, as the client's fault (4xx) or the server's.
    Broken { share: f64, is_client_error: bool },
    /// Its statements wait until the stretch ends, and hold their connection for as long.
    Locked,
}

impl Trouble {
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::Refused => 0,
            Self::Paused => 1,
            Self::Slow { .. } => 2,
            Self::Broken { .. } => 3,
            Self::Locked => 4,
        }
    }
}

/// The arguments of `kill_service` and `pause_service`.
#[derive(Deserialize)]
struct OfService {
    service: String,
}

/// Of the arguments of `http_latency` and `http_error`, what matters here.
#[derive(Deserialize)]
struct OfRequests {
    service: String,
    #[serde(default)]
    delay_ms: Delay,
    #[serde(default)]
    status: u16,
    #[serde(default = "all")]
    share: f64,
    path: Option<String>,
    /// Only requests of the stream with this tag.
    traffic_type: Option<String>,
}

/// Milliseconds, or from so many to so many.
#[derive(Deserialize)]
#[serde(untagged)]
enum Delay {
    Exactly(f64),
    Between(f64, f64),
}

impl Default for Delay {
    fn default() -> Self {
        Self::Exactly(0.0)
    }
}

impl Delay {
    /// The least and the most, in seconds.
    fn seconds(&self) -> (f64, f64) {
        let (least, most) = match *self {
            Self::Exactly(ms) => (ms, ms),
            Self::Between(least, most) => (least, most),
        };
        (least / 1000.0, most / 1000.0)
    }
}

fn all() -> f64 {
    1.0
}

/// The arguments of `lock_table`.
#[derive(Deserialize)]
struct LockTable {
    table: String,
    #[serde(default)]
    mode: LockMode,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LockMode {
    #[default]
    AccessExclusive,
    Exclusive,
    ShareRowExclusive,
    Share,
}

/// Everything that the scenario's faults do to `call` of a request of `stream`, in the order in which it meets them.
pub(super) fn hazards(scenario: &Scenario, stream: &Stream, call: &Call, seconds_per_minute: f64) -> Vec<Hazard> {
    let mut hazards: Vec<Hazard> = scenario
        .faults
        .iter()
        .filter_map(|fault| {
            let trouble = trouble(fault, stream, call)?;
            Some(Hazard { stretch: Stretch::of(fault).times(seconds_per_minute), trouble })
        })
        .collect();
    hazards.sort_by_key(|hazard| hazard.trouble.rank());
    hazards
}

fn trouble(fault: &Fault, stream: &Stream, call: &Call) -> Option<Trouble> {
    match fault.kind.as_str() {
        "kill_service" => is_of_service(fault, call).then_some(Trouble::Refused),
        "pause_service" => is_of_service(fault, call).then_some(Trouble::Paused),
        "kill_redis" => call.needs_redis.then_some(Trouble::Refused),
        "http_latency" => of_requests(fault, stream, call).map(|args| {
            let (least, most) = args.delay_ms.seconds();
            Trouble::Slow { share: args.share, least, most }
        }),
        "http_error" => of_requests(fault, stream, call)
            .map(|args| Trouble::Broken { share: args.share, is_client_error: (400..=499).contains(&args.status) }),
        "lock_table" => is_locked(fault, call).then_some(Trouble::Locked),
        _ => None,
    }
}

fn is_of_service(fault: &Fault, call: &Call) -> bool {
    OfService::deserialize(&fault.args).is_ok_and(|args| args.service == call.service)
}

fn of_requests(fault: &Fault, stream: &Stream, call: &Call) -> Option<OfRequests> {
    let args = OfRequests::deserialize(&fault.args).ok()?;
    let tag = stream.tag.as_ref().unwrap_or(&stream.name);
    if args.traffic_type.as_ref().is_some_and(|wanted| wanted != tag) {
        return None;
    }
    let on_path = args.path.as_deref().is_none_or(|prefix| call.path.starts_with(prefix));
    (args.service == call.service && on_path).then_some(args)
}

/// Every mode keeps writers out; readers are kept out by the strongest alone.
fn is_locked(fault: &Fault, call: &Call) -> bool {
    let Ok(args) = LockTable::deserialize(&fault.args) else { return false };
    let table = args.table.as_str();
    call.writes.contains(&table) || (matches!(args.mode, LockMode::AccessExclusive) && call.reads.contains(&table))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::shop::requests;
    use super::*;
    use crate::testing::shipped_scenario;

    /// What a fault does to each call of a journey.
    fn befalls(kind: &str, args: serde_json::Value, journey: &str) -> Vec<(String, Trouble)> {
        let mut scenario = shipped_scenario("black-friday");
        scenario.faults =
            vec![Fault { id: "f".to_owned(), kind: kind.to_owned(), from: 1.0, until: 2.0, args, proof: Vec::new() }];
        let calls = requests(journey).iter().copied().flatten();
        let of = |call: &Call| {
            let hazards = hazards(&scenario, &scenario.streams[1], call, 6.0).into_iter();
            let named = hazards.map(|h| (format!("{} {}", call.service, call.path), h.trouble));
            named.collect::<Vec<_>>()
        };
        calls.flat_map(of).collect()
    }

    fn where_it_befalls(kind: &str, args: serde_json::Value, journey: &str) -> Vec<String> {
        befalls(kind, args, journey).into_iter().map(|(call, _)| call).collect()
    }

    #[test]
    fn a_dead_redis_befalls_carts() {
        assert_eq!(where_it_befalls("kill_redis", json!({}), "browse_only"), ["cart /cart/cart-1"]);
        let checkout = where_it_befalls("kill_redis", json!({}), "full_checkout");
        assert_eq!(checkout, ["cart /cart/cart-1/add", "cart /cart/cart-1/remove"]);
        assert!(where_it_befalls("kill_redis", json!({}), "recommendations").is_empty());
    }

    #[test]
    fn a_path_narrows_a_filter_down() {
        let args = json!({"service": "product-catalog", "status": 503, "path": "/products/recommendations"});
        let found = befalls("http_error", args, "full_checkout");
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].1, Trouble::Broken { share: 1.0, is_client_error: false });
        let all = json!({"service": "product-catalog", "delay_ms": 250, "share": 0.5});
        let found = befalls("http_latency", all, "full_checkout");
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0].1, Trouble::Slow { share: 0.5, least: 0.25, most: 0.25 });
    }

    #[test]
    fn a_traffic_type_narrows_a_filter_down_to_one_stream() {
        let of = |traffic_type: &str| {
            let args = json!({"service": "cart", "delay_ms": [100, 300], "traffic_type": traffic_type});
            befalls("http_latency", args, "browse_only")
        };
        // The second stream of the file, `demo`.
        assert_eq!(of("demo")[0].1, Trouble::Slow { share: 1.0, least: 0.1, most: 0.3 });
        assert!(of("baseline").is_empty());
    }

    #[test]
    fn a_lock_keeps_writers_out_and_readers_only_if_it_is_the_strongest() {
        let lock =
            |mode: &str, journey| where_it_befalls("lock_table", json!({"table": "orders", "mode": mode}), journey);
        for mode in ["exclusive", "share_row_exclusive", "share"] {
            assert_eq!(lock(mode, "full_checkout"), ["checkout /orders/create"], "{mode}");
            assert!(lock(mode, "recommendations").is_empty(), "{mode}");
        }
        assert_eq!(lock("access_exclusive", "recommendations"), ["recommendation /recommend"]);
        let without_mode = where_it_befalls("lock_table", json!({"table": "products"}), "browse_only");
        assert_eq!(without_mode, ["product-catalog /products?category=electronics"]);
    }

    #[test]
    fn who_is_gone_fails_before_anything_else_happens() {
        let mut scenario = shipped_scenario("black-friday");
        let fault = |kind: &str, args| Fault {
            id: kind.to_owned(),
            kind: kind.to_owned(),
            from: 1.0,
            until: 2.0,
            args,
            proof: Vec::new(),
        };
        scenario.faults = vec![
            fault("http_error", json!({"service": "cart", "status": 500})),
            fault("http_latency", json!({"service": "cart", "delay_ms": 10})),
            fault("pause_service", json!({"service": "cart"})),
            fault("kill_service", json!({"service": "cart"})),
        ];
        let cart = &requests("browse_only")[0][1];
        let ranks: Vec<u8> =
            hazards(&scenario, &scenario.streams[0], cart, 60.0).iter().map(|h| h.trouble.rank()).collect();
        assert_eq!(ranks, [0, 1, 2, 3]);
    }
}
