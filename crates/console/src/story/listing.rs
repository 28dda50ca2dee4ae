//! The runs in a folder, newest first; those that are broken with what is wrong with them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::story::folder::{self, STORY, StoryError};
use crate::story::{Ended, Headline, Outcome, RunStory, files};

/// More runs than anybody reads on one page; older ones are counted.
const MOST_RUNS: usize = 500;
/// Entries of the folder that are looked at before those are chosen.
const MOST_ENTRIES: usize = 10_000;
/// File systems allow 255; our own names have 40.
const LONGEST_ID: usize = 128;

/// The runs in a folder.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RunList {
    /// The folder.
    pub runs_dir: String,
    /// The newest first.
    pub runs: Vec<ListedRun>,
    /// Older ones that are not listed.
    pub left_out: usize,
    /// Why the folder could not be read; `None` where it could, or is not there yet.
    pub problem: Option<String>,
}

/// One run of the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ListedRun {
    /// Its identifier: the name of its folder.
    pub id: String,
    /// The scenario's name; empty where the folder does not say.
    pub scenario: String,
    /// One line for people.
    pub title: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Scenario minute 0, RFC 3339.
    pub started_at: String,
    /// Scenario minute 0, Unix seconds; 0 where the folder does not say.
    pub start_unix: f64,
    /// Scenario minutes per real minute.
    pub speed: f64,
    /// Fixes arrivals, journeys, users and products.
    pub seed: u64,
    /// From minute 0 to its end, in real seconds; `None` where the folder does not say.
    pub duration_seconds: Option<f64>,
    /// The figures that one looks for first.
    pub headline: Headline,
    /// Bytes of its files.
    pub bytes: u64,
    /// Whether its spans, logs and metrics were kept.
    pub has_telemetry: bool,
    /// Whether it can be opened here: it has a story, and a name that can stand in an address.
    pub can_be_opened: bool,
    /// What is wrong with its folder, in words with a remedy; empty where nothing is.
    pub problems: Vec<String>,
}

/// What was read of stories, so that a list of hundreds is not read anew each time.
#[derive(Debug, Default)]
pub(crate) struct ListingCache {
    read: Mutex<HashMap<String, Read>>,
}

#[derive(Debug, Clone)]
struct Read {
    modified: SystemTime,
    bytes: u64,
    run: ListedRun,
}

/// Whether `id` can be the name of a run's folder: it leads nowhere else.
pub(crate) fn is_run_id(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !id.is_empty() && id.len() <= LONGEST_ID && !id.starts_with('.') && id.bytes().all(is_plain)
}

/// The runs in `runs_dir`. Blocks while it reads.
pub fn list(runs_dir: &Path) -> RunList {
    ListingCache::default().list(runs_dir)
}

impl ListingCache {
    /// The runs in `runs_dir`. Blocks while it reads what changed since it was asked last.
    pub(crate) fn list(&self, runs_dir: &Path) -> RunList {
        let mut list = RunList { runs_dir: runs_dir.display().to_string(), ..RunList::default() };
        let entries = match std::fs::read_dir(runs_dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return list,
            Err(error) => {
                list.problem = Some(error.to_string());
                return list;
            }
        };
        let mut folders: Vec<(SystemTime, String)> = entries
            .flatten()
            .take(MOST_ENTRIES)
            .filter_map(|entry| {
                let metadata = std::fs::metadata(entry.path()).ok().filter(std::fs::Metadata::is_dir)?;
                let name = entry.file_name().to_string_lossy().into_owned();
                (!name.starts_with('.')).then(|| (metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), name))
            })
            .collect();
        folders.sort_by(|a, b| b.cmp(a));
        list.left_out = folders.len().saturating_sub(MOST_RUNS);
        folders.truncate(MOST_RUNS);
        list.runs = folders.iter().map(|(_, name)| self.run(&runs_dir.join(name), name)).collect();
        // Those whose beginning nobody knows stand last.
        list.runs.sort_by(|a, b| b.start_unix.total_cmp(&a.start_unix).then_with(|| a.id.cmp(&b.id)));
        list
    }

    fn run(&self, folder: &Path, id: &str) -> ListedRun {
        let mut run = match self.story(folder, id) {
            Ok(run) => run,
            Err(error) => without_story(folder, id, &error),
        };
        let files = files(folder);
        run.bytes = files.iter().map(|file| file.bytes).sum();
        run.has_telemetry = files.iter().any(|file| file.name == "spans.parquet");
        if !is_run_id(id) {
            run.can_be_opened = false;
            run.problems.push("its name has signs that an address cannot hold: rename the folder".into());
        }
        run
    }

    fn story(&self, folder: &Path, id: &str) -> Result<ListedRun, StoryError> {
        let lock = || self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let path = folder.join(STORY);
        let metadata = std::fs::metadata(&path).map_err(|source| StoryError::File { path, source })?;
        let (modified, bytes) = (metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), metadata.len());
        if let Some(known) = lock().get(id).filter(|known| known.modified == modified && known.bytes == bytes) {
            return Ok(known.run.clone());
        }
        let run = of_story(id, &folder::read(folder)?);
        let mut read = lock();
        if read.len() >= MOST_RUNS * 2 {
            read.clear();
        }
        read.insert(id.to_owned(), Read { modified, bytes, run: run.clone() });
        Ok(run)
    }
}

fn of_story(id: &str, story: &RunStory) -> ListedRun {
    let facts = &story.facts;
    ListedRun {
        id: id.to_owned(),
        scenario: facts.scenario.clone(),
        title: facts.title.clone(),
        outcome: story.outcome(),
        started_at: facts.started_at.clone(),
        start_unix: facts.start_unix,
        speed: facts.speed,
        seed: facts.seed,
        duration_seconds: Some(story.real_seconds(facts.ended_minute)),
        headline: story.headline(),
        bytes: 0,
        has_telemetry: false,
        can_be_opened: true,
        problems: Vec::new(),
    }
}

/// As much of `run.json` as a list needs; versions before stories wrote it too.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Record {
    scenario: String,
    speed: f64,
    seed: u64,
    start_unix: f64,
    started_at: String,
    ended: Ended,
}

/// The same of `verdict.json`.
#[derive(Debug, Deserialize)]
struct Verdict {
    outcome: String,
}

/// What can be said of a folder without a story, and why there is none.
fn without_story(folder: &Path, id: &str, error: &StoryError) -> ListedRun {
    let record = folder::read_json::<Record>(&folder.join("run.json"));
    let verdict = folder::read_json::<Verdict>(&folder.join("verdict.json"));
    let remedy = || format!("`doorbuster report {}` makes it from what is there", folder.display());
    let problem = match (&record, error.is_missing()) {
        (Ok(_), true) => format!("it has no story.json: {}", remedy()),
        (Ok(_), false) => format!("{error}; {}", remedy()),
        (Err(missing), false) if missing.is_missing() => error.to_string(),
        (Err(missing), true) if missing.is_missing() && folder.join("scenario.yaml").is_file() => {
            "it has no run.json: it is still going on, or was killed before it could write what it measured".into()
        }
        (Err(missing), true) if missing.is_missing() => "it holds none of a run's files".into(),
        (Err(broken), _) => broken.to_string(),
    };
    let ended = record.as_ref().ok().map(|record| record.ended);
    let outcome = match (verdict.as_ref().ok().map(|verdict| verdict.outcome.as_str()), ended) {
        (Some("PASS"), _) => Outcome::Pass,
        (Some("FAIL"), _) => Outcome::Fail,
        (Some("INVALID"), _) => Outcome::Invalid,
        (_, Some(Ended::Interrupted)) => Outcome::Interrupted,
        (_, Some(Ended::Broke)) => Outcome::Broke,
        _ => Outcome::Unknown,
    };
    let record = record.unwrap_or_default();
    ListedRun {
        id: id.to_owned(),
        title: record.scenario.clone(),
        scenario: record.scenario,
        outcome,
        started_at: record.started_at,
        start_unix: record.start_unix,
        speed: record.speed,
        seed: record.seed,
        duration_seconds: None,
        headline: Headline::default(),
        bytes: 0,
        has_telemetry: false,
        can_be_opened: false,
        problems: vec![problem],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::PlayVerdict;

    fn story(id: &str, start_unix: f64) -> RunStory {
        let mut story = RunStory { format: 1, ..RunStory::default() };
        story.facts.id = id.into();
        story.facts.scenario = "black-friday".into();
        story.facts.start_unix = start_unix;
        story.facts.speed = 10.0;
        story.facts.ended_minute = 33.0;
        story.play.verdict = Some(PlayVerdict { outcome: "pass".into(), reasons: Vec::new() });
        story
    }

    #[test]
    fn runs_are_listed_newest_first_and_broken_folders_say_what_is_wrong() {
        let runs = tempfile::tempdir().expect("a temporary folder");
        let make = |name: &str| {
            let path = runs.path().join(name);
            std::fs::create_dir(&path).expect("a folder");
            path
        };
        for (id, start) in [("older", 1_000.0), ("newer", 2_000.0)] {
            folder::write(&make(id), &story(id, start)).expect("written");
        }
        std::fs::write(make("empty").join("notes.txt"), "hello").expect("written");
        std::fs::write(make("killed").join("scenario.yaml"), "name: x").expect("written");
        let before = make("before-stories");
        std::fs::write(
            before.join("run.json"),
            r#"{"scenario": "lock-storm", "speed": 10.0, "seed": 7, "start_unix": 1500.0, "ended": "finished", "future": 1}"#,
        )
        .expect("written");
        std::fs::write(before.join("verdict.json"), r#"{"outcome": "FAIL", "rows": []}"#).expect("written");
        std::fs::write(make("torn").join(STORY), r#"{"format": 1, "facts": {"#).expect("written");
        std::fs::write(make("a name, with signs").join(STORY), r#"{"format": 1}"#).expect("written");
        std::fs::write(runs.path().join("no-folder"), "").expect("written");

        let listed = list(runs.path());
        let names: Vec<&str> = listed.runs.iter().map(|run| run.id.as_str()).collect();
        assert_eq!(
            names,
            ["newer", "before-stories", "older", "a name, with signs", "empty", "killed", "torn"],
            "by beginning"
        );
        let run = |id: &str| listed.runs.iter().find(|run| run.id == id).expect("it is listed");
        assert_eq!((run("newer").outcome, run("newer").duration_seconds), (Outcome::Pass, Some(198.0)));
        assert!(run("newer").can_be_opened && run("newer").problems.is_empty() && run("newer").bytes > 0);
        assert_eq!((run("before-stories").outcome, run("before-stories").seed), (Outcome::Fail, 7));
        for (id, words) in [
            ("before-stories", "doorbuster report"),
            ("empty", "none of a run's files"),
            ("killed", "killed before"),
            ("torn", "no story of a run"),
            ("a name, with signs", "rename the folder"),
        ] {
            let run = run(id);
            assert!(!run.can_be_opened, "{id}");
            let said = run.problems.join("; ");
            assert!(said.contains(words), "{id}: {said}");
        }
    }

    #[test]
    fn a_story_that_is_written_anew_is_read_anew() {
        let runs = tempfile::tempdir().expect("a temporary folder");
        let path = runs.path().join("one");
        std::fs::create_dir(&path).expect("a folder");
        let cache = ListingCache::default();
        let mut one = story("one", 1.0);
        folder::write(&path, &one).expect("written");
        assert_eq!(cache.list(runs.path()).runs[0].title, "");
        one.facts.title = "another title".into();
        folder::write(&path, &one).expect("written");
        assert_eq!(cache.list(runs.path()).runs[0].title, "another title");
    }

    #[test]
    fn a_folder_that_is_not_there_holds_no_runs() {
        let runs = tempfile::tempdir().expect("a temporary folder");
        let listed = list(&runs.path().join("not-yet"));
        assert_eq!((listed.runs.len(), listed.problem), (0, None));
    }

    #[test]
    fn an_identifier_leads_nowhere_else() {
        for good in ["black-friday-20261127-101500", "a", "x_1.2"] {
            assert!(is_run_id(good), "{good}");
        }
        let long = "x".repeat(129);
        for bad in ["", ".", "..", ".hidden", "a/b", "a\\b", "../etc", "a b", "a\0b", "ü", &long] {
            assert!(!is_run_id(bad), "{bad:?}");
        }
    }
}
