//! What is left of the children of a process that was killed: on Linux, nothing.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use parts::postgres::{Binaries, Cluster, Settings, template};
use parts::{Cache, Spec, redis};
use sqlx::{Connection, PgConnection};

use crate::{runs, until};

const FOLDER: &str = "DOORBUSTER_TEST_VICTIM_FOLDER";

/// Not a test: starts one child of each sort, writes their numbers to a file, and waits to be killed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the victim of the test below"]
async fn victim() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let folder = Path::new(&folder);
    // From threads of the pool, as the conductor starts them.
    let log = folder.join("sleep.log");
    let sleeper =
        tokio::spawn(async move { Spec::new("sleep", "/bin/sleep", log).arg("1000").start().expect("started") })
            .await
            .expect("no panic");
    let cache = Cache::locate().expect("a cache");
    let binaries = Binaries::find().expect("PostgreSQL");
    let data = folder.join("data");
    let cluster = Cluster::start(&binaries, &cache, &data, &Settings::default(), &folder.join("postgresql.log"))
        .await
        .expect("started");
    let mut connection = PgConnection::connect(&cluster.url("empty")).await.expect("it answers");
    sqlx::raw_sql("CREATE TABLE kept AS SELECT 42 AS answer").execute(&mut connection).await.expect("created");
    let server =
        redis::Server::start(&redis::find().expect("Redis"), folder, &folder.join("redis.log")).await.expect("started");
    let pids = [sleeper.pid(), cluster.child().pid(), server.member().child().pid()].map(|p| p.to_string()).join(" ");
    fs::write(folder.join("pids.new"), pids).expect("written");
    fs::rename(folder.join("pids.new"), folder.join("pids")).expect("renamed");
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn five_seconds_after_a_kill_no_child_is_left_and_the_data_are_whole() {
    let cache = Cache::locate().expect("a cache");
    let binaries = Binaries::find().expect("PostgreSQL");
    let folder = cache.dir(&format!("tests/orphans-{}", std::process::id())).expect("a folder");
    let empty = template(&binaries, &cache, "empty", "empty", async |_| Ok(())).await.expect("a template");
    empty.copy_to(&cache, &folder.join("data")).await.expect("copied");
    let mut victim = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "orphans::victim", "--ignored"])
        .env(FOLDER, &folder)
        .stdout(Stdio::null())
        .spawn()
        .expect("started");
    until(Duration::from_secs(60), "the victim has started its children", || folder.join("pids").exists()).await;
    let pids = fs::read_to_string(folder.join("pids")).expect("readable");
    let pids: Vec<&str> = pids.split(' ').collect();
    assert!(pids.len() == 3 && pids.iter().all(|pid| runs(pid)), "{pids:?}");

    victim.kill().expect("killed");
    victim.wait().expect("reaped");
    until(Duration::from_secs(5), "no child is left", || !pids.iter().any(|pid| runs(pid))).await;

    let cluster =
        Cluster::start(&binaries, &cache, &folder.join("data"), &Settings::default(), &folder.join("postgresql.log"))
            .await
            .expect("started");
    let mut connection = PgConnection::connect(&cluster.url("empty")).await.expect("it answers");
    let answer: i32 =
        sqlx::query_scalar("SELECT answer FROM kept").fetch_one(&mut connection).await.expect("the table is there");
    assert_eq!(answer, 42);
    cluster.stop().await;
    let _ = fs::remove_dir_all(&folder);
}
