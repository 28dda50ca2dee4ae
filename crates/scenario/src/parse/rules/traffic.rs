//! Rules about streams, in whatever file they stand.

use super::super::tree::Node;
use super::super::{Mistakes, suggest};
use super::requests::{self, Slots};
use super::{keys, unique};
use crate::{Curve, SlotForm, Template};

/// What a file's streams are held against.
pub(super) struct Traffic<'n> {
    /// Length of the file in minutes, if it has a right one.
    pub(super) length: Option<f64>,
    /// What visitors can do, if that is known.
    pub(super) journeys: Option<Vec<&'n str>>,
    /// What a remedy calls them.
    pub(super) all_journeys: &'static str,
    /// What headers may be filled with.
    pub(super) slots: Slots<'n>,
}

/// Baggage that every request carries.
const RESERVED_BAGGAGE: [(&str, &str); 4] = [
    ("traffic.type", "give the stream another name; in a load test, a `tag`"),
    ("session.id", "leave it out: each visit has its own"),
    ("user.id", "leave it out: each visit has its own"),
    ("scenario.run", "leave it out: each run has its own"),
];

/// What the headers of the streams of `root` may be filled with.
pub(super) fn slots_of_streams(root: &Node) -> Slots<'_> {
    Slots::new(&keys(root, "data").unwrap_or_default())
}

impl Traffic<'_> {
    /// Reports what is wrong with the streams of `root`, and says how many arrivals they are in all.
    pub(super) fn check(&self, root: &Node, mistakes: &mut Mistakes) -> f64 {
        unique(root.list("streams"), "name", "stream", mistakes);
        root.list("streams").iter().map(|stream| self.stream(stream, mistakes)).sum()
    }

    fn stream(&self, stream: &Node, mistakes: &mut Mistakes) -> f64 {
        let journeys = stream.get("journeys");
        if let Some(known) = &self.journeys {
            for entry in journeys.map_or(&[][..], Node::entries).iter().filter(|e| !known.contains(&e.key.as_str())) {
                let remedy = suggest::one_of(&entry.key, known.iter().copied(), self.all_journeys);
                mistakes.add(entry.key_at, format!("there is no journey {:?}", entry.key), remedy);
            }
        }
        requests::headers(stream.get("headers"), &self.slots, mistakes);
        baggage(stream.get("baggage"), mistakes);
        let (Some(rate), Some(length)) = (rate(stream), self.length) else {
            return 0.0;
        };
        if let Some(journeys) = journeys {
            weights(journeys, &rate, length, mistakes);
        }
        rate.integral(0.0, length)
    }
}

/// Arrivals per minute of `stream`, whichever way they are given.
fn rate(stream: &Node) -> Option<Curve> {
    let per_second = || stream.get("arrivals_per_second").and_then(curve).map(|rate| rate.scaled(60.0));
    stream.get("arrivals_per_minute").and_then(curve).or_else(per_second)
}

fn baggage(baggage: Option<&Node>, mistakes: &mut Mistakes) {
    for entry in baggage.map_or(&[][..], Node::entries) {
        if let Some((_, remedy)) = RESERVED_BAGGAGE.iter().find(|(key, _)| *key == entry.key) {
            mistakes.add(entry.key_at, format!("`{}` is in the baggage already", entry.key), *remedy);
        }
        let template = entry.node.text().and_then(|text| Template::parse(text, SlotForm::Plain).ok());
        if let Some(slot) = template.as_ref().and_then(|template| template.slots().next()) {
            let message = format!("`{}` has the slot `${{{}}}`: slots do not apply to baggage", entry.key, slot.name);
            let remedy = "write `$${` for the text itself, or put it in a header";
            mistakes.add(entry.node.at, message, remedy);
        }
    }
}

/// Somewhere between two neighbouring minutes of change, is there traffic and no journey to send?
fn weights(journeys: &Node, rate: &Curve, length: f64, mistakes: &mut Mistakes) {
    let Some(weights) = journeys.entries().iter().map(|e| curve(&e.node)).collect::<Option<Vec<Curve>>>() else {
        return;
    };
    let mut cuts: Vec<f64> = weights.iter().chain([rate]).flat_map(|c| c.points().iter().map(|p| p.0)).collect();
    cuts.extend([0.0, length]);
    cuts.retain(|minute| *minute <= length);
    cuts.sort_by(f64::total_cmp);
    // Curves are straight between cuts and never negative: a sum that is 0 in the middle is 0 throughout.
    let middles = cuts.windows(2).filter(|w| w[1] > w[0]).map(|w| (w[0], f64::midpoint(w[0], w[1])));
    for (from, middle) in middles {
        if rate.at(middle) > 0.0 && weights.iter().map(|w| w.at(middle)).sum::<f64>() <= 0.0 {
            let message = format!("no journey has any weight after minute {from}, while traffic arrives");
            return mistakes.add(
                journeys.at,
                message,
                "give one a weight over 0 there; a curve is 0 before its first point",
            );
        }
    }
}

/// The curve that `node` describes, if it is one and never negative.
fn curve(node: &Node) -> Option<Curve> {
    let curve = serde_json::from_value::<Curve>(node.to_json()).ok()?;
    curve.points().iter().all(|(minute, value)| *minute >= 0.0 && *value >= 0.0).then_some(curve)
}
