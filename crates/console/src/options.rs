//! What the console is told, and why it may not start.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use detect::Mistake;

use crate::story::{EvidenceTraces, RunStory};

/// The shop's monitors, as they ship.
pub const SHOP_MONITORS: &str = include_str!("../../../monitors/shop.yaml");

/// The inbox's monitors, as they ship.
pub const INBOX_MONITORS: &str = include_str!("../../../monitors/inbox.yaml");

/// Every set of monitors that ships, by the name of its world.
pub const SHIPPED_MONITORS: [(&str, &str); 2] = [("shop", SHOP_MONITORS), ("inbox", INBOX_MONITORS)];

/// How the console is to run.
#[derive(Debug, Clone)]
pub struct ConsoleOptions {
    /// The address that all three ports bind to. Nothing here asks who is calling: keep it on loopback.
    pub bind: IpAddr,
    /// Pages and JSON; 0 takes any free port.
    pub http_port: u16,
    /// OTLP/gRPC; 0 takes any free port.
    pub otlp_grpc_port: u16,
    /// OTLP/HTTP; 0 takes any free port.
    pub otlp_http_port: u16,
    /// The text of a monitor file.
    pub monitors: String,
    /// The speed of the run: durations of monitors are divided by it. Positive; 1 is real time.
    pub time_scale: f64,
    /// What the store may keep in memory, in bytes.
    pub memory_budget: u64,
    /// Where past runs are; it need not be there yet.
    pub runs_dir: PathBuf,
    /// The only folder that telemetry may be written to, when [`POST /api/export`](crate::api) asks for it; `None` for nowhere.
    pub export_to: Option<PathBuf>,
    /// A finished run to look at; then nothing comes in, and the clock stands at its end.
    pub open: Option<OpenRun>,
    /// Where telemetry goes that memory has no room for.
    pub disk: DiskOptions,
}

/// A finished run to look at.
#[derive(Debug, Clone)]
pub struct OpenRun {
    /// Its folder.
    pub folder: PathBuf,
    /// What there is to say of it.
    pub story: RunStory,
    /// Traces that tell what happened.
    pub traces: EvidenceTraces,
}

/// Where telemetry goes that memory has no room for.
#[derive(Debug, Clone)]
pub struct DiskOptions {
    /// The folder that everything is kept in beyond the console's end; made if it is not there.
    pub data: Option<PathBuf>,
    /// Without one: where a folder is made that goes with the console.
    pub spill_to: PathBuf,
    /// Bytes of all files together, the oldest leave first. 0 without a data folder: nothing goes to disk, and what
    /// memory has no room for is gone.
    pub budget: u64,
    /// Files whose newest row is older leave.
    pub retention: Duration,
}

impl Default for DiskOptions {
    fn default() -> Self {
        Self { data: None, spill_to: std::env::temp_dir(), budget: 4 << 30, retention: Duration::from_secs(24 * 3600) }
    }
}

impl Default for ConsoleOptions {
    fn default() -> Self {
        Self {
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            http_port: 8080,
            otlp_grpc_port: 4317,
            otlp_http_port: 4318,
            monitors: SHOP_MONITORS.to_owned(),
            time_scale: 1.0,
            memory_budget: 512 << 20,
            runs_dir: PathBuf::from("runs"),
            export_to: None,
            open: None,
            disk: DiskOptions::default(),
        }
    }
}

/// Why the console did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address is taken or may not be used.
    #[error("{what} cannot listen on {address}: {source}; {remedy}")]
    Bind {
        /// Which of the three.
        what: &'static str,
        /// Where.
        address: SocketAddr,
        /// What to do about it.
        remedy: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The monitor file is wrong; every mistake on a line of its own.
    #[error("the monitors have mistakes:\n{}", lines(.0))]
    Monitors(Vec<Mistake>),
    /// The time scale is no speed.
    #[error("time scale {0} is not a positive number; use 1 for real time")]
    TimeScale(f64),
    /// Telemetry can't be kept where it should be.
    #[error("the telemetry's data: {0}")]
    Data(#[from] store::StoreError),
    /// One of the servers ended.
    #[error("a server failed: {0}")]
    Http(#[from] std::io::Error),
}

fn lines(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(|mistake| format!("  {mistake}")).collect::<Vec<_>>().join("\n")
}
