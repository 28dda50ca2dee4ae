//! Filled data folders, kept between runs.

use std::error::Error;
use std::path::{Path, PathBuf};

use crate::{Cache, FileLock};

use super::cluster::init;
use super::copy::{copy_data, remove};
use super::{Binaries, Cluster, Durability, PostgresError, Settings};

/// A complete data folder in the cache that nobody ever starts; stages run copies of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    data: PathBuf,
}

impl Template {
    /// Copies it to `data`, which must not exist. The copy belongs to PostgreSQL's account.
    pub async fn copy_to(&self, cache: &Cache, data: &Path) -> Result<(), PostgresError> {
        let (cache, from, to) = (cache.clone(), self.data.clone(), data.to_owned());
        let copied = tokio::task::spawn_blocking(move || copy_data(&cache, &from, &to)).await;
        copied.unwrap_or_else(|panic| Err(PostgresError::Fill(Box::new(panic))))
    }

    /// Where it is.
    pub fn data(&self) -> &Path {
        &self.data
    }
}

/// The template for this major version and `fingerprint` (letters, digits, dashes); made by `fill` if it is not there yet.
///
/// `fill` gets the URL of an empty database `database` on a server of its own. Only one process builds at a time;
/// the others wait. A build that was cut short leaves a folder under another name, which the next build removes.
pub async fn template<F>(
    binaries: &Binaries,
    cache: &Cache,
    fingerprint: &str,
    database: &str,
    fill: F,
) -> Result<Template, PostgresError>
where
    F: AsyncFnOnce(String) -> Result<(), Box<dyn Error + Send + Sync>>,
{
    let folder = cache.dir("templates")?;
    let data = folder.join(format!("pg{}-{fingerprint}", binaries.major()));
    if data.exists() {
        return Ok(Template { data });
    }
    let _building = FileLock::take(&folder.join("lock")).await?;
    if data.exists() {
        return Ok(Template { data });
    }
    let unfinished = folder.join("unfinished");
    remove(&unfinished)?;
    init(binaries, cache, &unfinished)?;
    let settings = Settings { durability: Durability::Disposable, ..Settings::default() };
    let log = folder.join("build.log");
    let cluster = Cluster::start(binaries, cache, &unfinished, &settings, &log).await?;
    cluster.create_database(database).await?;
    fill(cluster.url(database)).await.map_err(PostgresError::Fill)?;
    let exit = cluster.stop().await;
    if !exit.status.success() {
        return Err(PostgresError::Died(exit));
    }
    // It was built without fsync: now, once, everything goes to disk, before the name says that it is complete.
    rustix::fs::sync();
    std::fs::rename(&unfinished, &data).map_err(PostgresError::io(&data))?;
    Ok(Template { data })
}
