//! PostgreSQL and Redis for a stage: private ones out of the cache, or the user's own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use parts::postgres::{Binaries, Cluster, Settings};
use parts::{Cache, Exit, redis};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::services::Backing;
use crate::{Event, Observer, Options, StageError};

/// Name of the database in a private cluster.
pub(crate) const DATABASE: &str = "doorbuster";
/// The schema that everything of ours lives in.
pub(crate) const SCHEMA: &str = "doorbuster";

/// The running parts; those that are the user's own are not held. Nothing in a world without them.
#[derive(Debug, Default)]
pub(crate) struct BackingParts {
    pub(crate) urls: Option<Backing>,
    cluster: Option<Cluster>,
    redis: Option<Arc<redis::Server>>,
}

impl BackingParts {
    /// Starts what is to be private and prepares what is not.
    pub(crate) async fn start(
        options: &Options,
        cache: &Cache,
        stage: &Path,
        observer: &dyn Observer,
    ) -> Result<Self, StageError> {
        let (database, redis) =
            tokio::try_join!(database(options, cache, stage, observer), redis_server(options, stage))?;
        let database_url = match (&database, &options.database_url) {
            (Some(cluster), _) => cluster.url(DATABASE),
            (None, Some(url)) => url.clone(),
            (None, None) => unreachable!("a private cluster was started"),
        };
        let redis_url = match (&redis, &options.redis_url) {
            (Some(server), _) => server.url(),
            (None, Some(url)) => url.clone(),
            (None, None) => unreachable!("a private server was started"),
        };
        let urls = Some(Backing { database_url, redis_url });
        Ok(Self { urls, cluster: database, redis: redis.map(Arc::new) })
    }

    /// The private Redis.
    pub(crate) fn redis(&self) -> Option<Arc<redis::Server>> {
        self.redis.clone()
    }

    /// Private parts that have ended, though nobody asked them to.
    pub(crate) fn broken(&self) -> Vec<Exit> {
        let cluster = self.cluster.as_ref().and_then(|c| c.child().exit());
        let redis = self.redis.as_ref().and_then(|r| r.member().broke());
        cluster.into_iter().chain(redis).collect()
    }

    /// Stops what is private.
    pub(crate) async fn stop(self) {
        let cluster = async {
            if let Some(cluster) = self.cluster {
                cluster.stop().await;
            }
        };
        let redis = async {
            if let Some(redis) = self.redis {
                redis.stop().await;
            }
        };
        tokio::join!(cluster, redis);
    }
}

/// Where a stage keeps the data folder of its private cluster.
pub(crate) fn data_folder(stage: &Path) -> PathBuf {
    stage.join("postgresql")
}

/// Starts the private cluster that an earlier run left in `stage`, as it is.
pub(crate) async fn reopen(cache: &Cache, stage: &Path) -> Result<Cluster, StageError> {
    let binaries = Binaries::find()?;
    Ok(Cluster::start(&binaries, cache, &data_folder(stage), &Settings::default(), &stage.join("postgresql.log"))
        .await?)
}

async fn database(
    options: &Options,
    cache: &Cache,
    stage: &Path,
    observer: &dyn Observer,
) -> Result<Option<Cluster>, StageError> {
    if let Some(url) = &options.database_url {
        prepare(options, url, observer).await?;
        return Ok(None);
    }
    let binaries = Binaries::find()?;
    let fingerprint = fingerprint(options).await?;
    let template = parts::postgres::template(&binaries, cache, &fingerprint, DATABASE, async |url| {
        observer.hear(&Event::StepProgress(format!(
            "first start: generating {} products in PostgreSQL; later starts copy the result",
            options.products
        )));
        prepare(options, &url, observer).await.map_err(Into::into)
    })
    .await?;
    let data = data_folder(stage);
    match std::fs::remove_dir_all(&data) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(StageError::file(&data, error)),
        _ => {}
    }
    template.copy_to(cache, &data).await?;
    let cluster = Cluster::start(&binaries, cache, &data, &Settings::default(), &stage.join("postgresql.log")).await?;
    parts::postgres::prewarm(&cluster.url(DATABASE), SCHEMA).await?;
    Ok(Some(cluster))
}

async fn redis_server(options: &Options, stage: &Path) -> Result<Option<redis::Server>, StageError> {
    if options.redis_url.is_some() {
        return Ok(None);
    }
    let program = redis::find()?;
    Ok(Some(redis::Server::start(&program, stage, &stage.join("redis.log")).await?))
}

/// What identifies schema and data, from the program that makes them.
async fn fingerprint(options: &Options) -> Result<String, StageError> {
    let output = migrate_command(options).arg("--fingerprint").output().await;
    let output = output.map_err(|source| StageError::file(&options.executable, source))?;
    if !output.status.success() {
        return Err(StageError::Prepare(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Makes schema and data in the database at `url`, passing on what the program says.
async fn prepare(options: &Options, url: &str, observer: &dyn Observer) -> Result<(), StageError> {
    // The URL may hold a password: it goes through the environment, which other users can't read.
    let mut child = migrate_command(options)
        .env("DATABASE_URL", url)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| StageError::file(&options.executable, source))?;
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            observer.hear(&Event::StepProgress(line));
        }
    }
    let output = child.wait_with_output().await.map_err(|source| StageError::file(&options.executable, source))?;
    if output.status.success() {
        return Ok(());
    }
    Err(StageError::Prepare(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}

fn migrate_command(options: &Options) -> Command {
    let mut command = Command::new(&options.executable);
    command.args(["migrate", "--products", &options.products.to_string()]).stdin(Stdio::null()).kill_on_drop(true);
    command
}
