//! Copying a data folder.

use std::fs;
use std::io;
use std::path::Path;

use crate::Cache;

use super::PostgresError;

/// Copies the data folder `from` to `to`, which must not exist, keeping modes; the copy belongs to PostgreSQL's account.
///
/// `std::fs::copy` shares blocks where the file system can (Btrfs, XFS, APFS).
pub(crate) fn copy_data(cache: &Cache, from: &Path, to: &Path) -> Result<(), PostgresError> {
    cache.make_private_dir(to)?;
    for entry in fs::read_dir(from).map_err(PostgresError::io(from))? {
        let entry = entry.map_err(PostgresError::io(from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(PostgresError::io(&source))?;
        if kind.is_dir() {
            copy_data(cache, &source, &target)?;
        } else if kind.is_file() {
            fs::copy(&source, &target).map_err(PostgresError::io(&source))?;
            cache.own(&target)?;
        }
    }
    Ok(())
}

/// Removes the folder `path` if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), PostgresError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(PostgresError::io(path)(error)),
        _ => Ok(()),
    }
}
