//! A process that really dies, and a database that really restarts.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use faults::{FaultError, Injector, Target, needs_recovery, recover};
use parts::Cache;
use parts::postgres::{Binaries, Cluster, Settings, template};

use crate::fixture::*;

const URL: &str = "DOORBUSTER_TEST_VICTIM_URL";
const JOURNAL: &str = "DOORBUSTER_TEST_VICTIM_JOURNAL";
/// Of three faults, each intended, applied, undoing and undone.
const MOST_LINES: usize = 12;

/// This program again, to run only the test `name`, on `shop`.
fn again(name: &str, shop: &Shop, prefix: &[&str]) -> Command {
    let this = std::env::current_exe().expect("this program");
    let mut words: Vec<std::ffi::OsString> = prefix.iter().map(Into::into).collect();
    words.push(this.into());
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).args(["--exact", name, "--ignored"]).env(URL, &shop.url).env(JOURNAL, shop.journal());
    command
}

/// Not a test: what the process does that the tests below kill.
#[tokio::test]
#[ignore = "the victim of the other tests of this module"]
async fn victim() {
    let (Ok(url), Ok(journal)) = (std::env::var(URL), std::env::var(JOURNAL)) else {
        return;
    };
    let injector = Injector::open(journal.as_ref(), Target::new(url)).expect("opened");
    let clock = clock_started(60.0);
    for fault in database_faults() {
        injector.apply(&fault, &clock).await.expect("applied");
    }
    injector.undo_all().await;
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_conductor_that_is_killed_at_any_moment_leaves_nothing_that_recovery_does_not_put_back() {
    let shop = shop(8_000).await;
    let before = shop.state().await;
    let mut lines_seen = Vec::new();
    // Killed once so many lines are in the journal, whatever the process does at that moment.
    for lines in 0..=MOST_LINES {
        let _ = std::fs::remove_file(shop.journal());
        let mut victim = again("killed::victim", &shop, &[]).stdout(Stdio::null()).spawn().expect("started");
        let deadline = Instant::now() + Duration::from_secs(30);
        while std::fs::read_to_string(shop.journal()).map_or(0, |t| t.lines().count()) < lines {
            assert!(Instant::now() < deadline, "the victim wrote fewer than {lines} lines");
        }
        victim.kill().expect("killed");
        victim.wait().expect("reaped");
        lines_seen.push(std::fs::read_to_string(shop.journal()).map_or(0, |t| t.lines().count()));
        let recovery = recover(&shop.journal(), &shop.target()).await.expect("recovered");
        assert!(recovery.failed.is_empty(), "{recovery}");
        assert_eq!(shop.state().await, before, "killed at {lines} lines; {recovery}");
        assert!(recover(&shop.journal(), &shop.target()).await.expect("recovered").nothing_to_do());
        assert!(!needs_recovery(&shop.journal()).expect("readable"));
    }
    assert!(lines_seen.windows(2).all(|w| w[0] <= w[1]) && lines_seen[MOST_LINES] == MOST_LINES, "{lines_seen:?}");
}

/// A PostgreSQL that a test may kill.
struct Mortal {
    binaries: Binaries,
    cache: Cache,
    home: std::path::PathBuf,
    cluster: Cluster,
}

impl Mortal {
    /// A new one, and the shop in it.
    async fn start(name: &str) -> (Self, Shop) {
        let cache = Cache::locate().expect("a cache");
        let binaries = Binaries::find().expect("PostgreSQL");
        let empty = template(&binaries, &cache, "empty", "empty", async |_| Ok(())).await.expect("a template");
        let home = cache.dir(&format!("tests/{name}-{}", std::process::id())).expect("a folder");
        empty.copy_to(&cache, &home.join("data")).await.expect("copied");
        let cluster = Self::cluster(&binaries, &cache, &home, None).await;
        fill(&cluster.url("empty"), 8_000).await;
        let shop = Shop { url: cluster.url("empty"), folder: tempfile::tempdir().expect("a folder") };
        (Self { binaries, cache, home, cluster }, shop)
    }

    async fn cluster(binaries: &Binaries, cache: &Cache, home: &std::path::Path, port: Option<u16>) -> Cluster {
        let settings = Settings { port, ..Settings::default() };
        let (data, log) = (home.join("data"), home.join("postgresql.log"));
        Cluster::start(binaries, cache, &data, &settings, &log).await.expect("started")
    }

    /// Kills it, as a power cut would, and starts it again where it was.
    async fn killed_and_restarted(self) -> Self {
        let Self { binaries, cache, home, cluster } = self;
        let port = Some(cluster.port());
        drop(cluster);
        let cluster = Self::cluster(&binaries, &cache, &home, port).await;
        Self { binaries, cache, home, cluster }
    }

    async fn end(self) {
        self.cluster.stop().await;
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

#[tokio::test]
async fn an_undo_outlives_a_restart_of_the_database_in_its_middle() {
    let (mortal, shop) = Mortal::start("restart").await;
    let before = shop.state().await;
    let injector = shop.injector();
    let clock = clock_started(60.0);
    for fault in database_faults() {
        injector.apply(&fault, &clock).await.expect("applied");
    }
    // A writer keeps the index's undo waiting, which comes last; then the server is killed under both and started again.
    let mut writer = shop.connect().await;
    run(&mut writer, "BEGIN; UPDATE products SET stock_quantity = 1 WHERE product_id = 1").await;
    let restarting = async {
        let waiting = "SELECT count(*)::text FROM pg_stat_activity WHERE application_name = 'doorbuster fault' AND wait_event_type = 'Lock'";
        while shop.text(waiting).await == "0" {
            tokio::task::yield_now().await;
        }
        mortal.killed_and_restarted().await
    };
    let (records, mortal) = tokio::join!(injector.undo_all(), restarting);
    assert!(records.len() == 3 && records.iter().all(|r| r.restored), "{records:?}");
    assert_eq!(shop.state().await, before);
    mortal.end().await;
}

#[tokio::test]
async fn every_undo_begins_while_the_database_is_away_and_ends_when_it_is_back() {
    let (mut mortal, shop) = Mortal::start("away").await;
    let before = shop.state().await;
    for fault in database_faults() {
        let injector = shop.injector();
        injector.apply(&fault, &clock_started(60.0)).await.expect("applied");
        let broken = shop.state().await;
        assert_ne!(broken, before, "{}", fault.kind);
        // The fault outlives the crash, so there is something to undo; the undo finds nobody at first.
        let Mortal { binaries, cache, home, cluster } = mortal;
        let port = Some(cluster.port());
        drop(cluster);
        let coming_back = async {
            while is_yet_to_begin(&shop) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            Mortal::cluster(&binaries, &cache, &home, port).await
        };
        let (record, cluster) = tokio::join!(injector.undo(&fault.id), coming_back);
        mortal = Mortal { binaries, cache, home, cluster };
        assert!(record.restored, "{}: {}", fault.kind, record.seen);
        assert!(!record.seen.contains("already"), "{}: {}", fault.kind, record.seen);
        assert_eq!(shop.state().await, before, "{}", fault.kind);
        drop(injector);
    }
    mortal.end().await;
}

#[tokio::test]
async fn a_lock_outlives_the_server_and_is_still_seen_for_what_it_is() {
    let (mortal, shop) = Mortal::start("locked").await;
    let before = shop.state().await;
    let injector = shop.injector();
    injector.apply(&orders_locked(), &clock_started(60.0)).await.expect("applied");
    let mortal = mortal.killed_and_restarted().await;
    let locked = scenario::Proof::TableLocked { table: "orders".into() };
    let (holds, seen) = crate::stage::look(&injector, &locked).await;
    assert!(holds && seen.starts_with("AccessExclusiveLock held by the prepared transaction"), "{seen}");
    assert!(injector.undo_all().await.iter().all(|r| r.restored));
    assert_eq!(shop.state().await, before);
    mortal.end().await;
}

/// Whether the undo is yet to write that it has begun.
fn is_yet_to_begin(shop: &Shop) -> bool {
    let journal = std::fs::read_to_string(shop.journal()).expect("a journal");
    !journal.lines().last().is_some_and(|line| line.contains("\"undoing\""))
}

#[tokio::test]
async fn a_database_that_stays_away_is_reported_with_what_to_type() {
    let shop = shop(800).await;
    let injector = shop.injector();
    injector.apply(&missing_index(), &clock_started(60.0)).await.expect("applied");
    drop(injector);
    let away = Target::new("postgres://doorbuster@127.0.0.1:1/doorbuster");
    tokio::time::pause();
    let recovery = recover(&shop.journal(), &away).await.expect("an answer");
    tokio::time::resume();
    assert_eq!(recovery.failed.len(), 1);
    assert!(
        recovery.to_string().contains(
            "type by hand:\nCREATE INDEX IF NOT EXISTS idx_products_recommendation ON ONLY doorbuster.products"
        ),
        "{recovery}"
    );
    assert!(needs_recovery(&shop.journal()).expect("readable"), "it keeps its record");
    let recovery = recover(&shop.journal(), &shop.target()).await.expect("an answer");
    assert_eq!(recovery.undone.len(), 1, "a later recovery succeeds");
    assert!(shop.index_is_there().await);
}

/// Not a test: applies every fault in a process that can't write a byte to any file.
#[tokio::test]
#[ignore = "run by the test of a full disk"]
async fn without_space() {
    let (Ok(url), Ok(journal)) = (std::env::var(URL), std::env::var(JOURNAL)) else {
        return;
    };
    let injector = Injector::open(journal.as_ref(), Target::new(url)).expect("opened");
    for fault in database_faults() {
        let refused = injector.apply(&fault, &clock_started(60.0)).await;
        assert!(matches!(refused, Err(FaultError::Journal { .. })), "{refused:?}");
    }
    assert!(injector.undo_all().await.is_empty());
}

#[tokio::test]
async fn a_full_disk_means_that_the_fault_is_not_applied() {
    let shop = shop(800).await;
    let before = shop.state().await;
    // The limit on the size of files stands for the full disk: writing fails, and the signal that would kill is ignored.
    let limited = ["sh", "-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"];
    let output = again("killed::without_space", &shop, &limited).output().expect("started");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(std::fs::read_to_string(shop.journal()).expect("there"), "");
    assert_eq!(shop.state().await, before);
}
