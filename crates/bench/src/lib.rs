//! Two benchmarks: of the load engine against the field (`loadbench`), and of the console (`consolebench`, in `console`).
//!
//! `loadbench`:
//! Generators are programs, doorbuster one among them: each runs alone on one core against a fixed-response server on
//! another, next to a *calibrator*, a bare epoll loop that shows what the kernel of this machine takes for a request in
//! that minute. What is compared is a generator's share of the calibrator's rate, never figures of two machines or hours.
//!
//! Nothing here knows doorbuster's code: it reads what a generator prints, and believes the server's count and the
//! kernel's clocks. Start at `suite` (what is measured), `generators` (how each is called) and `server`.
#![cfg(target_os = "linux")]

mod arguments;
mod console;
mod suite;

mod generators;
mod process;
mod server;

mod calibrate;
mod machine;
mod schedule_error;
mod spread;
mod stall_truth;

pub use console::run_console_command_line;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Arguments, Command};

/// Runs the command line. 0: measured; 2: usage; 3: this machine can't; 5: something broke.
pub fn run_command_line() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        None => suite::run(&arguments.run),
        Some(Command::Server(options)) => server::run(&options).map(|()| ExitCode::SUCCESS),
        Some(Command::Calibrate(options)) => calibrate::run(&options).map(|()| ExitCode::SUCCESS),
        Some(Command::OnCore(options)) => process::become_pinned(&options).map(|never| match never {}),
    };
    outcome.unwrap_or_else(|error| {
        machine::say(&format!("loadbench: {error:#}"));
        ExitCode::from(5)
    })
}
