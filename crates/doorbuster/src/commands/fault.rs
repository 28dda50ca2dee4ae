//! `doorbuster fault`: what kinds there are, and faults by hand on a stage that runs.

use stage::control::{Answer, Request};

use crate::arguments::{Fault, FaultApply, FaultKind, FaultUndo, Stage};
use crate::commands::runtime;
use crate::exit::{Exit, UsageError};
use crate::output::{self, style};

pub(crate) fn run(arguments: Fault) -> anyhow::Result<Exit> {
    match arguments {
        Fault::List { json } => list(json),
        Fault::Show(which) => show(&which),
        Fault::Apply(which) => apply(which),
        Fault::Undo(which) => undo(which),
        Fault::Status(stage) => status(&stage),
    }
}

fn list(json: bool) -> anyhow::Result<Exit> {
    let kinds = faults::catalogue();
    if json {
        output::json(&kinds)?;
        return Ok(Exit::Pass);
    }
    for kind in kinds {
        output::line(&format!("{}{:<17}{:#} {}", style::BOLD, kind.name, style::BOLD, kind.summary));
    }
    Ok(Exit::Pass)
}

fn show(which: &FaultKind) -> anyhow::Result<Exit> {
    let kinds = faults::catalogue();
    let Some(kind) = kinds.iter().find(|k| k.name == which.kind) else {
        let names: Vec<&str> = kinds.iter().map(|k| k.name).collect();
        return Err(UsageError(format!("there is no fault kind {}; there are {}", which.kind, names.join(", "))).into());
    };
    if which.json {
        output::json(kind)?;
        return Ok(Exit::Pass);
    }
    output::line(&format!("{}{}{:#}  {}\n", style::BOLD, kind.name, style::BOLD, kind.summary));
    output::line(kind.docs);
    output::line(&format!("\n{}example of its arguments{:#}", style::BOLD, style::BOLD));
    output::json(&kind.example)?;
    output::line(&format!("\n{}JSON Schema of its arguments{:#}", style::BOLD, style::BOLD));
    output::json(&kind.schema)?;
    Ok(Exit::Pass)
}

fn apply(which: FaultApply) -> anyhow::Result<Exit> {
    let args = faults::parse_args(&which.kind, &which.args).map_err(|error| UsageError(error.to_string()))?;
    let request = Request::Apply {
        kind: which.kind,
        args,
        id: which.id,
        for_seconds: which.lasting.map(|duration| duration.as_secs_f64()),
    };
    match ask(&which.stage, &request)? {
        Answer::Applied { id, what } => {
            output::line(&format!("{} {id} is in: {what}", style::symbol(style::Mark::Warn)));
            output::line(&format!("  take it out with: doorbuster fault undo {id}"));
            Ok(Exit::Pass)
        }
        other => Ok(unexpected(&other)),
    }
}

fn undo(arguments: FaultUndo) -> anyhow::Result<Exit> {
    let request = match arguments.which.id {
        Some(id) => Request::Undo { id },
        None => Request::UndoAll,
    };
    match ask(&arguments.stage, &request)? {
        Answer::Undone(records) if records.is_empty() => {
            output::line("nothing to do: no fault is in");
            Ok(Exit::Pass)
        }
        Answer::Undone(records) => {
            records.iter().for_each(|record| output::line(&output::plain::restored_line(record)));
            Ok(if records.iter().all(|r| r.restored) { Exit::Pass } else { Exit::Broke })
        }
        other => Ok(unexpected(&other)),
    }
}

fn status(stage: &Stage) -> anyhow::Result<Exit> {
    match ask(stage, &Request::Status)? {
        Answer::Status { minute, applied } => {
            output::line(&format!("minute {minute:.2}; faults that are in: {}", applied.len()));
            for fault in applied {
                output::line(&format!(
                    "  {} {} ({}) since {}",
                    style::symbol(style::Mark::Warn),
                    fault.id,
                    fault.kind,
                    fault.since
                ));
            }
            Ok(Exit::Pass)
        }
        other => Ok(unexpected(&other)),
    }
}

fn ask(stage: &Stage, request: &Request) -> anyhow::Result<Answer> {
    let asked = stage::control::ask(stage.port_offset, stage.database_url.as_deref(), request);
    Ok(runtime()?.block_on(asked)?)
}

/// Said on standard error: it was not done.
fn unexpected(answer: &Answer) -> Exit {
    let why = match answer {
        Answer::Refused(reason) => reason.clone(),
        other => format!("the conductor answered something else: {other:?}"),
    };
    output::error(&anyhow::anyhow!(why));
    Exit::Broke
}
