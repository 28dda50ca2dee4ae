//! The folder that files are spilled to: one of ours that goes with the process, or one that is kept.
//!
//! A file's name says its table, the session it was written in (when the store was opened, Unix milliseconds) and the
//! number of its first row in that session: sorted by name they are sorted by age.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use detect::UnixMs;
use tempfile::TempDir;

use crate::disk::error::StoreError;
use crate::disk::write::UNFINISHED;

/// The file that says that somebody uses the folder.
const LOCK: &str = "doorbuster.lock";
/// What folders that go with the process are called.
const SPILL: &str = "doorbuster-spill-";

/// A folder that nobody else writes to.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Held as long as it is open.
    _lock: File,
    /// Removed with all that is in it, unless the folder is kept.
    _temporary: Option<TempDir>,
    pub(crate) session: u64,
    /// Whether files are to outlast the process.
    pub(crate) is_kept: bool,
}

/// What a file's name says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    pub(crate) session: u64,
    pub(crate) first: u64,
    pub(crate) table: String,
}

impl Folder {
    /// A folder in `parent` that goes with the process. Those of processes that were killed go now.
    pub(crate) fn temporary(parent: &Path) -> Result<Self, StoreError> {
        sweep(parent);
        let folder = tempfile::Builder::new().prefix(SPILL).tempdir_in(parent).map_err(StoreError::file(parent))?;
        let path = folder.path().to_owned();
        let lock = lock(&path)?;
        Ok(Self { path, _lock: lock, _temporary: Some(folder), session: 0, is_kept: false })
    }

    /// A folder that is kept; it is made if it is not there. What was not finished in it is removed.
    pub(crate) fn kept(path: &Path, now: UnixMs) -> Result<Self, StoreError> {
        std::fs::create_dir_all(path).map_err(StoreError::file(path))?;
        let lock = lock(path)?;
        for entry in entries(path)? {
            if entry.extension().is_some_and(|extension| extension == UNFINISHED) {
                std::fs::remove_file(&entry).map_err(StoreError::file(&entry))?;
            }
        }
        // Never the session of a file that is there, whatever the clock says.
        let newest = named(path)?.into_iter().map(|(named, _)| named.session).max();
        let session = newest.map_or(now.0, |newest| now.0.max(newest + 1));
        Ok(Self { path: path.to_owned(), _lock: lock, _temporary: None, session, is_kept: true })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the file that begins with a row of this session belongs.
    pub(crate) fn file(&self, table: &str, first: u64) -> PathBuf {
        self.path.join(format!("{table}-{:013}-{first:012}.parquet", self.session))
    }
}

/// The files of ours in a folder, the oldest first.
pub(crate) fn named(folder: &Path) -> Result<Vec<(Named, PathBuf)>, StoreError> {
    let mut found: Vec<_> = entries(folder)?.into_iter().filter_map(|path| Some((Named::read(&path)?, path))).collect();
    found.sort();
    Ok(found)
}

impl Named {
    fn read(path: &Path) -> Option<Self> {
        let mut words = path.file_name()?.to_str()?.strip_suffix(".parquet")?.split('-');
        let (table, session, first) = (words.next()?, words.next()?, words.next()?);
        let is_ours = words.next().is_none() && ["spans", "logs", "metrics"].contains(&table);
        let number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok());
        let (session, first) = (number(session)??, number(first)??);
        is_ours.then(|| Self { session, first, table: table.to_owned() })
    }
}

/// Sets a file aside that cannot be read: nobody looks at it again, and nothing of it is lost.
pub(crate) fn set_aside(path: &Path) {
    let mut damaged = path.as_os_str().to_owned();
    damaged.push(".damaged");
    std::fs::rename(path, &damaged).ok();
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let read = std::fs::read_dir(folder).map_err(StoreError::file(folder))?;
    read.map(|entry| entry.map(|entry| entry.path()).map_err(StoreError::file(folder))).collect()
}

fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join(LOCK);
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(StoreError::file(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { folder: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(StoreError::File { path, source }),
    }
}

/// Removes what killed processes left. Whatever cannot be removed is somebody else's.
fn sweep(parent: &Path) {
    let Ok(entries) = entries(parent) else { return };
    let is_spill =
        |path: &PathBuf| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(SPILL));
    for folder in entries.into_iter().filter(is_spill) {
        let lock = File::options().write(true).open(folder.join(LOCK));
        if lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
            std::fs::remove_dir_all(&folder).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_table_session_and_first_row_and_other_files_are_nobodys() {
        let read = |name: &str| Named::read(Path::new(name));
        let named = Named { session: 1_800_000_000_000, first: 42, table: "spans".into() };
        assert_eq!(read("/data/spans-1800000000000-000000000042.parquet"), Some(named));
        for other in [
            "spans.parquet",
            "spans-1-2.parquet.tmp",
            "spans-1-2.parquet.damaged",
            "spans-1-2-3.parquet",
            "spans-a-2.parquet",
            "other-1-2.parquet",
            "spans-+1-2.parquet",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn a_folder_has_one_user_and_what_a_killed_one_left_is_swept() {
        let parent = tempfile::tempdir().expect("a temporary folder");
        let data = parent.path().join("data");
        let first = Folder::kept(&data, UnixMs(5)).expect("it is free");
        let error = Folder::kept(&data, UnixMs(6)).expect_err("it is taken");
        assert!(matches!(error, StoreError::InUse { .. }), "{error}");
        drop(first);
        Folder::kept(&data, UnixMs(6)).expect("it is free again");

        let left = parent.path().join(format!("{SPILL}left"));
        std::fs::create_dir(&left).expect("a writable folder");
        std::fs::write(left.join(LOCK), "").expect("a writable folder");
        let used = Folder::temporary(parent.path()).expect("a writable folder");
        assert!(!left.exists(), "nobody held it");
        let other = Folder::temporary(parent.path()).expect("a writable folder");
        assert!(used.path().exists() && other.path().exists());
        let path = used.path().to_owned();
        drop(used);
        assert!(!path.exists());
    }
}
