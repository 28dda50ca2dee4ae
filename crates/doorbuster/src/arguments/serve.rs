//! `doorbuster serve`, `console` and `migrate`: the parts of a stage, by themselves.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::values::{retention, speed};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorbuster serve frontend
  DATABASE_URL=postgres://... doorbuster serve product-catalog --bind 0.0.0.0
  doorbuster serve inbox                                            its own model
  USE_GEMINI_FOR_CLASSIFY=1 GOOGLE_CLOUD_PROJECT=... doorbuster serve inbox
  OPENAI_BASE_URL=http://localhost:11434/v1 OPENAI_MODEL=llama3.2 doorbuster serve inbox    Ollama

Services: frontend, cart, product-catalog, recommendation, payment-service, checkout, currency, shipping,
ad-service, load-generator; inbox, the e-mail classifier. Each is configured by the environment: see
docs/services.md and docs/inbox.md.")]
pub(crate) struct Serve {
    /// The service
    #[arg(value_name = "NAME")]
    pub(crate) service: String,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1", env = "DOORBUSTER_BIND")]
    pub(crate) bind: IpAddr,
    /// Port to listen on; the service's own if not given, any free one if 0
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Another host that the load generator may send to (may be repeated)
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_target: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorbuster console
  doorbuster console --open runs/black-friday-20261121-101500    a finished run, as it was
  doorbuster console --data ~/telemetry --retention 72h --disk-budget 20480
  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317 your-service    and look at http://127.0.0.1:8080")]
pub(crate) struct Console {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1", env = "DOORBUSTER_BIND")]
    pub(crate) bind: IpAddr,
    /// Port of the pages and of the API
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// Port of OTLP/gRPC
    #[arg(long, default_value_t = 4317)]
    pub(crate) otlp_grpc_port: u16,
    /// Port of OTLP/HTTP
    #[arg(long, default_value_t = 4318)]
    pub(crate) otlp_http_port: u16,
    /// Monitors: `shop` or `inbox`, as they ship, or a file of your own; the shop's if not given
    #[arg(long, value_name = "SET|FILE")]
    pub(crate) monitors: Option<PathBuf>,
    /// Divides the monitors' windows, as a scenario's speed shortens its minutes
    #[arg(long, default_value_t = 1.0, value_name = "N", value_parser = speed)]
    pub(crate) time_scale: f64,
    /// Memory for telemetry, in MiB; what has no room goes to disk, the oldest first
    #[arg(long, default_value_t = 512, value_name = "MIB", value_parser = clap::value_parser!(u32).range(16..=65_536))]
    pub(crate) memory: u32,
    /// Show this finished run instead of taking telemetry: its folder
    #[arg(long, value_name = "RUN", conflicts_with_all = ["otlp_grpc_port", "otlp_http_port", "monitors", "time_scale", "export_to", "data"])]
    pub(crate) open: Option<PathBuf>,
    /// Where the folders of runs are, for the Runs page
    #[arg(long, default_value = "runs", value_name = "DIR", env = "DOORBUSTER_RUNS_DIR")]
    pub(crate) runs_dir: PathBuf,
    /// The only folder that `POST /api/export` writes spans, logs and metrics to
    #[arg(long, value_name = "DIR")]
    pub(crate) export_to: Option<PathBuf>,
    /// Folder to keep telemetry in, beyond the console's end [default: a folder in the cache that goes with the console]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Telemetry on disk that is older is removed
    #[arg(long, default_value = "24h", value_name = "DURATION", value_parser = retention)]
    pub(crate) retention: Duration,
    /// Disk for telemetry, in MiB; the oldest is removed first, 0 keeps everything in memory
    #[arg(long, default_value_t = 4096, value_name = "MIB", value_parser = clap::value_parser!(u32).range(..=16_777_216))]
    pub(crate) disk_budget: u32,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  doorbuster migrate --database-url postgres://me@localhost/shop")]
pub(crate) struct Migrate {
    /// The database; everything is made in its schema `doorbuster`
    #[arg(
        long,
        value_name = "URL",
        env = "DATABASE_URL",
        required_unless_present = "fingerprint",
        hide_env_values = true
    )]
    pub(crate) database_url: Option<String>,
    /// Rows of the products table
    #[arg(long, default_value_t = 500_000, value_name = "N", value_parser = clap::value_parser!(u32).range(8..=50_000_000))]
    pub(crate) products: u32,
    /// Print what identifies schema and data, and change nothing
    #[arg(long)]
    pub(crate) fingerprint: bool,
}
