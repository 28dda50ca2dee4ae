use store::{MapEdge, MapNode, NodeKind, ServiceMap};

use crate::pages::map::draw;
use crate::pages::map::layers::Layers;
use crate::pages::map::layout::{Layout, NODE};
use crate::pages::map::order::Ordered;

/// A map of these calls; what is written in capitals is a database.
fn map(calls: &[(&str, &str)]) -> ServiceMap {
    let mut names: Vec<&str> = calls.iter().flat_map(|(from, to)| [*from, *to]).collect();
    names.sort_unstable();
    names.dedup();
    let node = |name: &&str| MapNode {
        name: (*name).to_owned(),
        kind: if name.chars().all(char::is_uppercase) { NodeKind::Database } else { NodeKind::Service },
        rate_per_minute: 60.0,
        error_rate: 0.0,
        p95_ms: 12.0,
    };
    let edge = |(from, to): &(&str, &str)| MapEdge {
        from: (*from).to_owned(),
        to: (*to).to_owned(),
        count: 60,
        rate_per_minute: 60.0,
        error_rate: if *to == "PG" { 0.78 } else { 0.0 },
        p95_ms: 12.0,
    };
    ServiceMap {
        nodes: names.iter().map(node).collect(),
        edges: calls.iter().map(edge).collect(),
        ..ServiceMap::default()
    }
}

const SHOP: [(&str, &str); 11] = [
    ("load", "front"),
    ("front", "cart"),
    ("front", "catalog"),
    ("front", "checkout"),
    ("front", "payment"),
    ("front", "ads"),
    ("catalog", "recommendation"),
    ("cart", "REDIS"),
    ("catalog", "PG"),
    ("recommendation", "PG"),
    ("checkout", "PG"),
];

fn column(map: &ServiceMap, layers: &Layers, name: &str) -> usize {
    layers.of_node[map.nodes.iter().position(|node| node.name == name).expect("a node")]
}

#[test]
fn callers_stand_left_of_the_called_and_databases_at_the_right_end() {
    let map = map(&SHOP);
    let layers = Layers::of(&map);
    for (from, to) in SHOP {
        assert!(column(&map, &layers, from) < column(&map, &layers, to), "{from} to {to}");
    }
    assert_eq!(["load", "front", "cart", "recommendation"].map(|name| column(&map, &layers, name)), [0, 1, 2, 3]);
    assert_eq!(["REDIS", "PG"].map(|name| column(&map, &layers, name)), [4, 4]);
}

#[test]
fn circles_and_calls_to_oneself_end() {
    let map = map(&[("a", "b"), ("b", "c"), ("c", "b"), ("c", "c"), ("x", "y"), ("y", "x")]);
    let layers = Layers::of(&map);
    assert_eq!(layers.edges.len(), 5, "all but the call to oneself");
    assert_eq!(layers.edges.iter().filter(|edge| edge.is_back).count(), 2);
    let layout = Layout::of(&map);
    assert!(layout.width.is_finite() && layout.height.is_finite());
}

#[test]
fn the_shop_has_no_crossing_and_nothing_covers_anything() {
    let map = map(&SHOP);
    let layers = Layers::of(&map);
    assert_eq!(Ordered::of(&layers).crossings(&layers), 0);
    let layout = Layout::of(&map);
    for (index, (x, y)) in layout.nodes.iter().enumerate() {
        assert!(*x >= 0.0 && *y >= 0.0 && x + NODE.0 <= layout.width && y + NODE.1 <= layout.height);
        for (other_x, other_y) in &layout.nodes[..index] {
            assert!(x != other_x || (y - other_y).abs() >= NODE.1 + 10.0, "{} is covered", map.nodes[index].name);
        }
    }
    for (index, points) in &layout.edges {
        assert!(points.windows(2).all(|pair| pair[0].0 < pair[1].0), "edge {index} goes to the right: {points:?}");
    }
}

#[test]
fn a_map_of_one_and_a_map_of_none_can_be_drawn() {
    assert!(Layout::of(&ServiceMap::default()).nodes.is_empty());
    let mut alone = map(&SHOP[..1]);
    alone.edges.clear();
    alone.nodes.truncate(1);
    assert_eq!(Layout::of(&alone).nodes.len(), 1);
}

#[test]
fn what_fails_is_said_in_words_and_names_are_text() {
    let mut map = map(&SHOP);
    map.nodes[2].name = "<b>ads</b>".into();
    map.edges[5].to = "<b>ads</b>".into();
    let svg = draw(&map, Some("catalog"), &[("window", "5m")]).into_string();
    assert!(svg.contains("78.0 % fail") && svg.contains("way critical"), "{svg}");
    assert!(!svg.contains("<b>") && svg.contains("&lt;b&gt;ads"));
    assert!(svg.contains("/services?window=5m&amp;service=cart") && svg.contains("/databases?window=5m&amp;system=PG"));
}
