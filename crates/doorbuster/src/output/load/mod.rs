//! What a load test says: while it runs ([`live`], [`lines`]), and as a report in four forms ([`summary`], [`document`],
//! [`junit`], [`html`]).
//!
//! All forms show the same [`Judged`] report, and take their numbers from [`figures`].
pub(crate) mod document;
pub(crate) mod figures;
pub(crate) mod html;
mod judged;
pub(crate) mod junit;
mod lines;
mod live;
mod panel;
mod recent;
pub(crate) mod summary;
#[cfg(test)]
pub(crate) mod testing;

use std::io::IsTerminal;

use load::Progress;

pub(crate) use judged::{Judged, Origin, bound};

/// Is shown how a test goes, a few times a second.
pub(crate) trait Watcher {
    fn show(&mut self, progress: &Progress);
}

/// The live view on a terminal, plain lines on standard error elsewhere or where asked for.
pub(crate) fn watcher(plain: bool, title: &str, workers: u64) -> Box<dyn Watcher> {
    // The terminal is asked where its cursor is, and answers through standard input.
    let is_watched = [std::io::stdout().is_terminal(), std::io::stdin().is_terminal()].into_iter().all(|is| is);
    if !plain
        && is_watched
        && let Ok(view) = live::LiveView::start(title, workers)
    {
        return Box::new(view);
    }
    Box::new(lines::Lines::new(workers))
}
