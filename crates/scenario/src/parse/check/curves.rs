//! Values over minutes, in each form that a file may give them.

use super::super::shape::{Bounds, LONGEST_LIST, MINUTE, curve_forms, ramp};
use super::super::tree::{Content, Node};
use super::Checker;

impl Checker<'_> {
    pub(super) fn curve(&mut self, node: &Node, bounds: Bounds, name: &str) {
        match &node.content {
            Content::List(_) => self.points(node, bounds, name),
            Content::Map(_) => {
                let (steps, ramps) = curve_forms(bounds);
                self.forms(node, &[&steps, &ramps], name);
            }
            _ if node.number().is_some() => self.number(node, bounds, name),
            _ => self.wrong_type(
                node,
                name,
                "a number, points [[minute, value], ...], {steps: [...]} or {start: value, ramps: [...]}",
            ),
        }
    }

    fn points(&mut self, node: &Node, bounds: Bounds, name: &str) {
        self.pairs(node, bounds, name, "point", |at, latest| at < latest, "two at one minute are a step");
    }

    pub(super) fn steps(&mut self, node: &Node, bounds: Bounds, name: &str) {
        self.pairs(node, bounds, name, "step", |at, latest| at <= latest, "each holds until the next");
    }

    /// `[minute, value]` again and again, each of them a `what`; `is_early` says whether a minute must not follow another.
    fn pairs(
        &mut self,
        node: &Node,
        bounds: Bounds,
        name: &str,
        what: &str,
        is_early: fn(f64, f64) -> bool,
        meaning: &str,
    ) {
        let Content::List(pairs) = &node.content else {
            return self.wrong_type(node, name, "[[minute, value], ...]");
        };
        self.length(node, pairs.len(), 1..=LONGEST_LIST, name);
        let mut latest: Option<f64> = None;
        for (position, pair) in pairs.iter().enumerate() {
            let pair_name = format!("{what} {} of {name}", position + 1);
            let [minute, value] = pair.items() else {
                self.wrong_type(pair, &pair_name, "[minute, value]");
                continue;
            };
            self.number(minute, MINUTE, &format!("the minute of {pair_name}"));
            self.number(value, bounds, &format!("the value of {pair_name}"));
            let Some(at) = minute.number() else { continue };
            if let Some(before) = latest.filter(|before| is_early(at, *before)) {
                let message = if at < before {
                    format!("{pair_name} goes back to minute {at} after minute {before}")
                } else {
                    format!("{pair_name} is the second at minute {at}")
                };
                self.mistakes.add(minute.at, message, format!("order {what}s by minute; {meaning}"));
            }
            latest = Some(latest.map_or(at, |before| before.max(at)));
        }
    }

    pub(super) fn ramps(&mut self, node: &Node, bounds: Bounds, name: &str) {
        let Content::List(ramps) = &node.content else {
            return self.wrong_type(node, name, "[{to: value, minutes: m}, ...]");
        };
        self.length(node, ramps.len(), 1..=LONGEST_LIST, name);
        let mut minute = 0.0;
        for (position, item) in ramps.iter().enumerate() {
            self.map(item, &ramp(bounds), &format!("ramp {} of {name}", position + 1));
            minute += item.get("minutes").and_then(Node::number).unwrap_or_default();
        }
        if minute > MINUTE.high {
            let message = format!("{name} last {minute} minutes in all");
            self.mistakes.add(node.at, message, format!("keep them within {}", MINUTE.high));
        }
    }
}
