//! One file per verb.

pub(crate) mod console;
pub(crate) mod demo;
pub(crate) mod fault;
pub(crate) mod files;
pub(crate) mod load;
pub(crate) mod migrate;
pub(crate) mod report;
pub(crate) mod rollback;
pub(crate) mod scenario;
pub(crate) mod serve;
pub(crate) mod validate;

use tokio_util::sync::CancellationToken;

/// A runtime for a command; services are light, two threads serve them all.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

/// Cancelled by Ctrl-C or SIGTERM.
pub(crate) fn interrupted() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let token = CancellationToken::new();
    let (mut int, mut term) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut hang_up = signal(SignalKind::hangup())?;
    let cancel = token.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = int.recv() => {}
                _ = term.recv() => {}
                _ = hang_up.recv() => {}
            }
            cancel.cancel();
        }
    });
    Ok(token)
}
