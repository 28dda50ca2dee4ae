//! `doorbuster inbox`: about the e-mail classifier.

use crate::arguments::{Accuracy, Inbox};
use crate::exit::Exit;
use crate::output;

pub(crate) fn run(verb: &Inbox) -> anyhow::Result<Exit> {
    let Inbox::Accuracy(Accuracy { cross_validated }) = verb;
    let accuracy = if *cross_validated { inbox::cross_validated_accuracy() } else { inbox::accuracy() };
    output::result(accuracy.to_string().trim_end())?;
    Ok(Exit::Pass)
}
