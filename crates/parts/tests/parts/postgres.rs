use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use parts::Cache;
use parts::postgres::{Binaries, Cluster, Settings, prewarm, template};
use sqlx::{Connection, PgConnection};

/// A cluster's folder in the cache, removed at the end.
struct Home {
    cache: Cache,
    binaries: Binaries,
    folder: PathBuf,
}

impl Home {
    async fn new(name: &str) -> Self {
        let cache = Cache::locate().expect("a cache");
        let folder = cache.dir(&format!("tests/{name}-{}", std::process::id())).expect("a folder");
        let home = Self { cache, binaries: Binaries::find().expect("PostgreSQL"), folder };
        let empty =
            template(&home.binaries, &home.cache, "empty", "empty", async |_| Ok(())).await.expect("a template");
        empty.copy_to(&home.cache, &home.folder.join("data")).await.expect("copied");
        home
    }

    async fn start(&self) -> Cluster {
        let log = self.folder.join("postgresql.log");
        Cluster::start(&self.binaries, &self.cache, &self.folder.join("data"), &Settings::default(), &log)
            .await
            .unwrap_or_else(|e| panic!("{e}"))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

async fn setting(cluster: &Cluster, name: &str) -> String {
    let mut connection = PgConnection::connect(&cluster.url("empty")).await.expect("it answers");
    sqlx::query_scalar("SELECT current_setting($1)").bind(name).fetch_one(&mut connection).await.expect("a setting")
}

#[tokio::test]
async fn a_cluster_has_the_settings_that_scenarios_rely_on_and_listens_on_loopback_only() {
    let home = Home::new("settings").await;
    let cluster = home.start().await;
    let data = home.folder.join("data");
    let table = [
        ("fsync", "on"),
        ("jit", "off"),
        ("shared_buffers", "160MB"),
        ("max_parallel_workers_per_gather", "0"),
        ("max_connections", "120"),
        ("listen_addresses", "127.0.0.1"),
        ("data_directory", data.to_str().expect("UTF-8")),
    ];
    for (name, value) in table {
        assert_eq!(setting(&cluster, name).await, value, "{name}");
    }
    let blocks = prewarm(&cluster.url("empty"), "pg_catalog").await.expect("prewarmed");
    assert!(blocks > 100, "{blocks}");
    assert!(cluster.stop().await.status.success());
}

#[tokio::test]
async fn what_was_written_is_there_after_a_kill() {
    let home = Home::new("kill").await;
    let cluster = home.start().await;
    let mut connection = PgConnection::connect(&cluster.url("empty")).await.expect("it answers");
    sqlx::raw_sql("SET synchronous_commit = on; CREATE TABLE kept AS SELECT 42 AS answer")
        .execute(&mut connection)
        .await
        .expect("created");
    drop(cluster);
    let cluster = home.start().await;
    let mut connection = PgConnection::connect(&cluster.url("empty")).await.expect("it answers");
    let answer: i32 =
        sqlx::query_scalar("SELECT answer FROM kept").fetch_one(&mut connection).await.expect("the table is there");
    assert_eq!(answer, 42);
}

#[tokio::test]
async fn a_server_that_still_runs_in_the_folder_is_stopped_first() {
    let home = Home::new("leftover").await;
    let orphan = home.start().await;
    let cluster = home.start().await;
    assert!(orphan.child().exit().is_some_and(|exit| exit.status.success()), "it was shut down in order");
    assert_eq!(setting(&cluster, "port").await, cluster.port().to_string());
}

#[tokio::test]
async fn a_stale_pid_file_with_the_number_of_another_process_is_in_nobodys_way() {
    let home = Home::new("stale").await;
    let stale = format!("{}\n{}\n", std::process::id(), home.folder.join("data").display());
    fs::write(home.folder.join("data/postmaster.pid"), stale).expect("written");
    home.start().await;
}

#[tokio::test]
async fn two_that_want_a_template_make_it_once() {
    let folder = tempfile::tempdir_in("/var/tmp").expect("a folder");
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("opened");
    let cache = Cache::at(folder.path()).expect("a cache");
    let binaries = Binaries::find().expect("PostgreSQL");
    // What a build that was cut short leaves.
    fs::create_dir_all(folder.path().join("templates/unfinished/base")).expect("made");
    let filled = AtomicU32::new(0);
    let make = || {
        template(&binaries, &cache, "twice", "shop", async |url| {
            filled.fetch_add(1, Ordering::Relaxed);
            let mut connection = PgConnection::connect(&url).await?;
            sqlx::raw_sql("CREATE TABLE filled (id int)").execute(&mut connection).await?;
            Ok(())
        })
    };
    let (one, other) = tokio::join!(make(), make());
    assert_eq!(one.expect("made"), other.expect("made"));
    assert_eq!(filled.load(Ordering::Relaxed), 1);
    assert!(!folder.path().join("templates/unfinished").exists());
}

#[tokio::test]
async fn a_template_whose_filling_fails_is_not_kept() {
    let folder = tempfile::tempdir_in("/var/tmp").expect("a folder");
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("opened");
    let cache = Cache::at(folder.path()).expect("a cache");
    let binaries = Binaries::find().expect("PostgreSQL");
    let failed = template(&binaries, &cache, "fails", "shop", async |_| Err("no space".into())).await;
    assert_eq!(failed.expect_err("it fails").to_string(), "filling the database failed: no space");
    let made = template(&binaries, &cache, "fails", "shop", async |_| Ok(())).await.expect("the next one succeeds");
    assert!(made.data().join("PG_VERSION").exists());
}
