//! Numbers within bounds, alone and in pairs.

use super::super::shape::Bounds;
use super::super::tree::{Content, Node};
use super::Checker;
use crate::model::within_prediction;

impl Checker<'_> {
    pub(super) fn number(&mut self, node: &Node, bounds: Bounds, name: &str) {
        let what = if bounds.whole { "a whole number" } else { "a number" };
        let whole =
            !bounds.whole || matches!(node.content, Content::Integer(_) | Content::Unsigned(_) | Content::Beyond(_));
        match node.number().filter(|_| whole) {
            None => self.wrong_type(node, name, what),
            Some(value) if value < bounds.low || value > bounds.high => {
                let remedy = format!("give {what} from {} to {}", bounds.low, bounds.high);
                self.mistakes.add(node.at, format!("{name} is {value}"), remedy);
            }
            Some(_) => {}
        }
    }

    pub(super) fn range(&mut self, node: &Node, bounds: Bounds, name: &str) {
        let Content::List(items) = &node.content else {
            return self.wrong_type(node, name, "[low, high]");
        };
        let [low, high] = items.as_slice() else {
            return self.wrong_type(node, name, "[low, high]");
        };
        self.number(low, bounds, &format!("the low end of {name}"));
        self.number(high, bounds, &format!("the high end of {name}"));
        if let Some((low, high)) = node.pair().filter(|(low, high)| low > high) {
            self.mistakes.add(
                node.at,
                format!("{name} runs from {low} down to {high}"),
                format!("write [{high}, {low}]"),
            );
        }
    }

    pub(super) fn band(&mut self, node: &Node, bounds: Bounds, name: &str) {
        match node.text() {
            None => self.range(node, bounds, name),
            Some(words) => {
                if within_prediction(words).is_none_or(|within| within > bounds.high) {
                    let within = if bounds.high > 1.0 { "300" } else { "0.04" };
                    self.mistakes.add(
                        node.at,
                        format!("{name} is {words:?}"),
                        format!("give [low, high], or `predicted +- {within}`"),
                    );
                }
            }
        }
    }
}
