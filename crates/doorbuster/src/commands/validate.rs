//! `doorbuster validate RUN`: judges a finished run again, from what its folder holds.

use crate::arguments::Validate;
use crate::exit::{self, Exit};
use crate::output;

pub(crate) fn run(arguments: &Validate) -> anyhow::Result<Exit> {
    let verdict = stage::validate(&arguments.run)?;
    if arguments.json {
        output::json(&verdict)?;
    } else {
        output::verdict::print(&verdict);
    }
    Ok(exit::of_verdict(verdict.outcome))
}
