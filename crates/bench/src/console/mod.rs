//! The benchmark of the console: `consolebench`.
//!
//! Made-up traffic of a shop, the same in every run, is sent to a real console over each protocol as fast as it takes it.
//! Whoever sends is another process than the console, whose CPU clock is read before and after: the cost of a span is the
//! console's alone. Beside it, in the same minute, a *sink* reads the same bytes and keeps nothing: what this machine takes
//! for that is the floor, and the console's cost is given as a multiple of it.
//!
//! Start at `run`. The traffic: `journeys`, `trace`, `batches`. Sending: `send`, `http`, `grpc`. What is measured:
//! `throughput`, `questions`, `visible`.

mod arguments;
mod run;

mod questions;
mod throughput;
mod visible;

mod sink;
mod subject;

mod grpc;
mod http;
mod send;

mod batches;
mod journeys;
mod random;
mod trace;
mod wire;

mod report;
mod table;

use std::process::ExitCode;

use clap::Parser as _;

use self::arguments::{Arguments, Command};
use crate::machine::say;

/// Runs the command line of `consolebench`. 0: measured, whether targets are met or not; 2: usage; 5: something broke.
pub fn run_console_command_line() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        None => run::run(&arguments.run),
        Some(Command::Sink(options)) => sink::run(&options).map(|never| match never {}),
    };
    outcome.unwrap_or_else(|error| {
        say(&format!("consolebench: {error:#}"));
        ExitCode::from(5)
    })
}
