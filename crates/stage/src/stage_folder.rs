//! The folder of a stage: PostgreSQL's data, logs, the fault journal. One conductor at a time.

use std::path::{Path, PathBuf};

use parts::{Cache, FileLock};
use sha2::{Digest, Sha256};

use crate::StageError;

/// A stage's folder, held by this process.
#[derive(Debug)]
pub(crate) struct StageFolder {
    path: PathBuf,
    _held: FileLock,
}

impl StageFolder {
    /// Takes the stage for `port_offset` and, where the database is the user's own, that database.
    pub(crate) fn take(cache: &Cache, port_offset: u16, database_url: Option<&str>) -> Result<Self, StageError> {
        let path = Self::path_of(cache, port_offset, database_url)?;
        match FileLock::try_take(&path.join("lock"))? {
            Some(held) => Ok(Self { path, _held: held }),
            None => Err(StageError::Busy { path }),
        }
    }

    /// Where the folder of that stage is, whoever holds it.
    pub(crate) fn path_of(cache: &Cache, port_offset: u16, database_url: Option<&str>) -> Result<PathBuf, StageError> {
        Ok(cache.dir(&format!("stages/{}", name(port_offset, database_url)))?)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The fault journal.
    pub(crate) fn journal(&self) -> PathBuf {
        self.path.join("faults.journal")
    }
}

/// A database of the user's own has a stage of its own, named by a digest of its address: a URL may hold a password.
fn name(port_offset: u16, database_url: Option<&str>) -> String {
    match database_url {
        None => format!("private-{port_offset}"),
        Some(url) => {
            let digest = Sha256::digest(address(url).as_bytes());
            let short: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
            format!("external-{short}")
        }
    }
}

/// Host, port and database of a URL, without user, password and parameters.
fn address(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    rest.split_once('?').map_or(rest, |(rest, _)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stage_of_a_database_depends_on_its_address_alone() {
        let same = ["postgres://me:secret@db:5432/shop", "postgres://other@db:5432/shop?sslmode=disable"]
            .map(|u| name(0, Some(u)));
        assert_eq!(same[0], same[1]);
        assert_ne!(same[0], name(0, Some("postgres://me@db:5432/other")));
        assert_eq!(name(1000, None), "private-1000");
    }

    #[test]
    fn two_conductors_do_not_share_a_stage() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // Anybody may pass: where the tests run as root, PostgreSQL's account must get there.
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .expect("permissions");
        let cache = Cache::at(folder.path()).expect("a cache");
        let _first = StageFolder::take(&cache, 0, None).expect("free");
        assert!(matches!(StageFolder::take(&cache, 0, None), Err(StageError::Busy { .. })));
        assert!(StageFolder::take(&cache, 1000, None).is_ok());
    }
}
