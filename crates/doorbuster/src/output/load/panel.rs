//! The panel of the live view: time, rates, latencies, and two small charts of how they went so far.

use load::{Progress, StreamProgress};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Block, Cell, Chart, Dataset, Gauge, GraphType, Paragraph, Row, Sparkline, Table};

use super::lines;
use super::recent::Recent;
use crate::output::style;

/// Lines of the panel.
pub(super) const HEIGHT: u16 = 18;
/// Streams that have a line of their own in the table and the chart.
const SHOWN_STREAMS: usize = 4;
/// Most points that are kept; of more, every second is let go.
const MOST_POINTS: usize = 1200;
/// Their colours, which colour-blind people tell apart; in the table each has its name beside it.
const COLOURS: [Color; SHOWN_STREAMS] = [Color::Blue, Color::Magenta, Color::Cyan, Color::Green];
/// At this the generator is late enough to be looked at.
const NOTABLE_LAG_MS: f64 = 10.0;

/// What is drawn.
#[derive(Debug)]
pub(super) struct Panel {
    title: String,
    recent: Recent,
    now: Option<Progress>,
    history: Vec<Point>,
    /// Every so many seconds a point is kept.
    every: f64,
}

/// A moment of the past.
#[derive(Debug, Clone)]
struct Point {
    second: f64,
    due_per_second: f64,
    /// `[p50, p95, p99]` by stream.
    latencies: Vec<[f64; 3]>,
}

/// Name, colour, and `(second, milliseconds)`.
type Curve = (String, Color, Vec<(f64, f64)>);

impl Panel {
    pub(super) fn new(title: &str, workers: u64) -> Self {
        Self { title: title.to_owned(), recent: Recent::new(workers), now: None, history: Vec::new(), every: 1.0 }
    }

    pub(super) fn take(&mut self, progress: Progress) {
        self.recent.take(&progress);
        let second = progress.elapsed.as_secs_f64();
        let is_due = self.history.last().is_none_or(|last| second >= last.second + self.every);
        if is_due && second > 0.0 {
            self.history.push(Point {
                second,
                due_per_second: progress.streams.iter().map(|s| s.due_per_second).sum(),
                latencies: progress
                    .streams
                    .iter()
                    .take(SHOWN_STREAMS)
                    .map(|s| [s.p50_ms, s.p95_ms, s.p99_ms])
                    .collect(),
            });
        }
        if self.history.len() > MOST_POINTS {
            let mut is_kept = false;
            self.history.retain(|_| {
                is_kept = !is_kept;
                is_kept
            });
            self.every *= 2.0;
        }
        self.now = Some(progress);
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>) {
        let block = Block::bordered()
            .title(format!(" {} ", self.title))
            .title_bottom(" Ctrl-C stops and reports; twice, at once ");
        let inner = block.inner(frame.area());
        frame.render_widget(block, frame.area());
        let Some(now) = &self.now else { return };
        let streams = now.streams.len().min(SHOWN_STREAMS) as u16 + 1;
        let [clock, facts, table, charts] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(streams),
            Constraint::Min(3),
        ])
        .areas(inner);
        draw_clock(frame, clock, now);
        frame.render_widget(Paragraph::new(facts_of(now)), facts);
        frame.render_widget(self.streams(&now.streams), table);
        let [latency, rate] =
            Layout::horizontal([Constraint::Percentage(62), Constraint::Percentage(38)]).spacing(1).areas(charts);
        self.draw_latency(frame, latency, now);
        self.draw_rate(frame, rate, now);
    }

    fn streams(&self, streams: &[StreamProgress]) -> Table<'static> {
        let head = Row::new(["stream", "target", "due", "answered", "failed", "p50", "p95", "p99"])
            .style(Style::new().add_modifier(Modifier::DIM));
        let rows = streams.iter().zip(COLOURS).enumerate().map(|(position, (s, colour))| {
            let failed = Style::new().fg(if s.errors > 0 { Color::Red } else { Color::Reset });
            Row::new([
                Cell::from(Span::styled(s.stream.clone(), Style::new().fg(colour).add_modifier(Modifier::BOLD))),
                Cell::from(style::rate(self.recent.target(position))),
                Cell::from(style::rate(s.due_per_second)),
                Cell::from(style::count(s.completed)),
                Cell::from(Span::styled(style::count(s.errors), failed)),
                Cell::from(style::fine_latency(Some(s.p50_ms))),
                Cell::from(style::fine_latency(Some(s.p95_ms))),
                Cell::from(style::fine_latency(Some(s.p99_ms))),
            ])
        });
        let number = Constraint::Length(10);
        Table::new(rows, [Constraint::Min(10), number, number, number, number, number, number, number]).header(head)
    }

    /// Of one stream its percentiles; of several the 95th of each.
    fn draw_latency(&self, frame: &mut Frame<'_>, area: Rect, now: &Progress) {
        let is_one = now.streams.len() == 1;
        let curves: Vec<Curve> = if is_one {
            let measures = [("p99", 2, Color::Magenta), ("p95", 1, Color::Blue), ("p50", 0, Color::Green)];
            measures.iter().map(|(name, index, colour)| ((*name).to_owned(), *colour, self.curve(0, *index))).collect()
        } else {
            let shown = now.streams.iter().zip(COLOURS).enumerate();
            shown.map(|(index, (s, colour))| (s.stream.clone(), colour, self.curve(index, 1))).collect()
        };
        let greatest = curves.iter().flat_map(|c| &c.2).map(|point| point.1).fold(1.0, f64::max) * 1.1;
        let until = now.elapsed.as_secs_f64().max(10.0);
        let datasets = curves.iter().map(|(_, colour, points)| {
            Dataset::default()
                .marker(Marker::Braille)
                .graph_type(GraphType::Line)
                .style(Style::new().fg(*colour))
                .data(points)
        });
        let mut title = vec![Span::raw(if is_one { "latency " } else { "p95 " })];
        title.extend(curves.iter().map(|(name, colour, _)| Span::styled(format!("{name} "), Style::new().fg(*colour))));
        let dim = Style::new().fg(Color::DarkGray);
        let chart = Chart::new(datasets.collect())
            .block(Block::new().title(Line::from(title)))
            .legend_position(None)
            .x_axis(Axis::default().bounds([0.0, until]).labels(["0 s".to_owned(), format!("{until:.0} s")]).style(dim))
            .y_axis(
                Axis::default()
                    .bounds([0.0, greatest])
                    .labels(["0".to_owned(), style::fine_latency(Some(greatest))])
                    .style(dim),
            );
        frame.render_widget(chart, area);
    }

    fn curve(&self, stream: usize, measure: usize) -> Vec<(f64, f64)> {
        let at = |point: &Point| Some((point.second, *point.latencies.get(stream)?.get(measure)?));
        self.history.iter().filter_map(at).collect()
    }

    fn draw_rate(&self, frame: &mut Frame<'_>, area: Rect, now: &Progress) {
        let [head, bars] = Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(area);
        let due: f64 = now.streams.iter().map(|s| s.due_per_second).sum();
        let target: f64 = (0..now.streams.len()).map(|position| self.recent.target(position)).sum();
        frame.render_widget(Paragraph::new(format!("rate {} of {}", style::rate(due), style::rate(target))), head);
        // A bar for each column, over the whole time so far, as in the chart beside it.
        let until = now.elapsed.as_secs_f64().max(10.0);
        let at = |column: u16| {
            let second = f64::from(column + 1) / f64::from(bars.width.max(1)) * until;
            let next = self.history.partition_point(|point| point.second < second);
            let point =
                self.history.get(next).or(self.history.last().filter(|last| last.second + self.every >= second));
            point.map_or(0, |point| (point.due_per_second * 10.0).round() as u64)
        };
        let rates: Vec<u64> = (0..bars.width).map(at).collect();
        frame.render_widget(Sparkline::default().data(rates).style(Style::new().fg(Color::Blue)), bars);
    }
}

fn draw_clock(frame: &mut Frame<'_>, area: Rect, now: &Progress) {
    let (elapsed, planned) = (now.elapsed.as_secs_f64(), now.planned.as_secs_f64());
    let ratio = if planned > 0.0 { (elapsed / planned).clamp(0.0, 1.0) } else { 0.0 };
    let label = format!("{:.0} s of {planned:.0} s  {}", elapsed.min(planned), lines::state(now.state));
    frame.render_widget(Gauge::default().ratio(ratio).label(label).gauge_style(Style::new().fg(Color::Blue)), area);
}

fn facts_of(now: &Progress) -> Line<'static> {
    let alarm = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
    let when = |is: bool| if is { alarm } else { Style::new() };
    Line::from(vec![
        Span::raw(format!("under way {}  ", style::count(now.in_flight as u64))),
        Span::raw(format!("answered {}  ", style::count(now.completed))),
        Span::styled(format!("failed {}", style::count(now.errors)), when(now.errors > 0)),
        Span::raw("  "),
        Span::styled(format!("dropped {}", style::count(now.dropped)), when(now.dropped > 0)),
        Span::raw("  "),
        Span::styled(
            format!("schedule lag p99 {}", style::fine_latency(Some(now.schedule_lag_p99_ms))),
            when(now.schedule_lag_p99_ms >= NOTABLE_LAG_MS),
        ),
    ])
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;
    use crate::output::load::testing;

    fn drawn(panel: &Panel, width: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, HEIGHT)).expect("a terminal in memory");
        terminal.draw(|frame| panel.draw(frame)).expect("drawn");
        terminal.backend().to_string()
    }

    #[test]
    fn the_panel_shows_time_rates_latencies_and_drops() {
        let mut panel = Panel::new("checkout · seed 7", 1);
        for second in 1..60 {
            panel.take(testing::progress(f64::from(second)));
        }
        let text = drawn(&panel, 110);
        for part in [
            "checkout · seed 7",
            "59 s of 120 s  running",
            "dropped 0",
            "schedule lag p99 90 µs",
            "buyers",
            "120/s",
            "rate 79.5/s of 160/s",
            "p95 buyers lookers",
            "Ctrl-C",
        ] {
            assert!(text.contains(part), "{part:?} is missing in\n{text}");
        }
    }

    #[test]
    fn a_small_terminal_and_no_data_break_nothing() {
        drawn(&Panel::new("nothing yet", 1), 20);
        let mut panel = Panel::new("x", 1);
        let mut progress = testing::progress(0.0);
        progress.streams.clear();
        panel.take(progress);
        for width in [1, 5, 40, 200] {
            drawn(&panel, width);
        }
    }

    #[test]
    fn long_tests_keep_a_bounded_history_of_the_whole() {
        let mut panel = Panel::new("x", 1);
        for second in 1..20_000 {
            panel.take(testing::progress(f64::from(second)));
        }
        assert!(panel.history.len() <= MOST_POINTS);
        assert!(panel.history[0].second < 20.0);
    }
}
