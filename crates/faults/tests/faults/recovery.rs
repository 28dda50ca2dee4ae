use std::fs;
use std::time::Duration;

use faults::{FaultError, Injector, needs_recovery, recover};
use scenario::Fault;

use crate::fixture::*;

/// What a process that died left: the journal's lines so far, and whether the act or the undo in question got through.
struct Death {
    after: &'static str,
    lines: usize,
    is_in: bool,
}

const DEATHS: [Death; 6] = [
    Death { after: "intended, act not done", lines: 1, is_in: false },
    Death { after: "intended, act done", lines: 1, is_in: true },
    Death { after: "applied", lines: 2, is_in: true },
    Death { after: "undoing, undo not done", lines: 3, is_in: true },
    Death { after: "undoing, undo done", lines: 3, is_in: false },
    Death { after: "undone", lines: 4, is_in: false },
];

/// Recovers from a death after every record of `fault` and returns what was said.
async fn recoveries(fault: &Fault) -> String {
    let shop = shop(800).await;
    let before = shop.state().await;
    let clock = clock_started(60.0);
    let mut said = String::new();
    for death in DEATHS {
        let _ = fs::remove_file(shop.journal());
        let injector = shop.injector();
        injector.apply(fault, &clock).await.expect("applied");
        let mid = shop.state().await;
        assert_ne!(mid, before);
        assert!(injector.undo_all().await.iter().all(|r| r.restored));
        drop(injector);
        let whole = fs::read_to_string(shop.journal()).expect("a journal");
        let lines: Vec<&str> = whole.lines().collect();
        assert_eq!(lines.len(), 4, "{whole}");
        let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
        if death.is_in {
            fs::remove_file(shop.journal()).expect("removed");
            shop.injector().apply(fault, &clock).await.expect("applied");
            // What undoes this one may not be what undid the last one.
            let again = fs::read_to_string(shop.journal()).expect("a journal");
            lines.splice(..2, again.lines().map(str::to_owned));
        }
        let left: String = lines[..death.lines].iter().map(|line| format!("{line}\n")).collect();
        fs::write(shop.journal(), left).expect("written");

        let needed = needs_recovery(&shop.journal()).expect("readable");
        if needed {
            let refused = Injector::open(&shop.journal(), shop.target());
            assert!(matches!(refused, Err(FaultError::Unfinished { .. })), "a new run must not begin on top of it");
        }
        let first = recover(&shop.journal(), &shop.target()).await.expect("recovered");
        assert!(first.failed.is_empty() && first.nothing_to_do() != needed);
        assert_eq!(shop.state().await, before, "after {}", death.after);
        let second = recover(&shop.journal(), &shop.target()).await.expect("recovered");
        said += &format!("killed after {}:\n  1st: {first}\n  2nd: {second}\n", death.after);
    }
    said
}

#[tokio::test]
async fn a_dropped_index_is_back_whichever_record_was_the_last() {
    let golden = include_str!("golden/drop_index.txt");
    assert_eq!(recoveries(&missing_index()).await, golden);
}

#[tokio::test]
async fn a_wait_is_gone_whichever_record_was_the_last() {
    let golden = include_str!("golden/storage_wait.txt");
    assert_eq!(recoveries(&slow_storage(&[(0.0, 100.0)])).await, golden);
}

#[tokio::test]
async fn a_lock_is_gone_whichever_record_was_the_last() {
    let golden = include_str!("golden/lock_table.txt");
    let said = recoveries(&orders_locked()).await;
    // The transaction's name ends in the time at which it was made.
    let timeless: Vec<String> = said.lines().map(without_time).collect();
    assert_eq!(timeless.join("\n") + "\n", golden);
}

fn without_time(line: &str) -> String {
    let Some((before, after)) = line.split_once("doorbuster-the-lock-table-") else {
        return line.to_owned();
    };
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    assert_ne!(rest, after, "{line}");
    format!("{before}doorbuster-the-lock-table-<time>{rest}")
}

#[tokio::test]
async fn faults_are_recovered_in_reverse_order() {
    let shop = shop(800).await;
    let before = shop.state().await;
    let injector = shop.injector();
    let clock = clock_started(60.0);
    for fault in database_faults() {
        injector.apply(&fault, &clock).await.expect("applied");
    }
    drop(injector);
    let recovery = recover(&shop.journal(), &shop.target()).await.expect("recovered");
    let order: Vec<&str> = recovery.undone.iter().map(|r| r.fault.as_str()).collect();
    assert_eq!(order, ["the-lock-table", "the-storage-wait", "the-drop-index"]);
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn a_journal_that_is_not_there_is_nothing_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("none.jsonl");
    assert!(!needs_recovery(&journal).expect("readable"));
    // No server is at that address: it must not even be asked.
    let recovery = recover(&journal, &faults::Target::new("postgres://127.0.0.1:1/none")).await.expect("nothing to do");
    assert!(recovery.nothing_to_do());
    assert_eq!(recovery.to_string(), "nothing to do: every fault is undone");
    assert!(!journal.exists());
}

#[tokio::test]
async fn while_a_conductor_lives_nobody_recovers_its_faults() {
    let shop = shop(800).await;
    let injector = shop.injector();
    injector.apply(&missing_index(), &clock_started(60.0)).await.expect("applied");
    assert!(matches!(recover(&shop.journal(), &shop.target()).await, Err(FaultError::Busy { .. })));
    assert!(matches!(Injector::open(&shop.journal(), shop.target()), Err(FaultError::Busy { .. })));
    assert!(!shop.index_is_there().await, "the fault is still in");
    injector.undo_all().await;
}

#[tokio::test]
async fn a_journal_that_can_not_be_made_is_said_before_anything_is_done() {
    let shop = shop(8).await;
    std::os::unix::fs::symlink("/dev/full", shop.journal()).expect("linked");
    assert!(
        matches!(Injector::open(&shop.journal(), shop.target()), Err(FaultError::Journal { .. })),
        "a device is no journal"
    );
    let nowhere = shop.folder.path().join("no/such/folder/faults.jsonl");
    assert!(matches!(Injector::open(&nowhere, shop.target()), Err(FaultError::Journal { .. })));
}

#[tokio::test]
async fn an_act_whose_session_is_cut_is_done_or_undone_but_never_half() {
    let shop = shop(8_000).await;
    let before = shop.state().await;
    let injector = shop.injector();
    // A writer holds the table, so the act waits; its session is then cut, again and again.
    let mut writer = shop.connect().await;
    run(&mut writer, "BEGIN; UPDATE products SET stock_quantity = 1 WHERE product_id = 1").await;
    let cutting = async {
        let cut = "SELECT count(pg_terminate_backend(pid))::text FROM pg_stat_activity WHERE application_name = 'doorbuster fault' AND datname = current_database() AND wait_event_type = 'Lock'";
        for _ in 0..3 {
            while shop.text(cut).await == "0" {
                tokio::task::yield_now().await;
            }
        }
        run(&mut writer, "COMMIT").await;
    };
    let clock = clock_started(60.0);
    let drop = missing_index();
    let (applied, ()) = tokio::join!(injector.apply(&drop, &clock), cutting);
    applied.expect("it is tried again");
    assert!(!shop.index_is_there().await);
    assert!(injector.undo_all().await.iter().all(|r| r.restored));
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn an_act_that_is_cancelled_in_the_middle_is_undone_by_undo_all() {
    let shop = shop(8_000).await;
    let before = shop.state().await;
    let injector = shop.injector();
    let clock = clock_started(60.0);
    for after_ms in [0, 5, 10, 20, 30, 40, 60, 80, 120] {
        let all = async {
            for fault in database_faults() {
                injector.apply(&fault, &clock).await.expect("applied");
            }
        };
        let _ = tokio::time::timeout(Duration::from_millis(after_ms), all).await;
        assert!(injector.undo_all().await.iter().all(|r| r.restored));
        assert_eq!(shop.state().await, before, "cancelled after {after_ms} ms");
    }
}
