//! `doorbuster migrate`: the shop's schema and data in a database. The conductor calls it; so may you.

use crate::arguments::Migrate;
use crate::commands::runtime;
use crate::exit::Exit;
use crate::output;

pub(crate) fn run(arguments: &Migrate) -> anyhow::Result<Exit> {
    if arguments.fingerprint {
        output::line(&shop::database::fingerprint(arguments.products));
        return Ok(Exit::Pass);
    }
    let url = arguments.database_url.as_deref().expect("clap asks for it");
    runtime()?.block_on(shop::database::prepare(url, arguments.products, |step| output::line(&step.to_string())))?;
    Ok(Exit::Pass)
}
