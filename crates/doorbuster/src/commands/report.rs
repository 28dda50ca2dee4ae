//! `doorbuster report RUN`: a finished run as one HTML file.

use anyhow::Context;

use crate::arguments::Report;
use crate::exit::Exit;
use crate::output;

pub(crate) fn run(arguments: &Report) -> anyhow::Result<Exit> {
    let told = stage::tell_again(&arguments.run)?;
    if let Some(lack) = &told.told_again {
        output::note(&format!(
            "{lack}: the story was told again from evidence.json, without what alerts said and without traces"
        ));
        // The Runs pages show what has a story. A folder that can't be written to is no reason to have no report.
        match console::story::write(&arguments.run, &told.story) {
            Ok(()) => output::note("story.json was written, so that the console can show this run"),
            Err(error) => output::note(&format!("story.json could not be written: {error}")),
        }
    }
    let page = console::report::render(&told.story, &told.traces);
    let path = arguments.output.clone().unwrap_or_else(|| arguments.run.join("report.html"));
    std::fs::write(&path, page).with_context(|| format!("{} can't be written", path.display()))?;
    output::result(&path.display().to_string())?;
    Ok(Exit::Pass)
}
