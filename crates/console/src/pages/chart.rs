//! Curves over time, drawn here: whoever patches the page in place patches them too.
//!
//! Lines differ by colour and by dashes, and stand with their last value above the picture. A step without a value is a
//! gap. The picture stretches with its frame; words and numbers stand beside it and do not.

use maud::{Markup, html};

use crate::pages::format::time_of_day;

/// Size of the picture, in its units.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 100.0;

/// A picture.
pub(crate) struct Chart<'a> {
    pub(crate) title: &'a str,
    /// First and last moment, Unix milliseconds.
    pub(crate) stretch: (u64, u64),
    /// How long a step is, in milliseconds.
    pub(crate) step_ms: u64,
    pub(crate) lines: Vec<Line<'a>>,
    pub(crate) band: Option<Band>,
    /// A value in words.
    pub(crate) words: fn(f64) -> String,
}

/// A curve.
pub(crate) struct Line<'a> {
    pub(crate) name: &'a str,
    /// Its hue, 0 to 9, or that of what is bad.
    pub(crate) tone: Tone,
    /// Moment and value, in order.
    pub(crate) points: Vec<(u64, f64)>,
}

/// The colour of a line, and its dashes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Tone {
    First,
    Second,
    Third,
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::First => "h0",
            Self::Second => "h3 d1",
            Self::Third => "h1 d2",
            Self::Bad => "bad d3",
        }
    }
}

/// What is usual, and where too much begins.
pub(crate) struct Band {
    pub(crate) usual: f64,
    pub(crate) limit: f64,
}

impl Chart<'_> {
    /// The picture with its title, legend and axes.
    pub(crate) fn draw(&self) -> Markup {
        let most = self.lines.iter().flat_map(|line| &line.points).map(|(_, value)| *value);
        let top = nice(most.chain(self.band.iter().map(|band| band.limit)).fold(0.0, f64::max));
        let y = |value: f64| HEIGHT - value / top * HEIGHT;
        html! {
            figure.chart {
                figcaption {
                    b { (self.title) }
                    ul {
                        @for line in self.lines.iter().filter(|line| !line.points.is_empty()) {
                            li class=(line.tone.class()) {
                                svg viewBox="0 0 24 8" aria-hidden="true" { path d="M0 4H24" {} }
                                (line.name) " " b { ((self.words)(line.points.last().map_or(0.0, |(_, value)| *value))) }
                            }
                        }
                        @if let Some(band) = &self.band { li.limit { svg viewBox="0 0 24 8" aria-hidden="true" { path d="M0 4H24" {} } "limit " b { ((self.words)(band.limit)) } } }
                    }
                }
                div.plot {
                    div.scale aria-hidden="true" { span { ((self.words)(top)) } span { ((self.words)(top / 2.0)) } span { "0" } }
                    svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(self.label()) {
                        path.grid d={ "M0 0H" (WIDTH) "M0 " (HEIGHT / 2.0) "H" (WIDTH) "M0 " (HEIGHT) "H" (WIDTH) } {}
                        @if let Some(band) = &self.band {
                            rect.band x="0" width=(WIDTH) y=(format!("{:.2}", y(band.limit))) height=(format!("{:.2}", y(band.usual) - y(band.limit))) {}
                            path.usual d={ "M0 " (format!("{:.2}", y(band.usual))) "H" (WIDTH) } {}
                            path.limit d={ "M0 " (format!("{:.2}", y(band.limit))) "H" (WIDTH) } {}
                        }
                        @for line in &self.lines { path class={ "line " (line.tone.class()) } d=(self.path(line, top)) {} }
                    }
                    p.log-axis aria-hidden="true" {
                        span { (time_of_day(self.stretch.0 as f64)) }
                        span { (time_of_day(f64::midpoint(self.stretch.0 as f64, self.stretch.1 as f64))) " UTC" }
                        span { (time_of_day(self.stretch.1 as f64)) }
                    }
                }
            }
        }
    }

    /// A line, broken where a step has no value; a step that stands alone is a short stroke.
    fn path(&self, line: &Line<'_>, top: f64) -> String {
        let length = self.stretch.1.saturating_sub(self.stretch.0).max(1) as f64;
        let x = |at: u64| at.saturating_sub(self.stretch.0) as f64 / length * WIDTH;
        let y = |value: f64| HEIGHT - value / top * HEIGHT;
        let mut path = String::new();
        let mut before: Option<u64> = None;
        for (index, (at, value)) in line.points.iter().enumerate() {
            let goes_on = before.is_some_and(|before| at - before <= self.step_ms);
            let ends = line.points.get(index + 1).is_none_or(|(next, _)| next - at > self.step_ms);
            path.push_str(&format!("{}{:.1} {:.2}", if goes_on { 'L' } else { 'M' }, x(*at), y(*value)));
            if !goes_on && ends {
                path.push_str("h3");
            }
            before = Some(*at);
        }
        path
    }

    /// The picture in words.
    fn label(&self) -> String {
        let line = |line: &Line<'_>| {
            let most = line.points.iter().map(|(_, value)| *value).fold(0.0, f64::max);
            let last = line.points.last().map_or(0.0, |(_, value)| *value);
            format!("{}: last {}, at most {}", line.name, (self.words)(last), (self.words)(most))
        };
        let lines: Vec<String> = self.lines.iter().filter(|line| !line.points.is_empty()).map(line).collect();
        let band = self
            .band
            .as_ref()
            .map(|band| format!("; usual {}, limit {}", (self.words)(band.usual), (self.words)(band.limit)));
        format!("{}; {}{}", self.title, lines.join("; "), band.unwrap_or_default())
    }
}

/// The next number above that reads well: 1, 2, 2.5 or 5 times a power of ten.
fn nice(most: f64) -> f64 {
    if most <= 0.0 || !most.is_finite() {
        return 1.0;
    }
    let power = 10f64.powf(most.log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|step| step * power).find(|top| *top >= most).unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(u64, f64)>, band: Option<Band>) -> String {
        let lines = vec![Line { name: "all", tone: Tone::First, points }];
        let words = |value: f64| format!("{value:.0}");
        Chart { title: "Requests", stretch: (0, 10_000), step_ms: 1000, lines, band, words }.draw().into_string()
    }

    #[test]
    fn lines_break_where_nothing_came_and_say_what_they_show() {
        let svg = chart(vec![(0, 0.0), (1000, 50.0), (5000, 100.0), (9000, 20.0)], None);
        assert!(svg.contains(r#"d="M0.0 100.00L100.0 50.00M500.0 0.00h3M900.0 80.00h3""#), "{svg}");
        assert!(svg.contains("Requests; all: last 20, at most 100"), "{svg}");
    }

    #[test]
    fn a_band_has_room_even_if_the_line_stays_far_below_it() {
        let svg = chart(vec![(0, 20.0)], Some(Band { usual: 20.0, limit: 60.0 }));
        assert!(svg.contains(r#"y="40.00" height="40.00""#) && svg.contains("usual 20, limit 60"), "{svg}");
    }

    #[test]
    fn scales_end_at_numbers_that_read_well() {
        for (most, top) in [(0.0, 1.0), (0.9, 1.0), (1.2, 2.0), (2400.0, 2500.0), (6100.0, 10_000.0), (0.003, 0.005)] {
            assert!((nice(most) / top - 1.0).abs() < 1e-9, "{most}: {}", nice(most));
        }
    }
}
