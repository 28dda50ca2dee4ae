//! A folder per test process, removed by a later one: a process that ends has no moment to remove its own.

use std::fs;
use std::path::PathBuf;

use parts::{Cache, FileLock};

/// A folder of this process's own; its lock says that the process lives.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    _lock: FileLock,
}

/// Makes the folder and removes those of processes that are gone.
pub(crate) fn own(cache: &Cache, what: &str) -> Folder {
    let root = cache.dir("tests").expect("the cache folder is writable");
    let mine = format!("{what}-{}", std::process::id());
    // Taken first, so that the sweep of another process can't see the folder without its lock.
    let sweeping = FileLock::try_take(&root.join("sweep.lock")).expect("the cache folder is writable");
    if sweeping.is_some() {
        for entry in fs::read_dir(&root).expect("the cache folder is readable").flatten() {
            let lock = entry.path();
            if lock.extension().is_none_or(|e| e != "lock") || lock.ends_with("sweep.lock") {
                continue;
            }
            if let Ok(Some(_dead)) = FileLock::try_take(&lock) {
                let _ = fs::remove_dir_all(lock.with_extension(""));
                let _ = fs::remove_file(&lock);
            }
        }
    }
    let lock = loop {
        let path = root.join(format!("{mine}.lock"));
        let lock = FileLock::try_take(&path)
            .expect("the cache folder is writable")
            .expect("nobody else has this process's id");
        // A sweep may have removed the file between its making and its locking.
        if path.exists() {
            break lock;
        }
    };
    let path = cache.dir(&format!("tests/{mine}")).expect("the cache folder is writable");
    Folder { path, _lock: lock }
}
