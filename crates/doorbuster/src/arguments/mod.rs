//! What the command line accepts. Nothing is looked up or checked against the machine here.

mod demo;
mod fault;
mod inbox;
mod load;
mod report;
mod scenario;
mod serve;
mod traffic;
mod values;

use clap::{Parser, Subcommand};

pub(crate) use demo::{CalibrationArgument, Demo, Rollback, Validate};
pub(crate) use fault::{Fault, FaultApply, FaultKind, FaultUndo, Stage};
pub(crate) use inbox::{Accuracy, Inbox};
pub(crate) use load::{Import, ImportHar, Load, LoadFile, LoadRun, LoadVerb, Merge, Outputs};
pub(crate) use report::Report;
pub(crate) use scenario::{Explain, Scenario};
pub(crate) use serve::{Console, Migrate, Serve};
pub(crate) use traffic::{Slow, Traffic, TrafficMode};

/// Stages a production incident on schedule, on real software, and proves whether your monitoring caught it.
#[derive(Debug, Parser)]
#[command(name = "doorbuster", version, propagate_version = true, max_term_width = 110)]
#[command(after_help = "\
Examples:
  doorbuster demo                         the main scenario in real time (33 minutes)
  doorbuster demo --speed 10              the same in about 4 minutes
  doorbuster scenario explain black-friday   what is predicted, minute by minute
  doorbuster report runs/RUN              a finished run as one HTML file
  doorbuster console --open runs/RUN      the same on the console's pages, with all its telemetry
  doorbuster rollback                     put back whatever a killed run left behind
  doorbuster load test.yaml --html report.html   load on a system of your own
  doorbuster demo inbox                   the other world: an LLM service, three incidents (12 minutes)
  doorbuster traffic --mode error_injection   tagged mails for it

Exit codes: 0 PASS, 1 FAIL, 2 usage, 3 something missing on this machine, 4 INVALID, 5 something broke,
130 interrupted and restored.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Stage a scenario on this machine, from start-up to verdict
    Demo(Demo),
    /// Run one service of the shop, or the inbox
    Serve(Serve),
    /// Run the console: OTLP in, pages and alerts out
    Console(Console),
    /// List, show, check and explain scenarios
    #[command(subcommand)]
    Scenario(Scenario),
    /// Send load to your own systems and hold it against thresholds; check, merge and import load tests
    Load(Box<Load>),
    /// Send tagged mails to the e-mail classifier: normal, slow, malformed or bloated ones
    Traffic(Traffic),
    /// About the e-mail classifier, which `serve inbox` runs
    #[command(subcommand)]
    Inbox(Inbox),
    /// List fault kinds; apply and undo faults by hand on a running stage
    #[command(subcommand)]
    Fault(Fault),
    /// Judge a finished run again from its folder
    Validate(Validate),
    /// Make one HTML file of a finished run: story, verdict, curves, alerts, traces
    Report(Report),
    /// Put back whatever an interrupted run left behind
    Rollback(Rollback),
    /// Create the shop's schema and data in a database
    Migrate(Migrate),
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Arguments;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_that_the_documents_show_is_accepted() {
        let documents = [
            include_str!("../../../../README.md"),
            include_str!("../../../../docs/console.md"),
            include_str!("../../../../docs/scenarios.md"),
            include_str!("../../../../docs/faults.md"),
            include_str!("../../../../docs/monitors.md"),
            include_str!("../../../../docs/inbox.md"),
            include_str!("../../../../docs/traffic.md"),
            include_str!("../../../../docs/models.md"),
            include_str!("../../../../docs/services.md"),
            include_str!("../../../../docs/load.md"),
            include_str!("../../../../docs/load-tests.md"),
            include_str!("../../../../docs/telemetry.md"),
            include_str!("../../../../docs/troubleshooting.md"),
        ];
        let mut seen = 0;
        for line in documents.iter().flat_map(|d| d.lines()) {
            let command = line.trim().trim_start_matches("$ ");
            let Some(command) = command.strip_prefix("doorbuster ") else { continue };
            // What follows is a comment, or the shell's business.
            let command = command.split(['#', '>', '|']).next().unwrap_or_default();
            let words = std::iter::once("doorbuster").chain(command.split_whitespace());
            let parsed = Arguments::try_parse_from(words);
            assert!(parsed.is_ok(), "{line}: {}", parsed.err().map(|e| e.to_string()).unwrap_or_default());
            seen += 1;
        }
        assert!(seen >= 4, "the README alone shows four");
    }
}
