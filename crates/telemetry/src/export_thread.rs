//! The thread that drives the connections to the collector.

use crate::init::InitError;

/// A thread with a runtime that drives the connections to the collector; ends when dropped.
#[derive(Debug)]
pub(crate) struct ExportThread {
    pub(crate) handle: tokio::runtime::Handle,
    _stop: tokio::sync::oneshot::Sender<()>,
}

impl ExportThread {
    pub(crate) fn start() -> Result<Self, InitError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(InitError::Thread)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        std::thread::Builder::new()
            .name("otel-export".to_owned())
            .spawn(move || {
                // The connections must not report themselves, or each export would cause the next.
                let _quiet = opentelemetry::Context::enter_telemetry_suppressed_scope();
                // An error only says that the sender was dropped, which is the signal.
                let _ = runtime.block_on(stopped);
            })
            .map_err(InitError::Thread)?;
        Ok(Self { handle, _stop: stop })
    }
}
