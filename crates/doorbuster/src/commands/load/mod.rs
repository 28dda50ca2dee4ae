//! `doorbuster load`: load on the user's own systems, and what is done with its files and reports.

mod duration;
mod import;
mod merge;
mod outputs;
mod run;

use std::path::Path;

use scenario::LoadTest;

use crate::arguments::{Load, LoadVerb};
use crate::commands::files;
use crate::exit::{Exit, UsageError};
use crate::output::{self, style};

/// As much as the parser takes, which leaves room for bodies that were recorded.
const LARGEST_FILE: u64 = 1024 * 1024;

pub(crate) fn run(arguments: Load) -> anyhow::Result<Exit> {
    match arguments.verb {
        None => run::run(&arguments.run),
        Some(LoadVerb::Check(which)) => {
            let test = load(&which.file)?;
            output::result(&format!("{} {} is right", style::symbol(style::Mark::Good), test.name))?;
            Ok(Exit::Pass)
        }
        Some(LoadVerb::Schema) => {
            output::json(&scenario::load_test_schema())?;
            Ok(Exit::Pass)
        }
        Some(LoadVerb::Merge(merge)) => merge::run(&merge),
        Some(LoadVerb::Import(import)) => import::run(&import),
    }
}

/// The load test in `path`. Every mistake in it is one error.
fn load(path: &Path) -> anyhow::Result<LoadTest> {
    let name = path.display().to_string();
    let text = files::read(path, LARGEST_FILE, "load test")
        .map_err(|problem| UsageError(format!("{name}: {problem}; give a load test, such as load-tests/hello.yaml")))?;
    scenario::parse_load_test(&text).map_err(|mistakes| files::wrong(&name, &mistakes).into())
}
