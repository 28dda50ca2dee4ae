//! The service map.

use detect::UnixMs;
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind};
use store::{NodeKind, RedFilter, ServiceMap, Store, StoreLimits};

use crate::otlp::{NOW_S, encoded, failed, request, span, text, with};

const NOW: UnixMs = UnixMs(NOW_S * 1000);

fn child(parent: u64, kind: SpanKind, mut span: Span) -> Span {
    span.parent_span_id = parent.to_be_bytes().to_vec();
    span.kind = kind.into();
    span
}

fn store_of(sent: Vec<(&str, Vec<Span>)>) -> Store {
    let store = Store::new(StoreLimits::default(), Default::default());
    for (service, spans) in sent {
        store.ingest_traces(&encoded(&request(service, spans)), NOW).expect("it is OTLP");
    }
    store
}

fn map(store: &Store) -> ServiceMap {
    store.map(&RedFilter::default(), NOW)
}

fn edges(map: &ServiceMap) -> Vec<(&str, &str, u64)> {
    map.edges.iter().map(|edge| (edge.from.as_str(), edge.to.as_str(), edge.count)).collect()
}

#[test]
fn calls_lead_from_service_to_service_and_on_to_the_database() {
    let store = store_of(vec![
        (
            "front",
            vec![
                span(1, 1, "POST /checkout", 100, 50.0),
                failed(child(1, SpanKind::Client, span(1, 2, "GET", 110, 40.0))),
                child(1, SpanKind::Internal, span(1, 3, "render", 105, 1.0)),
            ],
        ),
        (
            "catalog",
            vec![
                child(2, SpanKind::Server, span(1, 4, "GET /products", 111, 38.0)),
                with(
                    child(4, SpanKind::Client, span(1, 5, "SELECT", 112, 30.0)),
                    [text("db.system.name", "postgresql"), text("server.address", "127.0.0.1")],
                ),
            ],
        ),
    ]);
    let map = map(&store);
    assert_eq!(edges(&map), [("catalog", "postgresql", 1), ("front", "catalog", 1)]);
    let front = &map.edges[1];
    assert_eq!((front.error_rate, front.rate_per_minute.round()), (1.0, 1.0), "as the caller saw it, in a minute");
    assert!((front.p95_ms / 40.0 - 1.0).abs() < 0.02, "the caller's duration: {}", front.p95_ms);
    let kinds: Vec<_> = map.nodes.iter().map(|node| (node.name.as_str(), node.kind)).collect();
    let expected = [("catalog", NodeKind::Service), ("front", NodeKind::Service), ("postgresql", NodeKind::Database)];
    assert_eq!(kinds, expected);
    assert!((map.nodes[0].p95_ms / 38.0 - 1.0).abs() < 0.02, "what it answered itself");
    assert_eq!((map.spans_looked_at, map.is_sample), (5, false));
}

#[test]
fn whom_nobody_hears_of_is_known_by_its_callers() {
    let client = |id, peer: &[(&str, &str)]| {
        let attributes: Vec<_> = peer.iter().map(|(key, value)| text(key, value)).collect();
        with(child(1, SpanKind::Client, span(1, id, "GET", 100, 5.0)), attributes)
    };
    let store = store_of(vec![
        (
            "front",
            vec![
                span(1, 1, "GET /", 90, 20.0),
                client(2, &[("server.address", "10.0.0.1"), ("peer.service", "mailer")]),
                client(3, &[("server.address", "10.0.0.2")]),
                client(4, &[("service.peer.name", "cart")]),
                client(5, &[]),
            ],
        ),
        // It answers others, not this call: that one never arrived.
        ("cart", vec![span(2, 1, "GET /cart", 90, 2.0)]),
    ]);
    let map = map(&store);
    assert_eq!(edges(&map), [("front", "10.0.0.2", 1), ("front", "cart", 1), ("front", "mailer", 1)]);
    let kind = |name: &str| map.nodes.iter().find(|node| node.name == name).map(|node| node.kind);
    assert_eq!(kind("mailer"), Some(NodeKind::External));
    assert_eq!(kind("cart"), Some(NodeKind::Service), "it sends telemetry");
}

#[test]
fn an_entrance_is_judged_by_what_began_in_it() {
    let store = store_of(vec![
        (
            "load",
            vec![
                failed(child(0, SpanKind::Internal, span(1, 1, "journey", 90, 20.0))),
                child(1, SpanKind::Client, span(1, 2, "POST", 91, 19.0)),
            ],
        ),
        ("front", vec![child(2, SpanKind::Server, span(1, 3, "POST /", 92, 18.0))]),
    ]);
    let map = map(&store);
    let load = map.nodes.iter().find(|node| node.name == "load").expect("it sent spans");
    assert_eq!((load.rate_per_minute.round(), load.error_rate), (1.0, 1.0));
}

#[test]
fn the_map_is_narrowed_by_traffic_by_service_and_by_time() {
    let tagged = |span: Span, traffic: &str| with(span, [text("traffic.type", traffic)]);
    let store = store_of(vec![
        (
            "front",
            vec![
                tagged(span(1, 1, "GET /", 100, 5.0), "demo"),
                tagged(span(2, 1, "GET /", 100, 5.0), "baseline"),
                tagged(span(3, 1, "GET /", 90_000, 5.0), "baseline"),
            ],
        ),
        (
            "cart",
            vec![
                tagged(child(1, SpanKind::Server, span(1, 2, "GET /cart", 100, 2.0)), "demo"),
                tagged(child(1, SpanKind::Server, span(3, 2, "GET /cart", 90_000, 2.0)), "baseline"),
            ],
        ),
        ("catalog", vec![tagged(child(1, SpanKind::Server, span(2, 2, "GET /products", 100, 2.0)), "baseline")]),
    ]);
    let with_filter = |filter: &RedFilter| {
        edges(&store.map(filter, NOW)).iter().map(|(_, to, _)| (*to).to_owned()).collect::<Vec<_>>()
    };
    let filter = RedFilter::default();
    assert_eq!(with_filter(&filter), ["cart", "catalog"]);
    assert_eq!(with_filter(&RedFilter { traffic_type: Some("baseline".into()), ..filter.clone() }), ["catalog"]);
    assert_eq!(with_filter(&RedFilter { service: Some("cart".into()), ..filter.clone() }), ["cart"]);
    let long_ago = RedFilter { from_unix_ms: Some(NOW.0 - 95_000), to_unix_ms: Some(NOW.0 - 80_000), ..filter.clone() };
    assert_eq!(with_filter(&long_ago), ["cart"]);
    assert_eq!(store.map(&RedFilter { traffic_type: Some("never".into()), ..filter }, NOW), ServiceMap::default());
}

#[test]
fn strangers_peers_do_not_grow_the_map_without_bound() {
    let calls = (0..2000u64).map(|n| {
        with(child(1, SpanKind::Client, span(1, n + 2, "GET", 100, 5.0)), [text("peer.service", &format!("peer-{n}"))])
    });
    let store = store_of(vec![("front", calls.collect())]);
    let map = map(&store);
    assert!(map.nodes.len() <= 256 && map.is_sample, "{} nodes", map.nodes.len());
}
