//! `doorbuster fault`.

use clap::{Args, Subcommand};

use super::values::lasting;

#[derive(Debug, Subcommand)]
pub(crate) enum Fault {
    /// The kinds that there are
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// A kind's arguments, what it really does, its proof and its undo
    Show(FaultKind),
    /// Put a fault into the stage that runs on this machine
    Apply(FaultApply),
    /// Take a fault out again, whoever put it in
    Undo(FaultUndo),
    /// Which faults are in
    Status(Stage),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  doorbuster fault show lock_table")]
pub(crate) struct FaultKind {
    /// The kind
    #[arg(value_name = "KIND")]
    pub(crate) kind: String,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorbuster fault apply kill_redis --for 30s
  doorbuster fault apply lock_table table=orders mode=exclusive --id lock
  doorbuster fault apply http_error service=payment-service status=503 share=0.2 --for 2m
  doorbuster fault undo lock

The conductor of the running stage does it, journals it first, and puts it back at the end of its run, whatever happens.")]
pub(crate) struct FaultApply {
    /// The kind; see `doorbuster fault list`
    #[arg(value_name = "KIND")]
    pub(crate) kind: String,
    /// Its arguments, as key=value; see `doorbuster fault show KIND`
    #[arg(value_name = "KEY=VALUE")]
    pub(crate) args: Vec<String>,
    /// How it is called; made from the kind if not given
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    /// Undo it by itself after this long, such as 30s or 2m
    #[arg(long = "for", value_name = "DURATION", value_parser = lasting)]
    pub(crate) lasting: Option<std::time::Duration>,
    #[command(flatten)]
    pub(crate) stage: Stage,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  doorbuster fault undo lock\n  doorbuster fault undo --all")]
pub(crate) struct FaultUndo {
    #[command(flatten)]
    pub(crate) which: WhichFault,
    #[command(flatten)]
    pub(crate) stage: Stage,
}

/// One fault or all.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct WhichFault {
    /// Its id, as `doorbuster fault status` shows it
    #[arg(value_name = "ID")]
    pub(crate) id: Option<String>,
    /// All of them
    #[arg(long)]
    pub(crate) all: bool,
}

/// Which of the stages on this machine.
#[derive(Debug, Args)]
pub(crate) struct Stage {
    /// The PostgreSQL that the run was given, where it was not a private one
    #[arg(long, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// The port offset that the run was given
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=50_000))]
    pub(crate) port_offset: u16,
}
