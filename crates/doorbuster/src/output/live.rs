//! A run as a live view: events scroll by, a panel below them says how it stands.
//!
//! The panel is an inline viewport: no alternate screen, so everything stays in the terminal's history.

use std::io::Stdout;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Cell, Gauge, Paragraph, Row, Table, Widget};
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};
use stage::{Event, Observer, Snapshot, StreamSnapshot};

use super::{plain, style};

/// Lines of the panel.
const HEIGHT: u16 = 11;
/// The panel is drawn again at least this often, so that the clock moves.
const REDRAW: Duration = Duration::from_millis(250);

/// Draws in a thread of its own, so that a slow terminal never holds up the conductor.
#[derive(Debug)]
pub(crate) struct LiveView {
    events: Mutex<Option<Sender<Event>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl LiveView {
    /// Takes the bottom of the terminal; fails where it can't be drawn on.
    pub(crate) fn start(title: &str) -> std::io::Result<Self> {
        let backend = CrosstermBackend::new(std::io::stdout());
        let terminal = Terminal::with_options(backend, TerminalOptions { viewport: Viewport::Inline(HEIGHT) })?;
        let (sender, receiver) = channel();
        let title = title.to_owned();
        let thread = std::thread::Builder::new()
            .name("live-view".into())
            .spawn(move || draw_all(terminal, &title, &receiver))?;
        Ok(Self { events: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)) })
    }
}

impl Observer for LiveView {
    fn hear(&self, event: &Event) {
        let events = super::lock(&self.events);
        if let Some(sender) = events.as_ref() {
            // The thread ends only after this sender is gone; if it died drawing, there is nothing to tell it.
            let _ = sender.send(event.clone());
        }
    }
}

impl Drop for LiveView {
    fn drop(&mut self) {
        drop(super::lock(&self.events).take());
        if let Some(thread) = super::lock(&self.thread).take() {
            let _ = thread.join();
        }
    }
}

fn draw_all(mut terminal: Terminal<CrosstermBackend<Stdout>>, title: &str, events: &Receiver<Event>) {
    let mut panel = Panel { title: title.to_owned(), ..Panel::default() };
    loop {
        match events.recv_timeout(REDRAW) {
            Ok(event) => panel.take(&mut terminal, event),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        while let Ok(event) = events.try_recv() {
            panel.take(&mut terminal, event);
        }
        if terminal.draw(|frame| panel.draw(frame)).is_err() {
            break;
        }
    }
    super::give_back(terminal);
}

#[derive(Default)]
struct Panel {
    title: String,
    step: String,
    console_url: String,
    now: Option<Snapshot>,
}

impl Panel {
    fn take(&mut self, terminal: &mut Terminal<CrosstermBackend<Stdout>>, event: Event) {
        match &event {
            Event::Tick(snapshot) => self.now = Some(snapshot.clone()),
            Event::StepStarted(step) => self.step = step.clone(),
            Event::StepProgress(text) => self.step = text.clone(),
            Event::Ready { console_url, .. } => self.console_url = console_url.clone(),
            _ => {}
        }
        if matches!(event, Event::StepProgress(_)) {
            return;
        }
        if let Some(text) = plain::event_line(&event) {
            let plain = anstream::adapter::strip_str(&text).to_string();
            let style = event_style(&event);
            let _ = terminal.insert_before(1, |buffer| Text::styled(plain, style).render(buffer.area, buffer));
        }
    }

    fn draw(&self, frame: &mut Frame) {
        let block = Block::bordered().title(format!(" {} ", self.title)).title_bottom(format!(" {} ", self.footer()));
        let inner = block.inner(frame.area());
        frame.render_widget(block, frame.area());
        let Some(now) = &self.now else {
            frame.render_widget(Paragraph::new(format!("setting the stage: {}", self.step)), inner);
            return;
        };
        let [clock, _, table, facts] =
            Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Length(3), Constraint::Min(1)])
                .areas(inner);
        draw_clock(frame, clock, now);
        frame.render_widget(streams(&now.streams), table);
        frame.render_widget(Paragraph::new(facts_of(now)), facts);
    }

    fn footer(&self) -> String {
        let url = if self.console_url.is_empty() { String::new() } else { format!("{}  ", self.console_url) };
        format!("{url}Ctrl-C puts everything back")
    }
}

fn draw_clock(frame: &mut Frame, area: Rect, now: &Snapshot) {
    let ratio = (now.minute / now.minutes).clamp(0.0, 1.0);
    let left = now.left.as_secs();
    let label = if now.minute < 0.0 {
        format!(
            "begins in {:.0} s",
            -now.minute * now.left.as_secs_f64() / (now.minutes - now.minute).max(f64::EPSILON)
        )
    } else {
        format!(
            "minute {:.1} of {:.0}   {}   {}:{:02} left",
            now.minute.min(now.minutes),
            now.minutes,
            now.phase,
            left / 60,
            left % 60
        )
    };
    frame.render_widget(Gauge::default().ratio(ratio).label(label).gauge_style(Style::new().fg(Color::Blue)), area);
}

fn streams(streams: &[StreamSnapshot]) -> Table<'static> {
    let head = Row::new(["stream", "rate/min", "errors", "predicted", "p50", "p95", "predicted"])
        .style(Style::new().add_modifier(Modifier::DIM));
    let rows = streams.iter().map(|s| {
        let colour = match s.error_rate {
            None => Color::DarkGray,
            Some(share) if share > 0.2 => Color::Red,
            Some(share) if share > 0.02 => Color::Yellow,
            Some(_) => Color::Blue,
        };
        Row::new([
            Cell::from(Span::styled(s.name.clone(), Style::new().add_modifier(Modifier::BOLD))),
            Cell::from(format!("{:.0}", s.rpm)),
            Cell::from(Span::styled(
                style::percent(s.error_rate),
                Style::new().fg(colour).add_modifier(Modifier::BOLD),
            )),
            Cell::from(style::percent(s.predicted_error_rate)),
            Cell::from(style::latency(s.p50_ms)),
            Cell::from(style::latency(s.p95_ms)),
            Cell::from(style::latency(s.predicted_p95_ms)),
        ])
    });
    let widths = [
        Constraint::Length(10),
        Constraint::Length(9),
        Constraint::Length(9),
        Constraint::Length(10),
        Constraint::Length(9),
        Constraint::Length(9),
        Constraint::Length(10),
    ];
    Table::new(rows, widths).header(head)
}

fn facts_of(now: &Snapshot) -> Vec<Line<'static>> {
    let list = |items: &[String]| if items.is_empty() { "none".to_owned() } else { items.join(", ") };
    let alerts =
        if now.firing.is_empty() { Style::new() } else { Style::new().fg(Color::Red).add_modifier(Modifier::BOLD) };
    vec![
        Line::from(vec![Span::raw("firing   "), Span::styled(list(&now.firing), alerts)]),
        Line::from(format!("faults   {}", list(&now.faults))),
        Line::from(format!("proofs   {} of {} hold", now.proofs.0, now.proofs.1)),
    ]
}

fn event_style(event: &Event) -> Style {
    match event {
        Event::Alert { event, .. } if event.state == scenario::AlertState::Firing => {
            Style::new().fg(Color::Red).add_modifier(Modifier::BOLD)
        }
        Event::Fault { .. } => Style::new().fg(Color::Yellow),
        Event::Proof(proof) if !proof.holds => Style::new().fg(Color::Red),
        Event::Restored(record) if !record.restored => Style::new().fg(Color::Red),
        _ => Style::new(),
    }
}
