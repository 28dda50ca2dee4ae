//! `doorbuster console`: OTLP in; pages, API and alerts out.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::arguments::Console;
use crate::commands::{interrupted, runtime};
use crate::exit::{Exit, UsageError};
use crate::output;

pub(crate) fn run(arguments: Console) -> anyhow::Result<Exit> {
    if arguments.data.is_some() && arguments.disk_budget == 0 {
        return Err(UsageError("--disk-budget 0 leaves no room for --data: give it some MiB".to_owned()).into());
    }
    let open = arguments.open.as_deref().map(open).transpose()?;
    let kept = open.as_ref().map(|run| run.folder.join("monitors.yaml")).filter(|path| path.is_file());
    let monitors = match arguments.monitors.as_ref().or(kept.as_ref()) {
        None => console::SHOP_MONITORS.to_owned(),
        Some(chosen) => monitors(chosen)?,
    };
    let options = console::ConsoleOptions {
        bind: arguments.bind,
        http_port: arguments.port,
        otlp_grpc_port: arguments.otlp_grpc_port,
        otlp_http_port: arguments.otlp_http_port,
        monitors,
        time_scale: arguments.time_scale,
        memory_budget: u64::from(arguments.memory) * 1024 * 1024,
        runs_dir: arguments.runs_dir,
        export_to: arguments.export_to.map(|path| folder(&path)).transpose()?,
        open,
        disk: console::DiskOptions {
            data: arguments.data,
            spill_to: spill_to(),
            budget: u64::from(arguments.disk_budget) * 1024 * 1024,
            retention: arguments.retention,
        },
    };
    if let Some(run) = &options.open {
        output::line(&format!(
            "{}: look at it on http://{}:{}; Ctrl-C ends",
            run.story.facts.id, options.bind, options.http_port
        ));
    }
    runtime()?.block_on(async { console::serve(options, interrupted()?).await.context("the console ended") })?;
    Ok(Exit::Pass)
}

/// The run in `folder`; one that a version before stories ran is told again from its evidence.
fn open(folder: &Path) -> anyhow::Result<console::OpenRun> {
    let told = stage::tell_again(folder)?;
    if let Some(lack) = &told.told_again {
        output::note(&format!("{lack}: the story was told again from evidence.json"));
    }
    Ok(console::OpenRun { folder: folder.to_owned(), story: told.story, traces: told.traces })
}

/// A folder that is there: better said now than when everything is to be written to it.
fn folder(path: &Path) -> Result<PathBuf, UsageError> {
    let is_folder = path.is_dir();
    is_folder
        .then(|| path.to_owned())
        .ok_or_else(|| UsageError(format!("--export-to {}: there is no such folder", path.display())))
}

/// The cache, because a system's folder for temporary files is often memory; that folder if there is no cache.
fn spill_to() -> PathBuf {
    let cache = parts::Cache::locate().and_then(|cache| cache.dir("telemetry"));
    cache.unwrap_or_else(|_| std::env::temp_dir())
}

/// The set that ships under this name, or else the text of the file.
fn monitors(chosen: &Path) -> Result<String, UsageError> {
    if let Some((_, text)) = console::SHIPPED_MONITORS.iter().find(|(name, _)| Path::new(name) == chosen) {
        return Ok((*text).to_owned());
    }
    let shipped = console::SHIPPED_MONITORS.map(|(name, _)| name).join(" or ");
    let remedy = format!("name a file that is there, or {shipped} for those that ship");
    std::fs::read_to_string(chosen).map_err(|error| UsageError(format!("{}: {error}; {remedy}", chosen.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monitors_are_a_set_that_ships_or_a_file() {
        assert_eq!(monitors(Path::new("inbox")).ok().as_deref(), Some(console::INBOX_MONITORS));
        assert_eq!(monitors(Path::new("shop")).ok().as_deref(), Some(console::SHOP_MONITORS));
        let error = monitors(Path::new("./inbox")).expect_err("no such file").to_string();
        assert!(error.starts_with("./inbox: ") && error.ends_with("or shop or inbox for those that ship"), "{error}");
        for (name, text) in console::SHIPPED_MONITORS {
            let file = tempfile::NamedTempFile::new().expect("a temporary file");
            std::fs::write(file.path(), text).expect("writable");
            assert_eq!(monitors(file.path()).ok().as_deref(), Some(text), "{name}");
        }
    }
}
