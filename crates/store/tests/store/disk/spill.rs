//! Memory that is short is relieved by the disk, and nothing is lost or seen twice.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use detect::UnixMs;
use store::{DiskLimits, LogSearch, SpanSearch, Store, StoreLimits};

use super::shop::{NOW, hex, take_in, trace};
use crate::otlp::{encoded, request};

const TIGHT: StoreLimits = StoreLimits { budget_bytes: 3 << 20 };

#[test]
fn under_a_tiny_budget_nothing_is_lost_and_every_reader_sees_each_row_once() {
    const TRACES: u64 = 12_000;
    let parent = tempfile::tempdir().expect("a temporary folder");
    let store = Store::spilling(TIGHT, Default::default(), parent.path(), DiskLimits::default()).expect("writable");
    let (is_over, taken) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..TRACES {
                take_in(&store, n, TRACES);
                taken.store(n + 1, Ordering::Release);
            }
            is_over.store(true, Ordering::Release);
        });
        scope.spawn(|| {
            while !is_over.load(Ordering::Acquire) {
                let done = store.maintain(NOW);
                assert!(done.troubles.is_empty(), "{done:?}");
                thread::yield_now();
            }
        });
        for reader in 0..2u64 {
            let (store, is_over, taken) = (&store, &is_over, &taken);
            scope.spawn(move || {
                let mut looked = 0u64;
                while !is_over.load(Ordering::Acquire) {
                    let there = taken.load(Ordering::Acquire);
                    let stats = store.stats();
                    assert!(stats.bytes_kept <= stats.budget_bytes, "{stats:?}");
                    assert_eq!((stats.spans_kept, stats.spans_evicted), (stats.spans_received, 0), "{stats:?}");
                    looked += 1;
                    let Some(n) = there.checked_sub(1).map(|last| (looked * 7919 + reader) % (last + 1)) else {
                        continue;
                    };
                    let found = store.trace(&hex(n)).unwrap_or_else(|| panic!("trace {n} of {there} is gone"));
                    let mut spans: Vec<_> = found.spans.iter().map(|span| span.span_id.as_str()).collect();
                    spans.sort_unstable();
                    assert_eq!(spans, ["0000000000000001", "0000000000000002", "0000000000000003"], "trace {n}");
                    let logs = store.logs(&LogSearch { trace_id: Some(hex(n)), ..LogSearch::default() });
                    assert_eq!(logs.len(), 1, "log of trace {n}: {logs:?}");
                }
                assert!(looked > 3, "readers had a turn: {looked}");
            });
        }
    });
    let stats = store.stats();
    assert_eq!((stats.spans_received, stats.spans_kept, stats.spans_evicted), (3 * TRACES, 3 * TRACES, 0));
    assert_eq!((stats.logs_kept, stats.metric_points_kept), (TRACES, 2 * TRACES));
    assert!(stats.spans_on_disk > TRACES && stats.disk_bytes > 0 && stats.disk_files > 1, "{stats:?}");
    let all = SpanSearch { limit: Some(500), to_unix_ms: Some(NOW.0 - TRACES + 300), ..SpanSearch::default() };
    let old = store.search_for(&all, Duration::from_secs(60));
    assert!(!old.is_cut);
    assert!(old.found.len() >= 250 && old.found.iter().all(|trace| trace.spans == 3), "{}", old.found.len());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let exported = store.export(folder.path()).expect("writable");
    assert_eq!((exported.spans, exported.logs, exported.metric_points), (3 * TRACES, TRACES, 2 * TRACES));
    drop(store);
    assert_eq!(std::fs::read_dir(parent.path()).expect("it is there").count(), 0, "the files go with the store");
}

#[test]
fn a_search_without_patience_says_that_older_files_were_not_looked_at() {
    let parent = tempfile::tempdir().expect("a temporary folder");
    let store = Store::spilling(TIGHT, Default::default(), parent.path(), DiskLimits::default()).expect("writable");
    for n in 0..8000 {
        take_in_and_maintain(&store, n, 8000);
    }
    let nothing = SpanSearch { min_duration_ms: Some(1e9), ..SpanSearch::default() };
    assert!(store.search_for(&nothing, Duration::ZERO).is_cut);
    assert_eq!(store.stats().searches_cut, 1);
    assert!(!store.search_for(&nothing, Duration::from_secs(60)).is_cut);
}

#[test]
fn a_sender_is_asked_to_come_back_when_the_disk_is_behind_and_is_taken_once_it_has_caught_up() {
    let parent = tempfile::tempdir().expect("a temporary folder");
    let store = Store::spilling(TIGHT, Default::default(), parent.path(), DiskLimits::default()).expect("writable");
    let message = |n| encoded(&request("s", trace(n, 100_000)));
    let full = (0..100_000).find(|n| store.ingest_traces(&message(*n), NOW).is_err()).expect("nobody maintains it");
    let stats = store.stats();
    assert_eq!((stats.messages_refused, stats.spans_evicted, stats.spans_kept), (1, 0, 3 * full));
    assert!(stats.bytes_kept <= stats.budget_bytes, "{stats:?}");
    let done = store.maintain(NOW);
    assert!(done.written > 0 && done.troubles.is_empty(), "{done:?}");
    store.ingest_traces(&message(full), NOW).expect("there is room again");
    assert_eq!(store.stats().spans_kept, 3 * (full + 1));
}

#[test]
fn the_oldest_files_go_when_there_are_too_many_or_they_are_too_old_and_their_rows_are_counted() {
    let parent = tempfile::tempdir().expect("a temporary folder");
    let disk = DiskLimits { bytes: 150_000, age: Duration::from_secs(3600) };
    let store = Store::spilling(TIGHT, Default::default(), parent.path(), disk).expect("writable");
    for n in 0..15_000 {
        take_in_and_maintain(&store, n, 15_000);
    }
    store.maintain(NOW);
    let stats = store.stats();
    assert!(stats.disk_bytes <= 150_000 && stats.spans_evicted > 0, "{stats:?}");
    assert_eq!(stats.spans_kept + stats.spans_evicted, stats.spans_received);
    assert_eq!(stats.logs_kept + stats.logs_evicted, stats.logs_received);
    assert_eq!(store.trace(&hex(0)), None, "the oldest is gone");
    assert!(store.trace(&hex(14_999)).is_some(), "the newest is here");

    store.maintain(UnixMs(NOW.0 + 3_600_000));
    let stats = store.stats();
    assert_eq!((stats.disk_files, stats.disk_bytes, stats.spans_on_disk), (0, 0, 0), "{stats:?}");
    assert_eq!(stats.spans_kept + stats.spans_evicted, stats.spans_received);
    let spill = std::fs::read_dir(parent.path()).expect("it is there").next().expect("one").expect("readable").path();
    let files = std::fs::read_dir(spill).expect("it is there");
    let files: Vec<_> = files.map(|file| file.expect("readable").file_name()).collect();
    assert_eq!(files, ["doorbuster.lock"]);
}

#[test]
fn a_disk_that_cannot_be_written_to_is_told_once_and_memory_evicts_until_it_works_again() {
    let parent = tempfile::tempdir().expect("a temporary folder");
    let store = Store::spilling(TIGHT, Default::default(), parent.path(), DiskLimits::default()).expect("writable");
    let spill = std::fs::read_dir(parent.path()).expect("it is there").next().expect("one").expect("readable").path();
    // Where a folder is expected a file stands: that stops root, too.
    let aside = parent.path().join("aside");
    std::fs::rename(&spill, &aside).expect("writable");
    std::fs::write(&spill, "").expect("writable");
    let mut troubles = Vec::new();
    for n in 0..10_000 {
        take_in_and(&store, n, 10_000, |done| troubles.extend(done.troubles));
    }
    assert_eq!(troubles.len(), 1, "{troubles:?}");
    assert!(troubles[0].to_string().contains("doorbuster-spill-"), "{}", troubles[0]);
    let stats = store.stats();
    assert!(stats.is_disk_failing && stats.disk_writes_failed >= 1, "{stats:?}");
    assert!(stats.bytes_kept <= stats.budget_bytes && stats.spans_evicted > 0, "{stats:?}");
    assert_eq!(stats.spans_kept + stats.spans_evicted, stats.spans_received);

    std::fs::remove_file(&spill).expect("writable");
    std::fs::rename(&aside, &spill).expect("writable");
    let done = store.maintain(UnixMs(NOW.0 + 20_000));
    assert!(done.works_again && done.troubles.is_empty(), "{done:?}");
    assert!(!store.stats().is_disk_failing);
}

fn take_in_and_maintain(store: &Store, n: u64, all: u64) {
    take_in_and(store, n, all, |done| assert!(done.troubles.is_empty(), "{done:?}"));
}

fn take_in_and(store: &Store, n: u64, all: u64, see: impl FnOnce(store::Maintained)) {
    take_in(store, n, all);
    if n.is_multiple_of(50) {
        see(store.maintain(NOW));
    }
}
