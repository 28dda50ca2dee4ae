//! What the program says. Colour goes only where a terminal can show it, and respects `NO_COLOR`.

pub(crate) mod explain;
pub(crate) mod live;
pub(crate) mod load;
pub(crate) mod plain;
pub(crate) mod style;
pub(crate) mod summary;
pub(crate) mod traffic;
pub(crate) mod verdict;

use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

/// What is guarded here is whole after every statement: a panic elsewhere does not make it unusable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Wipes a view at the bottom of the terminal; what is printed next begins where the view did.
fn give_back<W: std::io::Write>(mut terminal: Terminal<CrosstermBackend<W>>) {
    let top = terminal.get_frame().area().as_position();
    // A terminal that is gone needs no wiping.
    let _ = terminal.clear();
    let _ = terminal.set_cursor_position(top);
    let _ = terminal.show_cursor();
}

/// A line on standard output.
pub(crate) fn line(text: &str) {
    anstream::println!("{text}");
}

/// A result on standard output.
///
/// # Errors
/// It can't be written, as on a full disk. A reader that went away, such as `head`, has what it wanted.
pub(crate) fn result(text: &str) -> anyhow::Result<()> {
    let mut stdout = anstream::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(anyhow::anyhow!("standard output can't be written: {error}"))
        }
        _ => Ok(()),
    }
}

/// A line on standard error: what is no result.
pub(crate) fn note(text: &str) {
    anstream::eprintln!("{text}");
}

/// A value as pretty JSON on standard output.
pub(crate) fn json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    result(&serde_json::to_string_pretty(value)?)
}

/// An error that ended the command, with its causes; what is missing on this machine, as a list with remedies.
pub(crate) fn error(error: &anyhow::Error) {
    anstream::eprintln!("{}error{:#}: {error}", style::CRITICAL, style::CRITICAL);
    for cause in error.chain().skip(1) {
        anstream::eprintln!("  because {cause}");
    }
    if let Some(stage::StageError::Preflight(lacks)) = error.downcast_ref() {
        for lack in lacks {
            anstream::eprintln!("  {} {}\n      {}", style::symbol(style::Mark::Bad), lack.what, lack.remedy);
        }
    }
}

/// The live view on a terminal, plain lines elsewhere or where asked for.
pub(crate) fn observer(plain: bool, title: &str) -> Arc<dyn stage::Observer> {
    let is_watched = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
    if !plain
        && is_watched
        && let Ok(view) = live::LiveView::start(title)
    {
        return Arc::new(view);
    }
    Arc::new(plain::PlainLines::default())
}
