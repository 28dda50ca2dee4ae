//! Small curves in tables: how much, and how much of it failed.

use maud::{Markup, html};

/// How much came in each stretch, and the share of it that failed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Spark(pub(crate) Vec<(f64, f64)>);

/// Units of height.
const HEIGHT: f64 = 20.0;

impl Spark {
    /// The curve on a scale of its own; nothing if nothing ever came.
    pub(crate) fn draw(&self) -> Markup {
        let most = self.0.iter().map(|(amount, _)| *amount).fold(0.0, f64::max);
        if most <= 0.0 || self.0.len() < 2 {
            return html! {};
        }
        let height = |amount: f64| HEIGHT - amount / most * (HEIGHT - 1.0);
        let line = |amounts: &mut dyn Iterator<Item = f64>| {
            amounts
                .enumerate()
                .map(|(at, amount)| format!("{}{at} {:.1}", if at == 0 { 'M' } else { 'L' }, height(amount)))
                .collect::<String>()
        };
        let all = line(&mut self.0.iter().map(|(amount, _)| *amount));
        let last = self.0.len() - 1;
        let fails = self.0.iter().any(|(_, share)| *share > 0.0);
        html! {
            svg.spark viewBox={ "0 0 " (last) " " (HEIGHT) } preserveAspectRatio="none" aria-hidden="true" {
                path.area d={ (all) "L" (last) " " (HEIGHT) "L0 " (HEIGHT) "Z" } {}
                @if fails { path.bad d={ (line(&mut self.0.iter().map(|(amount, share)| amount * share))) "L" (last) " " (HEIGHT) "L0 " (HEIGHT) "Z" } {} }
                path d=(all) {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_fills_its_height_and_failures_stand_in_it() {
        assert_eq!(Spark(vec![(0.0, 0.0), (0.0, 0.0)]).draw().into_string(), "");
        let calm = Spark(vec![(5.0, 0.0), (10.0, 0.0)]).draw().into_string();
        assert!(calm.contains("M0 10.5L1 1.0") && !calm.contains("bad"), "{calm}");
        assert!(Spark(vec![(5.0, 0.0), (10.0, 0.5)]).draw().into_string().contains("class=\"bad\" d=\"M0 20.0L1 10.5"));
    }
}
