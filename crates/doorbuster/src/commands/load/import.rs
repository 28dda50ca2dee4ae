//! `doorbuster load import`: other tools' files as load tests, on standard output.

use std::path::Path;

use scenario::{HarOptions, Imported, Mistake};

use crate::arguments::{Import, ImportHar, LoadFile};
use crate::commands::files;
use crate::exit::{Exit, UsageError};
use crate::output::{self, style};

/// As much as the importers take, and a little more: they say what is too much in their own words.
const LARGEST_FILE: u64 = 300_000_000;

pub(super) fn run(import: &Import) -> anyhow::Result<Exit> {
    match import {
        Import::K6(LoadFile { file }) => take(file, "script", scenario::import_k6),
        Import::Har(ImportHar { file, one_journey, assets, keep_auth }) => {
            let options = HarOptions { one_journey: *one_journey, assets: *assets, keep_auth: *keep_auth };
            take(file, "recording", |text, name| scenario::import_har(text, name, options))
        }
    }
}

fn take(
    path: &Path,
    what: &str,
    import: impl FnOnce(&str, &str) -> Result<Imported, Vec<Mistake>>,
) -> anyhow::Result<Exit> {
    let shown = path.display().to_string();
    let text = files::read(path, LARGEST_FILE, what).map_err(|problem| UsageError(format!("{shown}: {problem}")))?;
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let imported = import(&text, &name).map_err(|mistakes| files::wrong(&shown, &mistakes))?;
    for sentence in &imported.left_out {
        output::note(&format!("{} {sentence}", style::symbol(style::Mark::Warn)));
    }
    output::result(imported.yaml.trim_end())?;
    Ok(Exit::Pass)
}
