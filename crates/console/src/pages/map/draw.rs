//! The picture: nodes are links, edges say their rate and, in colour, dashes and words, how much fails.

use std::cmp::Ordering;

use maud::{Markup, html};
use store::{MapEdge, MapNode, NodeKind, ServiceMap};

use crate::pages::format::{duration, rate, share};
use crate::pages::link::link;
use crate::pages::map::layout::{Layout, NODE};
use crate::pages::shape::{Shape, of_error_rate};

/// Letters of a name that a node has room for.
const LONGEST: usize = 19;

/// The map; `chosen` is the service that the page is narrowed to, `fields` what the links keep.
pub(crate) fn draw(map: &ServiceMap, chosen: Option<&str>, fields: &[(&str, &str)]) -> Markup {
    let layout = Layout::of(map);
    html! {
        div.scroll tabindex="0" role="region" aria-label="Service map, scrolls sideways" {
            svg.map viewBox={ "0 0 " (layout.width) " " (format!("{:.0}", layout.height)) } style={ "min-width:" (format!("{:.0}", layout.width * 0.72)) "px;max-width:" (format!("{:.0}", layout.width * 1.25)) "px" } role="group" aria-label="Who calls whom" {
                defs { marker #arrow viewBox="0 0 8 8" refX="7" refY="4" markerWidth="13" markerHeight="13" markerUnits="userSpaceOnUse" orient="auto" { path d="M0 0.5 L8 4 L0 7.5 Z" fill="context-stroke" {} } }
                g aria-hidden="true" {
                    @for (index, points) in &layout.edges { (way(&map.edges[*index], points)) }
                    @for (index, points) in &layout.edges { (words(&map.edges[*index], points, &layout)) }
                }
                @for (node, at) in map.nodes.iter().zip(&layout.nodes) { (node_at(node, *at, chosen == Some(&node.name), fields)) }
            }
        }
    }
}

/// Ten times the rate is twice the width.
fn width(edge: &MapEdge) -> f64 {
    (1.5 + 1.1 * edge.rate_per_minute.max(1.0).log10()).min(6.0)
}

fn way(edge: &MapEdge, points: &[(f64, f64)]) -> Markup {
    let mut path = String::new();
    for (index, pair) in points.windows(2).enumerate() {
        let ((x, y), (to_x, to_y)) = (pair[0], pair[1]);
        if index == 0 {
            path.push_str(&format!("M{x:.1} {y:.1}"));
        }
        let middle = f64::midpoint(x, to_x);
        path.push_str(&format!("C{middle:.1} {y:.1} {middle:.1} {to_y:.1} {to_x:.1} {to_y:.1}"));
    }
    let class = of_error_rate(edge.error_rate).class();
    html! { path class={ "way " (class) } d=(path) stroke-width=(format!("{:.1}", width(edge))) marker-end="url(#arrow)" data-from=(edge.from) data-to=(edge.to) {} }
}

/// What an edge says: at the end that it shares with fewer others, on the side that its swing bends away from.
fn words(edge: &MapEdge, points: &[(f64, f64)], layout: &Layout) -> Markup {
    let [.., before, last] = points else { return html! {} };
    let ends = |other: &[(f64, f64)]| other.len().checked_sub(2).map(|at| (other[at], other[at + 1]));
    let shared = |is_so: &dyn Fn((f64, f64), (f64, f64)) -> bool| {
        layout.edges.iter().filter_map(|(_, other)| ends(other)).filter(|(from, to)| is_so(*from, *to)).count()
    };
    let (from_same, to_same) = (shared(&|from, _| from == *before), shared(&|_, to| to == *last));
    let leads_down = last.1 > before.1 + 1.0;
    let (anchor, x, y, is_above) = match from_same.cmp(&to_same) {
        Ordering::Greater => ("end", last.0 - 15.0, last.1, !leads_down),
        Ordering::Less => ("start", before.0 + 8.0, before.1, leads_down || last.1 >= before.1 - 1.0),
        Ordering::Equal => ("middle", f64::midpoint(before.0, last.0), f64::midpoint(before.1, last.1), true),
    };
    let shape = of_error_rate(edge.error_rate);
    let is_bad = shape != Shape::Ok;
    let first = match (is_above, is_bad) {
        (true, false) => y - 8.0,
        (true, true) => y - 23.0,
        (false, _) => y + 17.0,
    };
    html! {
        text.says text-anchor=(anchor) x=(format!("{x:.0}")) y=(format!("{first:.0}")) {
            (rate(edge.rate_per_minute)) "/min"
            @if is_bad { tspan class=(shape.class()) x=(format!("{x:.0}")) dy="15" { (share(edge.error_rate)) " fail" } }
        }
    }
}

fn node_at(node: &MapNode, (x, y): (f64, f64), is_chosen: bool, fields: &[(&str, &str)]) -> Markup {
    let shape = of_error_rate(node.error_rate);
    // In the words that stand in the box: what is heard is what is seen.
    let state = if shape == Shape::Ok { "OK".to_owned() } else { format!("{} errors", share(node.error_rate)) };
    let label = format!("{} {}/min · p95 {} {state}", node.name, rate(node.rate_per_minute), duration(node.p95_ms));
    let body = html! {
        title { (label) }
        rect.box width=(NODE.0) height=(NODE.1) rx="9" {}
        rect.edge width="5" height=(NODE.1 - 18.0) x="0" y="9" rx="2" {}
        @match node.kind {
            NodeKind::Database => path.sign d="M164 14a8 3 0 0 1 16 0v12a8 3 0 0 1-16 0zM164 14a8 3 0 0 0 16 0" {},
            NodeKind::External => path.sign d="M166 26l11-11m-8 0h8v8" {},
            NodeKind::Service => {}
        }
        text.who x="16" y="24" { (cut(&node.name)) }
        text.what x="16" y="44" { (rate(node.rate_per_minute)) "/min · p95 " (duration(node.p95_ms)) }
        g.tone transform="translate(16 54)" { (sign(shape)) }
        text.tone x="32" y="65" { (state) }
    };
    let class = format!("node {}{}", shape.class(), if is_chosen { " chosen" } else { "" });
    let place = format!("translate({x:.1} {y:.1})");
    let with = |path: &str, own: (&'static str, &str)| {
        link(path, fields.iter().copied().filter(|(name, _)| *name != own.0).chain([own]))
    };
    match node.kind {
        NodeKind::External => {
            html! { g class={ (class) " external" } transform=(place) data-node=(node.name) { (body) } }
        }
        NodeKind::Service => {
            html! { a class=(class) transform=(place) data-node=(node.name) href=(with("/services", ("service", &node.name))) { (body) } }
        }
        NodeKind::Database => {
            html! { a class=(class) transform=(place) data-node=(node.name) href=(with("/databases", ("system", &node.name))) { (body) } }
        }
    }
}

/// The shape of a state, eleven units wide.
fn sign(shape: Shape) -> Markup {
    html! {
        @match shape {
            Shape::Ok => circle cx="5.5" cy="5.5" r="5" {},
            Shape::Warn => path d="M5.5 0 L11 11 H0 Z" {},
            Shape::Critical => rect width="11" height="11" {},
            Shape::NoData => circle.hollow cx="5.5" cy="5.5" r="4" {},
        }
    }
}

fn cut(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        name.to_owned()
    } else {
        name.chars().take(LONGEST - 1).chain(['…']).collect()
    }
}
