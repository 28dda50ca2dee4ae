//! What is measured, as a child: the console, or the sink that it is held against.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::http::Connection;
use super::send::Ports;
use crate::process::Child;

/// How long it may take to start.
const STARTS_WITHIN: Duration = Duration::from_secs(30);
/// How long what was sent may take to be in the store.
const STORED_WITHIN: Duration = Duration::from_secs(120);
/// How often the console is asked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A running console, or a running sink. It ends when this is dropped.
pub(crate) struct Subject {
    pub(crate) child: Child,
    pub(crate) ports: Ports,
    pages: u16,
}

/// Of the console's account of itself what is needed here.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Health {
    pub(crate) spans_received: u64,
    pub(crate) spans_dropped: u64,
    pub(crate) store: Store,
}

/// What the store says.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Store {
    #[serde(default)]
    pub(crate) bytes_kept: u64,
    #[serde(default)]
    pub(crate) spans_kept: u64,
    #[serde(default)]
    pub(crate) spans_evicted: u64,
}

impl Subject {
    /// A console with a memory budget in MiB.
    pub(crate) fn console(program: &Path, budget_mib: u32) -> anyhow::Result<Self> {
        let [pages, grpc, http] = free_ports()?;
        let mut command = Command::new(program);
        command.arg("console").args(["--memory", &budget_mib.to_string()]);
        for (flag, port) in [("--port", pages), ("--otlp-grpc-port", grpc), ("--otlp-http-port", http)] {
            command.args([flag, &port.to_string()]);
        }
        let started = Self::start(command, Ports { http, grpc }, pages);
        started.with_context(|| format!("start {} console", program.display()))
    }

    /// A server that reads what it gets and keeps nothing.
    pub(crate) fn sink() -> anyhow::Result<Self> {
        let [port, ..] = free_ports()?;
        let mut command = Command::new(std::env::current_exe().context("find this program's own file")?);
        command.args(["sink", "--port", &port.to_string()]);
        Self::start(command, Ports { http: port, grpc: port }, port).context("start the sink")
    }

    fn start(mut command: Command, ports: Ports, pages: u16) -> anyhow::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = Child::start(&mut command)?;
        let deadline = Instant::now() + STARTS_WITHIN;
        while Connection::new(pages).get("/api/health").is_err() {
            if let Some(status) = child.process().try_wait()? {
                bail!("it ended at once: {status}");
            }
            if Instant::now() > deadline {
                bail!("it does not answer after {} s", STARTS_WITHIN.as_secs());
            }
            thread::sleep(LOOK_EVERY);
        }
        Ok(Self { child, ports, pages })
    }

    /// A connection to its pages.
    pub(crate) fn pages(&self) -> Connection {
        Connection::new(self.pages)
    }

    pub(crate) fn health(&self) -> anyhow::Result<Health> {
        let answer = self.pages().get("/api/health")?;
        serde_json::from_slice(&answer.body).context("read /api/health")
    }

    /// Waits until the console has accounted for so many spans since it started.
    ///
    /// # Errors
    /// If it has not within two minutes.
    pub(crate) fn wait_until_stored(&self, spans: u64) -> anyhow::Result<Health> {
        let deadline = Instant::now() + STORED_WITHIN;
        loop {
            let health = self.health()?;
            if health.spans_received + health.spans_dropped >= spans {
                return Ok(health);
            }
            if Instant::now() > deadline {
                bail!("{spans} spans were sent, the console knows of {}", health.spans_received);
            }
            thread::sleep(LOOK_EVERY);
        }
    }
}

/// Three ports that are free now.
fn free_ports() -> anyhow::Result<[u16; 3]> {
    let listen = || TcpListener::bind(("127.0.0.1", 0)).context("find a free port");
    let listeners = [listen()?, listen()?, listen()?];
    let mut ports = [0; 3];
    for (port, listener) in ports.iter_mut().zip(&listeners) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}

/// The doorbuster to measure: the one given, or the one beside this program.
pub(crate) fn doorbuster(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    let program = match given {
        Some(given) => given.to_owned(),
        None => std::env::current_exe()?.with_file_name("doorbuster"),
    };
    if !program.is_file() {
        bail!("{} is not there: build it, or give --doorbuster FILE", program.display());
    }
    Ok(program)
}
