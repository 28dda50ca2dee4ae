//! Who a process is, for telemetry.

/// Where a process's log lines go, besides OTLP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LogOutput {
    /// JSON lines on stdout: services.
    #[default]
    Stdout,
    /// JSON lines on stderr: commands whose stdout is their result.
    Stderr,
    /// Nowhere: a process that owns the terminal.
    Silent,
}

/// Who this process is, for telemetry.
#[derive(Clone, Debug)]
pub struct Service {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) log_output: LogOutput,
    pub(crate) is_exporting: bool,
    pub(crate) endpoint: Option<String>,
}

impl Service {
    /// A service that exports over OTLP and logs on stdout.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            log_output: LogOutput::default(),
            is_exporting: true,
            endpoint: None,
        }
    }

    /// Chooses where log lines go.
    pub fn with_log_output(mut self, log_output: LogOutput) -> Self {
        self.log_output = log_output;
        self
    }

    /// Exports to this OTLP endpoint, whatever `OTEL_EXPORTER_OTLP_ENDPOINT` and its siblings for single signals say.
    pub fn with_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Logs only: for the console, which would otherwise report its receiving of reports to itself.
    pub fn without_export(mut self) -> Self {
        self.is_exporting = false;
        self
    }
}
