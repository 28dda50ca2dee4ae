//! One running server on a data folder.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sqlx::{Connection, PgConnection, Row};
use tokio::time::Instant;

use crate::{Cache, Child, Exit, ParentDeath, Spec, Stop, free_port};

use super::{Binaries, Durability, PostgresError, Settings, leftover};

/// The superuser of every private cluster. Trusted from this machine's loopback only.
const SUPERUSER: &str = "doorbuster";
/// Crash recovery of a whole run's changes on a slow disk fits in.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// Between two attempts to connect.
const READY_POLL: Duration = Duration::from_millis(20);
/// A fast shutdown writes a checkpoint of everything in `shared_buffers`.
const STOP_WITHIN: Duration = Duration::from_secs(20);
/// Somebody else may take the free port between the looking and the taking; that it happens thrice in a row is no accident.
const PORT_ATTEMPTS: u32 = 3;
/// A Unix socket's path has at most 107 bytes; `/.s.PGSQL.65535` takes 15.
const LONGEST_SOCKET_DIR: usize = 90;

/// A private PostgreSQL server. Dropping it kills it (the data survive, as after a crash); [`Cluster::stop`] ends it in order.
#[derive(Debug)]
pub struct Cluster {
    data: PathBuf,
    port: u16,
    child: Child,
}

impl Cluster {
    /// Starts a server on the data folder `data`, which a template's copy or an earlier run left.
    ///
    /// A server that still runs there is waited for and then stopped; crash recovery is PostgreSQL's own.
    /// Output goes to `log`. Returns when statements are answered.
    pub async fn start(
        binaries: &Binaries,
        cache: &Cache,
        data: &Path,
        settings: &Settings,
        log: &Path,
    ) -> Result<Self, PostgresError> {
        let data = data.canonicalize().map_err(PostgresError::io(data))?;
        leftover::clear(&data).await?;
        let mut attempt = 1;
        loop {
            match Self::attempt(binaries, cache, &data, settings, log).await {
                Err(PostgresError::Died(exit)) if attempt < PORT_ATTEMPTS && lost_the_port(&exit) => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    async fn attempt(
        binaries: &Binaries,
        cache: &Cache,
        data: &Path,
        settings: &Settings,
        log: &Path,
    ) -> Result<Self, PostgresError> {
        let port = settings.port.map_or_else(free_port, Ok).map_err(PostgresError::io(data))?;
        let conf = data.join("postgresql.conf");
        let socket_dir = Some(data).filter(|d| d.as_os_str().len() <= LONGEST_SOCKET_DIR);
        fs::write(&conf, settings.render(port, socket_dir)).map_err(PostgresError::io(&conf))?;
        let parent_death = match settings.durability {
            Durability::Crashproof => ParentDeath::Interrupt,
            Durability::Disposable => ParentDeath::Quit,
        };
        let child = Spec::new("postgresql", binaries.program("postgres"), log)
            .args(["-D".as_ref(), data.as_os_str()])
            .env("LC_ALL", "C")
            .dir(data)
            .account(cache.account().cloned())
            .parent_death(parent_death)
            .start()?;
        let cluster = Self { data: data.to_owned(), port, child };
        cluster.ready().await?;
        Ok(cluster)
    }

    async fn ready(&self) -> Result<(), PostgresError> {
        let url = self.url("postgres");
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            let last = match PgConnection::connect(&url).await {
                Ok(connection) => return Ok(connection.close().await?),
                Err(error) => error.to_string(),
            };
            if let Some(exit) = self.child.exit() {
                return Err(PostgresError::Died(exit));
            }
            if Instant::now() >= deadline {
                return Err(PostgresError::NotReady { seconds: READY_WITHIN.as_secs(), last });
            }
            tokio::time::sleep(READY_POLL).await;
        }
    }

    /// The URL of `database` on this server.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{SUPERUSER}@127.0.0.1:{}/{database}", self.port)
    }

    /// Its loopback port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The process, for watching whether it ends.
    pub fn child(&self) -> &Child {
        &self.child
    }

    /// Makes an empty database.
    pub async fn create_database(&self, name: &str) -> Result<(), PostgresError> {
        let mut connection = PgConnection::connect(&self.url("postgres")).await?;
        let statement = format!("CREATE DATABASE \"{}\"", name.replace('"', "\"\""));
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await?;
        Ok(connection.close().await?)
    }

    /// Fast shutdown: sessions are cut, everything is written.
    pub async fn stop(self) -> Exit {
        self.child.stop(Stop::Interrupt, STOP_WITHIN).await
    }
}

/// Makes the cluster's data folder `data` with `initdb`.
pub(crate) fn init(binaries: &Binaries, cache: &Cache, data: &Path) -> Result<(), PostgresError> {
    cache.make_private_dir(data)?;
    let mut command = Command::new(binaries.program("initdb"));
    command.args(["--locale=C", "--encoding=UTF8", "--auth=trust", "--no-sync", "--username", SUPERUSER, "--pgdata"]);
    command.arg(data).env("LC_ALL", "C").current_dir(data);
    if let Some(account) = cache.account() {
        use std::os::unix::process::CommandExt as _;
        command.uid(account.uid).gid(account.gid);
    }
    let output = command.output().map_err(PostgresError::io(data))?;
    if !output.status.success() {
        let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(PostgresError::Program { program: "initdb".into(), output });
    }
    // Written by whoever starts the server, read by the account it runs as.
    let conf = data.join("postgresql.conf");
    fs::set_permissions(&conf, fs::Permissions::from_mode(0o644)).map_err(PostgresError::io(&conf))
}

/// Reads every table and index of `schema` into the buffers of the database at `url`. Does nothing where `pg_prewarm` is not installed.
///
/// Returns how many blocks of 8 KiB were read.
pub async fn prewarm(url: &str, schema: &str) -> Result<u64, PostgresError> {
    let mut connection = PgConnection::connect(url).await?;
    let available = sqlx::query("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_prewarm'");
    if available.fetch_optional(&mut connection).await?.is_none() {
        return Ok(0);
    }
    sqlx::raw_sql("CREATE EXTENSION IF NOT EXISTS pg_prewarm").execute(&mut connection).await?;
    let sum = "SELECT coalesce(sum(pg_prewarm(c.oid)), 0)::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE n.nspname = $1 AND c.relkind IN ('r', 'i', 'm', 't')";
    let blocks: i64 = sqlx::query(sum).bind(schema).fetch_one(&mut connection).await?.try_get(0)?;
    connection.close().await?;
    Ok(blocks.unsigned_abs())
}

fn lost_the_port(exit: &Exit) -> bool {
    exit.log_tail.iter().any(|line| line.contains("Address already in use"))
}
