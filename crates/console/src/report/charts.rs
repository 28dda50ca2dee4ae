//! Predicted and measured curves: what the page's script draws, their keys, and the same as a table.

use maud::{Markup, html};
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::{PlayPrediction, StagePlay};
use crate::pages::format::{duration, rate, share};
use crate::report::shown::edge;
use crate::story::{MeasuredCurve, RunComparison, RunStory};

/// Colours of streams that are neither baseline nor demo, in turn.
const OTHERS: [&str; 3] = ["--ok", "--warn", "--ink-2"];
/// What is predicted is dashed.
const PREDICTED: &[u8] = &[6, 6];
/// The second of two runs.
const SECOND: &[u8] = &[10, 4];

/// Everything that the script draws.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub(crate) struct ChartData {
    /// Length of the scale, in scenario minutes.
    minutes: f64,
    /// Stretches in which something was broken.
    shades: Vec<(f64, f64)>,
    charts: Vec<Chart>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Chart {
    measure: Measure,
    lines: Vec<Line>,
}

/// What a chart is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Measure {
    ErrorRate,
    P95Ms,
    ArrivalsPerMinute,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Line {
    label: String,
    colour: &'static str,
    width: f64,
    dash: &'static [u8],
    x: Vec<f64>,
    y: Vec<Option<f64>>,
}

const MEASURES: [Measure; 3] = [Measure::ErrorRate, Measure::P95Ms, Measure::ArrivalsPerMinute];

impl Measure {
    fn title(self) -> &'static str {
        match self {
            Self::ErrorRate => "Share of failed arrivals",
            Self::P95Ms => "p95 from the intended start",
            Self::ArrivalsPerMinute => "Arrivals per real minute",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::ErrorRate => "error_rate",
            Self::P95Ms => "p95_ms",
            Self::ArrivalsPerMinute => "arrivals_per_minute",
        }
    }

    fn measured(self, curve: &MeasuredCurve) -> Vec<Option<f64>> {
        match self {
            Self::ErrorRate => curve.error_rate.clone(),
            Self::P95Ms => curve.p95_ms.clone(),
            Self::ArrivalsPerMinute => curve.arrivals_per_minute.iter().copied().map(Some).collect(),
        }
    }

    fn predicted(self, point: &PlayPrediction) -> f64 {
        match self {
            Self::ErrorRate => point.error_rate,
            Self::P95Ms => point.p95_ms,
            Self::ArrivalsPerMinute => point.arrivals_per_minute,
        }
    }

    fn shown(self, value: f64) -> String {
        match self {
            Self::ErrorRate => share(value).to_string(),
            Self::P95Ms => duration(value).to_string(),
            Self::ArrivalsPerMinute => rate(value),
        }
    }
}

fn colour(stream: &str, index: usize) -> &'static str {
    match stream {
        "baseline" => "--baseline",
        "demo" => "--demo",
        _ => OTHERS[index % OTHERS.len()],
    }
}

fn shades(play: &StagePlay) -> Vec<(f64, f64)> {
    play.faults.iter().map(|fault| (fault.from, fault.until)).collect()
}

fn measured(measure: Measure, curve: &MeasuredCurve, label: String, colour: &'static str, dash: &'static [u8]) -> Line {
    Line { label, colour, width: 2.5, dash, x: curve.minutes.clone(), y: measure.measured(curve) }
}

fn predicted(measure: Measure, play: &StagePlay, stream: &str, colour: &'static str) -> Option<Line> {
    let points: Vec<&PlayPrediction> = play.predicted.iter().filter(|point| point.stream == stream).collect();
    // Without arrivals nothing fails and nothing takes long: those points would lie at zero.
    let is_told = |point: &&PlayPrediction| point.arrivals_per_minute > 0.0 || measure == Measure::ArrivalsPerMinute;
    (!points.is_empty()).then(|| Line {
        label: format!("{stream}, predicted"),
        colour,
        width: 1.5,
        dash: PREDICTED,
        x: points.iter().map(|point| point.minute).collect(),
        y: points.iter().map(|point| is_told(point).then(|| measure.predicted(point))).collect(),
    })
}

impl ChartData {
    /// Of one run: each stream predicted and measured.
    pub(crate) fn of(story: &RunStory) -> Self {
        let lines = |measure: Measure| {
            let each = story.curves.iter().enumerate().flat_map(move |(index, curve)| {
                let colour = colour(&curve.stream, index);
                let measured = measured(measure, curve, curve.stream.clone(), colour, &[]);
                [predicted(measure, &story.play, &curve.stream, colour), Some(measured)].into_iter().flatten()
            });
            Chart { measure, lines: each.collect() }
        };
        Self { minutes: story.play.minutes, shades: shades(&story.play), charts: MEASURES.map(lines).into() }
    }

    /// As JSON.
    pub(crate) fn to_json(&self) -> String {
        // Numbers and texts: nothing in it can fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Of two runs: each stream as measured, the second run dashed.
pub(crate) fn compared(comparison: &RunComparison, a: &RunStory, b: &RunStory) -> ChartData {
    let lines = |measure: Measure| {
        let each = comparison.curves.iter().enumerate().flat_map(move |(index, curve)| {
            let colour = colour(&curve.stream, index);
            [(&curve.a, "A", &[][..]), (&curve.b, "B", SECOND)]
                .into_iter()
                .filter(|(curve, ..)| !curve.minutes.is_empty())
                .map(move |(one, run, dash)| measured(measure, one, format!("{} in {run}", curve.stream), colour, dash))
        });
        Chart { measure, lines: each.collect() }
    };
    ChartData {
        minutes: a.play.minutes.max(b.play.minutes),
        shades: shades(&a.play),
        charts: MEASURES.map(lines).into(),
    }
}

/// The charts' frames with their keys, and all of it as a table.
pub(crate) fn charts(data: &ChartData) -> Markup {
    if data.charts.iter().all(|chart| chart.lines.is_empty()) {
        return html! { section.panel { h2 { "Curves" } p.quiet { "Nothing was measured." } } };
    }
    html! {
        div.charts {
            @for chart in &data.charts { (frame(chart)) }
        }
        section.panel.long {
            details.more { summary { "The same curves as a table" } div.scroll { (table(data)) } }
        }
    }
}

fn frame(chart: &Chart) -> Markup {
    let title = chart.measure.title();
    html! {
        section.panel.chart.wide[chart.measure == Measure::ArrivalsPerMinute] {
            h2 { (title) }
            ul.key {
                @for line in &chart.lines {
                    li {
                        svg viewBox="0 0 22 8" aria-hidden="true" {
                            line x1="0" x2="22" y1="4" y2="4" stroke-width=(line.width + 0.5) stroke-dasharray=(dashes(line.dash)) style={ "stroke:var(" (line.colour) ")" } {}
                        }
                        (line.label) b {}
                    }
                }
                li.where {}
            }
            div.plot data-measure=(chart.measure.name()) role="img" aria-label={ (title) ", as in the table below" } {
                noscript { "Curves need this page's script; all figures stand in the table below." }
            }
        }
    }
}

fn dashes(dash: &[u8]) -> String {
    dash.iter().map(u8::to_string).collect::<Vec<_>>().join(" ")
}

fn table(data: &ChartData) -> Markup {
    let mut minutes: Vec<f64> =
        data.charts.iter().flat_map(|chart| &chart.lines).flat_map(|line| line.x.iter().copied()).collect();
    minutes.sort_by(f64::total_cmp);
    minutes.dedup();
    html! {
        table.curves {
            thead {
                tr { th {} @for chart in &data.charts { th colspan=(chart.lines.len()) { (chart.measure.title()) } } }
                tr { th { "minute" } @for line in data.charts.iter().flat_map(|chart| &chart.lines) { th.number { (line.label) } } }
            }
            tbody {
                @for minute in minutes {
                    tr {
                        td.number { (edge(minute.floor())) }
                        @for (chart, line) in data.charts.iter().flat_map(|chart| chart.lines.iter().map(move |line| (chart, line))) {
                            @let value = line.x.iter().position(|at| *at == minute).and_then(|index| line.y[index]);
                            td.number { (value.map_or_else(|| "–".to_owned(), |value| chart.measure.shown(value))) }
                        }
                    }
                }
            }
        }
    }
}
