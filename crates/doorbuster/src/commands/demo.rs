//! `doorbuster demo`: stage a scenario, from start-up to verdict.

use std::path::{Path, PathBuf};

use anyhow::Context;
use scenario::Outcome;
use stage::{Calibration, Ended, Options};

use crate::arguments::{CalibrationArgument, Demo};
use crate::commands::{interrupted, runtime, scenario as scenarios};
use crate::exit::{self, Exit, UsageError};
use crate::output::{self, style};

pub(crate) fn run(arguments: Demo) -> anyhow::Result<Exit> {
    let plain = arguments.no_tui;
    let options = resolve(arguments)?;
    for warning in warnings(&options) {
        output::line(&format!("{} {warning}", style::symbol(style::Mark::Warn)));
    }
    let title = format!("{} · speed {} · seed {}", options.scenario.name, options.speed, options.seed);
    let observer = output::observer(plain, &title);
    let outcome = runtime()?.block_on(async {
        let interrupt = interrupted()?;
        Ok::<_, anyhow::Error>(stage::run(options, std::sync::Arc::clone(&observer), interrupt).await?)
    });
    // The live view must be gone before anything else is printed.
    drop(observer);
    let outcome = outcome?;
    if let Some(verdict) = &outcome.verdict {
        output::verdict::print(verdict);
    }
    if let Some(record) = outcome.record.as_ref().filter(|_| outcome.verdict.is_some()) {
        output::summary::print(record);
    }
    if let Some(folder) = &outcome.folder {
        output::line(&format!("the run: {}", folder.path().display()));
    }
    Ok(code(&outcome))
}

fn code(outcome: &stage::Outcome) -> Exit {
    let all_back = outcome.restored.iter().all(|r| r.restored);
    match (&outcome.verdict, outcome.ended) {
        (Some(verdict), _) if all_back || verdict.outcome != Outcome::Pass => exit::of_verdict(verdict.outcome),
        (_, Ended::Interrupted) if all_back => Exit::Interrupted,
        _ => Exit::Broke,
    }
}

fn resolve(arguments: Demo) -> anyhow::Result<Options> {
    let (scenario, scenario_text) = scenarios::load(&arguments.scenario)?;
    let calibration = match arguments.calibration {
        CalibrationArgument::Hold => Calibration::Hold,
        CalibrationArgument::None => Calibration::None,
    };
    Ok(Options {
        scenario: calibration.of(scenario),
        scenario_text,
        speed: arguments.speed,
        seed: arguments.seed,
        calibration,
        monitors: arguments.monitors.map(|path| monitors(&path)).transpose()?,
        runs_dir: arguments.runs_dir,
        database_url: arguments.database_url,
        redis_url: arguments.redis_url,
        otlp_endpoint: arguments.otlp_endpoint,
        keep_running: arguments.keep_running,
        port_offset: arguments.port_offset,
        products: arguments.products,
        executable: std::env::current_exe().context("the path of this program can't be found")?,
    })
}

/// The file of monitors, absolute, and right: the console would refuse it only after PostgreSQL was started.
fn monitors(path: &Path) -> anyhow::Result<PathBuf> {
    let unusable = |problem: String| UsageError(format!("{}: {problem}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| unusable(e.to_string()))?;
    detect::parse(&text).map_err(|mistakes| {
        let all: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        unusable(all.join("\n  "))
    })?;
    Ok(path.canonicalize().map_err(|e| unusable(e.to_string()))?)
}

fn warnings(options: &Options) -> Vec<String> {
    let mut warnings = Vec::new();
    if options.otlp_endpoint.is_some() && options.speed > 1.0 {
        warnings.push(format!(
            "speed {} with an outside backend: its alert windows do not shrink with the scenario's minutes, so its alerts come late or never; \
             speed 1 is the honest choice",
            options.speed
        ));
    }
    if options.speed > 10.0 {
        warnings.push("over speed 10 the windows of the monitors no longer shrink with the minutes: expect alerts outside their windows".to_owned());
    }
    warnings
}
