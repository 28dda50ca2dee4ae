//! A data folder outlasts its process, and says what did not.

use std::path::{Path, PathBuf};

use detect::UnixMs;
use store::{DiskLimits, LogSearch, Recovered, SpanSearch, Store, StoreError, StoreLimits};

use super::shop::{NOW, hex, take_in};

const TIGHT: StoreLimits = StoreLimits { budget_bytes: 3 << 20 };

fn open(folder: &Path) -> (Store, Recovered) {
    open_with(TIGHT, folder)
}

fn open_with(limits: StoreLimits, folder: &Path) -> (Store, Recovered) {
    Store::open_data(limits, Default::default(), folder, DiskLimits::default(), NOW).expect("a folder of its own")
}

fn parts(folder: &Path, table: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).expect("it is there").map(|file| file.expect("readable").path());
    let is_it = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(table));
    let mut found: Vec<_> = files.filter(is_it).collect();
    found.sort();
    found
}

#[test]
fn a_process_that_ends_in_order_loses_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("new");
    let (store, recovered) = open(&data);
    assert_eq!(recovered, Recovered { clean: true, ..Recovered::default() });
    for n in 0..5000 {
        take_in(&store, n, 5000);
        if n.is_multiple_of(50) {
            store.maintain(NOW);
        }
    }
    let before = store.trace(&hex(123));
    let error = Store::open_data(TIGHT, Default::default(), &data, DiskLimits::default(), NOW).expect_err("in use");
    assert!(matches!(error, StoreError::InUse { .. }), "{error}");
    store.close(NOW).expect("writable");
    let stats = store.stats();
    assert_eq!((stats.spans_kept, stats.spans_received), (15_000, 15_000), "rows in memory and on disk count once");
    drop(store);

    let (store, recovered) = open(&data);
    assert!(recovered.clean && recovered.parts > 3, "{recovered:?}");
    assert_eq!((recovered.spans, recovered.logs, recovered.metric_points), (15_000, 5000, 10_000));
    assert_eq!((recovered.lost_spans, recovered.lost_logs, recovered.lost_points), (0, 0, 0));
    let stats = store.stats();
    assert_eq!((stats.spans_received, stats.spans_recovered, stats.spans_on_disk), (0, 15_000, 15_000));
    assert_eq!(store.trace(&hex(123)), before);
    let newest = store.search(&SpanSearch { limit: Some(3), ..SpanSearch::default() });
    assert_eq!(
        newest.iter().map(|trace| trace.trace_id.clone()).collect::<Vec<_>>(),
        [hex(4999), hex(4998), hex(4997)]
    );
    assert_eq!(store.logs(&LogSearch { text: Some("order 77 ".into()), ..LogSearch::default() }).len(), 1);
    take_in(&store, 5000, 5001);
    store.close(NOW).expect("writable");
    drop(store);
    assert_eq!(open(&data).1.spans, 15_003, "two sessions side by side");
}

#[test]
fn what_was_not_written_before_a_crash_is_told_and_what_was_is_there() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (store, _) = open_with(StoreLimits::default(), folder.path());
    (0..200).for_each(|n| take_in(&store, n, 1000));
    assert_eq!(store.maintain(NOW).written, 0, "nothing is old or full yet");
    assert_eq!(store.maintain(UnixMs(NOW.0 + 59_000)).written, 0);
    assert_eq!(store.maintain(UnixMs(NOW.0 + 60_000)).written, 3, "after a minute it is written");
    assert_eq!(store.stats().spans_kept, 600, "on disk and still in memory, and seen once");
    assert_eq!(store.search(&SpanSearch { limit: Some(500), ..SpanSearch::default() }).len(), 200);
    (200..250).for_each(|n| take_in(&store, n, 1000));
    store.maintain(UnixMs(NOW.0 + 60_250));
    // As a crash would: nothing is written any more.
    drop(store);
    std::fs::write(folder.path().join("spans-9-0.parquet.tmp"), "half").expect("writable");

    let (store, recovered) = open_with(StoreLimits::default(), folder.path());
    let expected = Recovered {
        parts: 3,
        spans: 600,
        logs: 200,
        metric_points: 400,
        lost_spans: 150,
        lost_logs: 50,
        lost_points: 100,
        damaged: 0,
        clean: false,
    };
    assert_eq!(recovered, expected);
    assert!(store.trace(&hex(199)).is_some() && store.trace(&hex(200)).is_none());
    assert!(!folder.path().join("spans-9-0.parquet.tmp").exists());
    drop(store);
    let recovered = open_with(StoreLimits::default(), folder.path()).1;
    assert_eq!((recovered.lost_spans, recovered.clean), (0, false), "nothing came in the second session");
}

#[test]
fn a_damaged_file_is_set_aside_and_the_others_are_served() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (store, _) = open(folder.path());
    for n in 0..6000 {
        take_in(&store, n, 6000);
        if n.is_multiple_of(50) {
            store.maintain(NOW);
        }
    }
    store.close(NOW).expect("writable");
    drop(store);
    let files = parts(folder.path(), "spans");
    assert!(files.len() > 2, "{files:?}");
    // One has lost its end: that is noticed when it is opened.
    let bytes = std::fs::read(&files[0]).expect("readable");
    std::fs::write(&files[0], &bytes[..bytes.len() / 2]).expect("writable");
    // One is whole but for its middle: that is noticed when somebody reads it.
    let mut bytes = std::fs::read(&files[1]).expect("readable");
    let half = bytes.len() / 2;
    bytes[4..half].fill(0xff);
    std::fs::write(&files[1], &bytes).expect("writable");

    let (store, recovered) = open(folder.path());
    assert_eq!(recovered.damaged, 1);
    let troubles = store.maintain(NOW).troubles;
    assert!(troubles.len() == 1 && troubles[0].to_string().contains("spans-"), "{troubles:?}");
    let kept = store.stats().spans_kept;
    assert_eq!(kept, recovered.spans);
    let all = SpanSearch { operation: Some("no such".into()), ..SpanSearch::default() };
    assert!(store.search(&all).is_empty());
    let stats = store.stats();
    assert_eq!(stats.disk_files_damaged, 2, "{stats:?}");
    assert!(stats.spans_kept < kept && stats.spans_kept + stats.spans_evicted == kept, "{stats:?}");
    assert_eq!(store.maintain(NOW).troubles.len(), 1);
    assert!(store.trace(&hex(5999)).is_some(), "the newest is here");
    assert_eq!(
        parts(folder.path(), "spans").iter().filter(|path| path.extension().is_some_and(|e| e == "damaged")).count(),
        2
    );
    drop(store);
    assert_eq!(open(folder.path()).1.damaged, 0, "nobody looks at them again");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("writable");
    let path = file.join("data");
    let error = Store::open_data(TIGHT, Default::default(), &path, DiskLimits::default(), NOW).expect_err("in the way");
    assert!(error.to_string().contains("file/data"), "{error}");
}
