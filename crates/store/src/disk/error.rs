//! What can go wrong between the store and a disk.

use std::path::{Path, PathBuf};

use parquet::errors::ParquetError;

/// Why telemetry could not be written to a folder, or read from it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or folder could not be read, written or made.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// A file is no Parquet, or a damaged one.
    #[error("{path} cannot be read as Parquet: {source}", path = path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: ParquetError,
    },
    /// A Parquet file that Doorbuster did not write.
    #[error("{path} was not written by Doorbuster as its table `{table}`", path = path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The table that was expected.
        table: &'static str,
    },
    /// A file whose columns are of another version.
    #[error("{path} has columns of version {found}; this Doorbuster reads version {known}", path = path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: String,
        /// The version that is known here.
        known: u32,
    },
    /// A value that no column of ours has.
    #[error("{path}: {what}", path = path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// Where, and what is wrong with it.
        what: String,
    },
    /// Another console keeps its data there.
    #[error("{folder} is in use by another console; give it a folder of its own", folder = folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
}

impl StoreError {
    /// For `map_err` on what is done with a file.
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File { path: path.to_owned(), source }
    }

    /// For `map_err` on what is done with Parquet. A disk that is full is told as such, not as bad Parquet.
    pub(crate) fn parquet(path: &Path) -> impl FnOnce(ParquetError) -> Self {
        move |error| match error {
            ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
                Ok(source) => Self::File { path: path.to_owned(), source: *source },
                Err(inner) => Self::Parquet { path: path.to_owned(), source: ParquetError::External(inner) },
            },
            source => Self::Parquet { path: path.to_owned(), source },
        }
    }

    /// Whether the file is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::File { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
    }
}

/// A value that does not fit its column: which, and why.
#[derive(Debug)]
pub(crate) struct Unfit(pub(crate) String);

impl Unfit {
    pub(crate) fn at(self, path: &Path) -> StoreError {
        StoreError::Content { path: path.to_owned(), what: self.0 }
    }
}
