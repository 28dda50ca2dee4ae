//! The story's files in the folder of a run: written once, read by whoever looks at it later.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::story::{EvidenceTraces, FORMAT, RunStory};

pub(crate) const STORY: &str = "story.json";
const TRACES: &str = "evidence-traces.json";

/// Eight traces of 400 spans with long attributes, and then some: larger files were not written by us.
const LARGEST: u64 = 64 << 20;

/// Why a story could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoryError {
    /// A file could not be read or written.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// It is not what this version, or an earlier one, writes.
    #[error("{path} is no story of a run: {source}", path = path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A later version wrote it.
    #[error("{path} has format {format}, and this version reads up to {FORMAT}: use a newer Doorbuster", path = path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format it has.
        format: u32,
    },
    /// It is too large to be one.
    #[error("{path} has {bytes} bytes, {LARGEST} are the most", path = path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How many it has.
        bytes: u64,
    },
}

impl StoryError {
    /// Whether the file is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::File { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
    }
}

/// The story in `folder`.
///
/// # Errors
/// The file is missing ([`StoryError::is_missing`]), no story, or one of a later version.
pub fn read(folder: &Path) -> Result<RunStory, StoryError> {
    let path = folder.join(STORY);
    let story: RunStory = read_json(&path)?;
    known(story.format, path)?;
    Ok(story)
}

/// The traces kept in `folder`; none where the file is missing.
///
/// # Errors
/// The file is no such document, or one of a later version.
pub fn read_traces(folder: &Path) -> Result<EvidenceTraces, StoryError> {
    let path = folder.join(TRACES);
    match read_json::<EvidenceTraces>(&path) {
        Ok(traces) => known(traces.format, path).map(|()| traces),
        Err(error) if error.is_missing() => Ok(EvidenceTraces::default()),
        Err(error) => Err(error),
    }
}

/// Writes the story to `folder`, over one that is there.
///
/// # Errors
/// The file can't be written.
pub fn write(folder: &Path, story: &RunStory) -> Result<(), StoryError> {
    write_json(&folder.join(STORY), story)
}

/// Writes the traces to `folder`, over those that are there.
///
/// # Errors
/// The file can't be written.
pub fn write_traces(folder: &Path, traces: &EvidenceTraces) -> Result<(), StoryError> {
    write_json(&folder.join(TRACES), traces)
}

fn known(format: u32, path: PathBuf) -> Result<(), StoryError> {
    if format > FORMAT { Err(StoryError::Newer { path, format }) } else { Ok(()) }
}

/// A JSON file of a run, if it is of a size that one can have.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, StoryError> {
    let file = |source| StoryError::File { path: path.to_owned(), source };
    let bytes = std::fs::metadata(path).map_err(file)?.len();
    if bytes > LARGEST {
        return Err(StoryError::TooLarge { path: path.to_owned(), bytes });
    }
    let text = std::fs::read(path).map_err(file)?;
    serde_json::from_slice(&text).map_err(|source| StoryError::Json { path: path.to_owned(), source })
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), StoryError> {
    let text = serde_json::to_vec(value).map_err(|source| StoryError::Json { path: path.to_owned(), source })?;
    std::fs::write(path, text).map_err(|source| StoryError::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_is_read_as_it_was_written_and_unknown_fields_are_passed_over() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert!(read(folder.path()).expect_err("nothing is there").is_missing());
        assert_eq!(read_traces(folder.path()).expect("no traces are none"), EvidenceTraces::default());
        let mut story = RunStory { format: FORMAT, ..RunStory::default() };
        story.facts.id = "black-friday-1".into();
        story.facts.speed = 10.0;
        write(folder.path(), &story).expect("it can be written");
        assert_eq!(read(folder.path()).expect("it is one"), story);
        let path = folder.path().join(STORY);
        let mut json: serde_json::Value = read_json(&path).expect("JSON");
        json["of-tomorrow"] = serde_json::json!({"a": 1});
        json["facts"]["of-tomorrow"] = serde_json::json!(true);
        std::fs::write(&path, json.to_string()).expect("written");
        assert_eq!(read(folder.path()).expect("still one"), story);
    }

    #[test]
    fn a_story_of_a_later_version_is_not_guessed_at() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join(STORY), r#"{"format": 99}"#).expect("written");
        let said = read(folder.path()).expect_err("it is of tomorrow").to_string();
        assert!(said.contains("format 99") && said.contains("newer Doorbuster"), "{said}");
        std::fs::write(folder.path().join(STORY), "{").expect("written");
        assert!(read(folder.path()).expect_err("it is broken").to_string().contains("no story of a run"));
    }
}
