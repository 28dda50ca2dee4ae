//! The command line: parse, hand over to a command, turn what it says into an exit code.
//!
//! One file per verb in `commands/`; what it prints is made in `output/`.

mod arguments;
mod commands;
mod exit;
mod output;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Demo(demo) => commands::demo::run(demo),
        Command::Serve(serve) => commands::serve::run(&serve),
        Command::Console(console) => commands::console::run(console),
        Command::Scenario(scenario) => commands::scenario::run(scenario),
        Command::Load(load) => commands::load::run(*load),
        Command::Traffic(traffic) => commands::traffic::run(&traffic),
        Command::Inbox(verb) => commands::inbox::run(&verb),
        Command::Fault(fault) => commands::fault::run(fault),
        Command::Validate(validate) => commands::validate::run(&validate),
        Command::Report(report) => commands::report::run(&report),
        Command::Rollback(rollback) => commands::rollback::run(rollback),
        Command::Migrate(migrate) => commands::migrate::run(&migrate),
    };
    match outcome {
        Ok(code) => code.into(),
        Err(error) => {
            output::error(&error);
            exit::of_error(&error).into()
        }
    }
}
