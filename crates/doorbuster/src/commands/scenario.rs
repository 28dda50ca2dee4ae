//! `doorbuster scenario`: what ships, what a file says, what is wrong with it, what it will do.

use std::path::Path;

use scenario::{PredictOptions, Scenario as Model};

use crate::arguments::{Explain, Scenario};
use crate::commands::files;
use crate::exit::{Exit, UsageError};
use crate::output::{self, style};

/// A file of scenarios is text for people: more is a mistake.
const LARGEST_FILE: u64 = 256 * 1024;

pub(crate) fn run(arguments: Scenario) -> anyhow::Result<Exit> {
    match arguments {
        Scenario::List => list()?,
        Scenario::Show(which) => output::line(text(&which.scenario)?.1.trim_end()),
        Scenario::Check(which) => {
            let (scenario, _) = load(&which.scenario)?;
            output::line(&format!("{} {} is right", style::symbol(style::Mark::Good), scenario.name));
        }
        Scenario::Explain(which) => explain(&which)?,
        Scenario::Schema => output::json(&scenario::json_schema(&faults::Kinds))?,
    }
    Ok(Exit::Pass)
}

/// The scenario named or in the file `which`, and its text. Every mistake in it is one error.
pub(crate) fn load(which: &str) -> anyhow::Result<(Model, String)> {
    let (name, text) = text(which)?;
    match scenario::parse(&text, &faults::Kinds) {
        Ok(scenario) => Ok((scenario, text)),
        Err(mistakes) => Err(files::wrong(&name, &mistakes).into()),
    }
}

/// The name for messages and the text. A shipped name wins over a file of that name; `./name` is always a file.
fn text(which: &str) -> anyhow::Result<(String, String)> {
    if let Some((name, text)) = scenario::shipped().iter().find(|(name, _)| *name == which) {
        return Ok(((*name).to_owned(), (*text).to_owned()));
    }
    let unreadable = |problem: String| {
        let names: Vec<&str> = scenario::shipped().iter().map(|(name, _)| *name).collect();
        UsageError(format!("{which}: {problem}; give a file, or one of the scenarios that ship: {}", names.join(", ")))
    };
    let text = files::read(Path::new(which), LARGEST_FILE, "scenario").map_err(unreadable)?;
    Ok((which.to_owned(), text))
}

fn list() -> anyhow::Result<()> {
    for (name, _) in scenario::shipped() {
        let (scenario, _) = load(name)?;
        output::line(&format!(
            "{}{name:<16}{:#} {:>3} min  {}",
            style::BOLD,
            style::BOLD,
            scenario.minutes,
            scenario.title
        ));
    }
    Ok(())
}

fn explain(which: &Explain) -> anyhow::Result<()> {
    let (scenario, _) = load(&which.scenario)?;
    let prediction = scenario::predict(&scenario, which.seed, &PredictOptions::at_speed(which.speed));
    let explanation = scenario::explain(&scenario, &prediction);
    if which.json {
        output::json(&explanation)
    } else {
        output::explain::print(&explanation);
        Ok(())
    }
}
