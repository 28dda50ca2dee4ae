//! How a load test goes, as a panel at the bottom of the terminal that is gone when it ends.

use std::io::Stdout;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use load::Progress;
use ratatui::backend::CrosstermBackend;
use ratatui::{Terminal, TerminalOptions, Viewport};

use super::Watcher;
use super::panel::{HEIGHT, Panel};

/// The panel is drawn again at least this often.
const REDRAW: Duration = Duration::from_millis(500);

/// Draws in a thread of its own, so that a slow terminal never holds up whoever watches signals.
#[derive(Debug)]
pub(super) struct LiveView {
    states: Option<Sender<Progress>>,
    thread: Option<JoinHandle<()>>,
}

impl LiveView {
    /// Takes the bottom of the terminal; fails where it can't be drawn on.
    pub(super) fn start(title: &str, workers: u64) -> std::io::Result<Self> {
        let backend = CrosstermBackend::new(std::io::stdout());
        let terminal = Terminal::with_options(backend, TerminalOptions { viewport: Viewport::Inline(HEIGHT) })?;
        let (states, receiver) = channel();
        let panel = Panel::new(title, workers);
        let thread =
            std::thread::Builder::new().name("live-view".into()).spawn(move || draw_all(terminal, panel, &receiver))?;
        Ok(Self { states: Some(states), thread: Some(thread) })
    }
}

impl Watcher for LiveView {
    fn show(&mut self, progress: &Progress) {
        if let Some(states) = &self.states {
            // The thread ends only after this sender is gone; if it died drawing, there is nothing to tell it.
            let _ = states.send(progress.clone());
        }
    }
}

impl Drop for LiveView {
    fn drop(&mut self) {
        drop(self.states.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn draw_all(mut terminal: Terminal<CrosstermBackend<Stdout>>, mut panel: Panel, states: &Receiver<Progress>) {
    loop {
        match states.recv_timeout(REDRAW) {
            Ok(progress) => panel.take(progress),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        while let Ok(progress) = states.try_recv() {
            panel.take(progress);
        }
        if terminal.draw(|frame| panel.draw(frame)).is_err() {
            break;
        }
    }
    crate::output::give_back(terminal);
}
