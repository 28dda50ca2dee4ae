//! `doorbuster inbox`: about the e-mail classifier. It is run by `doorbuster serve inbox`.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Inbox {
    /// How often the built-in model is right about mails that it has never seen
    Accuracy(Accuracy),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorbuster inbox accuracy
  doorbuster inbox accuracy --cross-validated    on the mails it learned from, each left out in turn (some seconds)")]
pub(crate) struct Accuracy {
    /// On the training mails instead, each answered by weights that were learned without it
    #[arg(long)]
    pub(crate) cross_validated: bool,
}
