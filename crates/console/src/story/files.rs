//! What lies in the folder of a run, and what it is good for.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// More files than a run has; somebody put the rest there.
const MOST_FILES: usize = 100;

/// One file of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunFile {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// What it is; empty for a file that we do not know.
    pub what: String,
}

/// Name and meaning of what a run writes, in the order to read them.
const KNOWN: [(&str, &str); 16] = [
    ("report.html", "this run as one page to send around"),
    ("run.json", "what was asked and how it went"),
    ("story.json", "the run as these pages show it"),
    ("evidence-traces.json", "traces that tell what happened, whole"),
    ("verdict.json", "the verdict, row by row"),
    ("verdict.junit.xml", "the same for build servers"),
    ("evidence.json", "everything that was measured; `doorbuster validate` judges it again"),
    ("prediction.json", "what was predicted, minute by minute"),
    ("scenario.yaml", "the scenario as it was played"),
    ("monitors.yaml", "the monitors that watched"),
    ("truth.json", "what was wrong, for scoring investigators"),
    ("spans.parquet", "all spans: DuckDB, ClickHouse, Spark and pandas read it"),
    ("logs.parquet", "all log records"),
    ("metrics.parquet", "all points of metrics"),
    ("aggregates.parquet", "rate, errors and duration by second"),
    ("resources.parquet", "who sent it"),
];

/// The files of `folder`, those that we know first; none where it can't be read.
pub fn files(folder: &Path) -> Vec<RunFile> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<RunFile> = entries
        .flatten()
        .take(MOST_FILES)
        .filter_map(|entry| {
            let metadata = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let what = KNOWN.iter().find(|(known, _)| *known == name).map_or("", |(_, what)| what);
            Some(RunFile { bytes: metadata.len(), what: what.to_owned(), name })
        })
        .collect();
    let place = |file: &RunFile| KNOWN.iter().position(|(known, _)| *known == file.name).unwrap_or(KNOWN.len());
    files.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.name.cmp(&b.name)));
    files
}
