//! The folder in which templates and stages live between runs.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::FlockOperation;

use crate::Account;

/// Where root keeps it: outside `/root`, which the account that PostgreSQL runs as can't enter.
const ROOT_CACHE: &str = "/var/cache/doorbuster";
/// How often a lock that somebody else holds is tried again.
const LOCK_POLL: Duration = Duration::from_millis(100);

/// A folder of Doorbuster's own, and the account that PostgreSQL's files in it belong to.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
    account: Option<Account>,
}

/// Why the cache can't be used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// Neither `DOORBUSTER_CACHE_DIR` nor `XDG_CACHE_HOME` nor `HOME` is set.
    #[error("there is no cache folder: set DOORBUSTER_CACHE_DIR or HOME")]
    Nowhere,
    /// A file operation in it failed.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// PostgreSQL's account can't get there.
    #[error(
        "PostgreSQL must run as user {account} here, who can't enter {barred}: set DOORBUSTER_CACHE_DIR to a folder that this user can reach"
    )]
    Barred {
        /// Who.
        account: String,
        /// The first folder that is closed.
        barred: PathBuf,
    },
}

impl CacheError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

impl Cache {
    /// `$DOORBUSTER_CACHE_DIR`, or `/var/cache/doorbuster` for root, or `$XDG_CACHE_HOME/doorbuster`, or `~/.cache/doorbuster`; created if need be.
    pub fn locate() -> Result<Self, CacheError> {
        let var = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let home =
            || var("XDG_CACHE_HOME").or_else(|| var("HOME").map(|h| h.join(".cache"))).map(|d| d.join("doorbuster"));
        let is_root = rustix::process::geteuid().is_root();
        let fallback = || {
            if is_root { Some(PathBuf::from(ROOT_CACHE)) } else { home() }
        };
        Self::at(var("DOORBUSTER_CACHE_DIR").or_else(fallback).ok_or(CacheError::Nowhere)?)
    }

    /// A cache in `root`, created if need be.
    pub fn at(root: impl Into<PathBuf>) -> Result<Self, CacheError> {
        let root: PathBuf = root.into();
        fs::create_dir_all(&root).map_err(CacheError::io(&root))?;
        let root = root.canonicalize().map_err(CacheError::io(&root))?;
        let account = Account::for_unprivileged_work();
        if let Some(account) = &account
            && let Some(barred) = account.barred_at(&root)
        {
            return Err(CacheError::Barred { account: account.name.clone(), barred });
        }
        Ok(Self { root, account })
    }

    /// The folder itself, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Who PostgreSQL runs as: `None` is whoever runs this process.
    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// The folder `relative` in the cache, created if need be and open to PostgreSQL's account.
    pub fn dir(&self, relative: &str) -> Result<PathBuf, CacheError> {
        let dir = self.root.join(relative);
        fs::create_dir_all(&dir).map_err(CacheError::io(&dir))?;
        Ok(dir)
    }

    /// Makes the empty folder `path`, private to PostgreSQL's account.
    pub fn make_private_dir(&self, path: &Path) -> Result<(), CacheError> {
        fs::create_dir(path).map_err(CacheError::io(path))?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(CacheError::io(path))?;
        self.own(path)
    }

    /// Gives `path` to PostgreSQL's account.
    pub(crate) fn own(&self, path: &Path) -> Result<(), CacheError> {
        match &self.account {
            Some(account) => chown(path, Some(account.uid), Some(account.gid)).map_err(CacheError::io(path)),
            None => Ok(()),
        }
    }
}

/// An exclusive lock on a file, across processes; given back when dropped and when the process dies, however it dies.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock on `path` (created if need be) if nobody has it; `Ok(None)` if somebody does.
    pub fn try_take(path: &Path) -> Result<Option<Self>, CacheError> {
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(CacheError::io(path))?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(errno) => Err(CacheError::Io { path: path.to_owned(), source: errno.into() }),
        }
    }

    /// Takes the lock on `path`, waiting as long as somebody else has it. Safe to cancel.
    pub async fn take(path: &Path) -> Result<Self, CacheError> {
        loop {
            if let Some(lock) = Self::try_take(path)? {
                return Ok(lock);
            }
            tokio::time::sleep(LOCK_POLL).await;
        }
    }
}
