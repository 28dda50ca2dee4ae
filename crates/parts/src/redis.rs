//! A private Redis (or Valkey), without persistence.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::{ChildError, Exit, Member, Spec, Stop, free_port};

/// In order of preference; either speaks the same protocol.
const PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];
/// Carts of 10,000 users take less than 10 MB.
const MAX_MEMORY: &str = "64mb";
/// It starts in milliseconds; this is for a machine that is busy building.
const READY_WITHIN: Duration = Duration::from_secs(10);
/// Between two attempts, and the bound of one.
const READY_POLL: Duration = Duration::from_millis(10);
/// There is nothing to save.
const STOP_WITHIN: Duration = Duration::from_secs(3);
/// See PostgreSQL's: the free port may be lost to somebody else.
const PORT_ATTEMPTS: u32 = 3;

/// Why Redis can't be had.
#[derive(Debug, thiserror::Error)]
pub enum RedisError {
    /// Neither program is on this machine.
    #[error(
        "neither redis-server nor valkey-server is on PATH: install one, for example with `apt-get install redis-server`"
    )]
    NotFound,
    /// The process can't be started.
    #[error(transparent)]
    Child(#[from] ChildError),
    /// It ended before it answered.
    #[error("Redis did not start: {0}")]
    Died(Exit),
    /// It did not answer in time.
    #[error("Redis did not answer within {seconds} s: {last}")]
    NotReady {
        /// The bound.
        seconds: u64,
        /// The last error of connecting.
        last: String,
    },
    /// There is no free port.
    #[error("no free loopback port: {0}")]
    Port(#[from] std::io::Error),
}

/// A private Redis server. Dropping it kills it.
#[derive(Debug)]
pub struct Server {
    port: u16,
    member: Member,
}

/// The program that will be used: on `PATH`, or where Debian puts it.
pub fn find() -> Result<PathBuf, RedisError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut dirs: Vec<PathBuf> = std::env::split_paths(&path).collect();
    dirs.extend(["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].map(PathBuf::from));
    let in_any = |name: &&str| dirs.iter().map(|d| d.join(name)).find(|p| p.is_file());
    PROGRAMS.iter().find_map(in_any).ok_or(RedisError::NotFound)
}

impl Server {
    /// Starts `program` on a free loopback port, in the folder `dir`, with its output in `log`. Returns when it answers `PING`.
    pub async fn start(program: &Path, dir: &Path, log: &Path) -> Result<Self, RedisError> {
        let mut attempt = 1;
        loop {
            match Self::start_on(program, dir, log, free_port()?).await {
                Err(RedisError::Died(exit)) if attempt < PORT_ATTEMPTS && lost_the_port(&exit) => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    /// Starts it on the loopback port `port`, as after a kill: clients find it where it was.
    pub async fn start_on(program: &Path, dir: &Path, log: &Path, port: u16) -> Result<Self, RedisError> {
        let spec = Spec::new("redis", program, log)
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            // Keys that expire go first; a cart without an end is never thrown away silently.
            .args(["--maxmemory", MAX_MEMORY, "--maxmemory-policy", "volatile-ttl", "--daemonize", "no", "--dir"])
            .arg(dir);
        let server = Self { port, member: Member::start(spec)? };
        server.ready().await?;
        Ok(server)
    }

    /// Waits until it answers `PING`.
    pub async fn ready(&self) -> Result<(), RedisError> {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            let last = match tokio::time::timeout(READY_WITHIN, ping(self.port)).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => error.to_string(),
                Err(_) => "no answer".to_owned(),
            };
            if let Some(exit) = self.member.child().exit() {
                return Err(RedisError::Died(exit));
            }
            if Instant::now() >= deadline {
                return Err(RedisError::NotReady { seconds: READY_WITHIN.as_secs(), last });
            }
            tokio::time::sleep(READY_POLL).await;
        }
    }

    /// The URL of its database 0.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Its loopback port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process, for watching whether it ends, for killing it, and for starting it again on its port.
    pub fn member(&self) -> &Member {
        &self.member
    }

    /// Ends it.
    pub async fn stop(&self) -> Exit {
        self.member.child().stop(Stop::Terminate, STOP_WITHIN).await
    }
}

async fn ping(port: u16) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(b"PING\r\n").await?;
    let mut answer = [0; 7];
    stream.read_exact(&mut answer).await?;
    if &answer == b"+PONG\r\n" { Ok(()) } else { Err(std::io::Error::other("it does not speak Redis")) }
}

fn lost_the_port(exit: &Exit) -> bool {
    exit.log_tail.iter().any(|line| line.contains("Address already in use") || line.contains("Failed listening"))
}
