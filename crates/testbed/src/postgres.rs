//! PostgreSQL for tests.

use std::sync::atomic::{AtomicU32, Ordering};

use parts::Cache;
use parts::postgres::{Binaries, Cluster, Settings, template};
use tokio::sync::OnceCell;

use crate::folder::{self, Folder};

/// A private cluster that all tests of this process share. `fsync` is off.
pub struct Postgres {
    cluster: Cluster,
    _folder: Folder,
}

/// The cluster of this test process, started by the first call.
///
/// # Panics
/// When PostgreSQL is not installed or does not start; the message says why.
pub async fn postgres() -> &'static Postgres {
    static SHARED: OnceCell<Postgres> = OnceCell::const_new();
    SHARED.get_or_init(start).await
}

async fn start() -> Postgres {
    let cache = Cache::locate().unwrap_or_else(|e| panic!("{e}"));
    let binaries = Binaries::find().unwrap_or_else(|e| panic!("{e}"));
    let empty = template(&binaries, &cache, "empty", "empty", async |_| Ok(())).await.unwrap_or_else(|e| panic!("{e}"));
    let folder = folder::own(&cache, "postgres");
    let data = folder.path.join("data");
    empty.copy_to(&cache, &data).await.unwrap_or_else(|e| panic!("{e}"));
    let log = folder.path.join("postgresql.log");
    let cluster = Cluster::start(&binaries, &cache, &data, &Settings::disposable(), &log).await;
    Postgres { cluster: cluster.unwrap_or_else(|e| panic!("{e}")), _folder: folder }
}

impl Postgres {
    /// Makes an empty database and returns its URL.
    pub async fn create_database(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.cluster.create_database(&name).await.unwrap_or_else(|e| panic!("{e}"));
        self.cluster.url(&name)
    }
}
