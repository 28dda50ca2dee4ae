//! Records over time as bars, by severity.

use maud::{Markup, html};
use store::LogCounts;

use crate::pages::format::{count, time_of_day};
use crate::pages::shape::{Shape, symbol};
use crate::web::Fields;

/// Height of the picture, in its units; a bar is ten wide.
const HEIGHT: f64 = 60.0;

/// How many of each severity, each a way to narrow the page to it.
pub(crate) fn totals(counts: &[LogCounts], asked: &Fields) -> Markup {
    let sum = |of: fn(&LogCounts) -> u64| counts.iter().map(of).sum::<u64>();
    let kinds = [
        (Shape::Critical, "error", "17", sum(|one| one.error)),
        (Shape::Warn, "warn", "13", sum(|one| one.warn)),
        (Shape::Ok, "info", "9", sum(|one| one.info)),
        (Shape::NoData, "debug", "", sum(|one| one.debug)),
    ];
    html! {
        ul.severities {
            @for (shape, word, least, total) in kinds {
                li { a class={ "state " (shape.class()) } href=(asked.address("/logs", &[("severity_at_least", least)])) title={ "at least " (word) } { (symbol(shape)) (count(total)) " " (word) } }
            }
        }
    }
}

/// The bars, errors at the bottom, on one scale.
pub(crate) fn bars(counts: &[LogCounts]) -> Markup {
    let most = counts.iter().map(LogCounts::total).max().unwrap_or(0);
    let (Some(first), Some(last)) = (counts.first(), counts.last()) else { return html! {} };
    if most == 0 {
        return html! { p.small.quiet { "None in this stretch." } };
    }
    let height = |number: u64| number as f64 / most as f64 * HEIGHT;
    let all: u64 = counts.iter().map(LogCounts::total).sum();
    let errors: u64 = counts.iter().map(|one| one.error).sum();
    let label = format!(
        "{} records, {} of them errors, in {} steps; at most {} in one",
        count(all),
        count(errors),
        counts.len(),
        count(most)
    );
    html! {
        svg.log-bars viewBox={ "0 0 " (counts.len() * 10) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(label) {
            @for (place, one) in counts.iter().enumerate() {
                @let parts = [("error", one.error), ("warn", one.warn), ("info", one.info), ("debug", one.debug)];
                @for (index, (class, number)) in parts.iter().enumerate().filter(|(_, (_, number))| *number > 0) {
                    @let below: u64 = parts[..index].iter().map(|(_, number)| number).sum();
                    rect class=(class) x=(place * 10 + 1) width="8" y=(format!("{:.2}", HEIGHT - height(below + number))) height=(format!("{:.2}", height(*number).max(0.6))) {}
                }
            }
        }
        p.log-axis aria-hidden="true" {
            span { (time_of_day(first.at_unix_ms as f64)) }
            span { (time_of_day(f64::midpoint(first.at_unix_ms as f64, last.at_unix_ms as f64))) " UTC" }
            span { (time_of_day(last.at_unix_ms as f64)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_on_each_other_and_fill_the_height_together() {
        let counts =
            [LogCounts { error: 1, info: 3, ..LogCounts::default() }, LogCounts { warn: 2, ..LogCounts::default() }];
        let svg = bars(&counts).into_string();
        assert!(svg.contains(r#"class="error" x="1" width="8" y="45.00" height="15.00""#), "{svg}");
        assert!(svg.contains(r#"class="info" x="1" width="8" y="0.00" height="45.00""#), "{svg}");
        assert!(svg.contains(r#"class="warn" x="11""#) && svg.contains("6 records, 1 of them errors"), "{svg}");
        assert!(bars(&[LogCounts::default()]).into_string().contains("None in this stretch"));
        assert_eq!(bars(&[]).into_string(), "");
    }
}
