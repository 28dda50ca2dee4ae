//! `doorbuster rollback`: put back whatever an interrupted run left behind.

use crate::arguments::Rollback;
use crate::commands::runtime;
use crate::exit::Exit;
use crate::output::{self, style};

pub(crate) fn run(arguments: Rollback) -> anyhow::Result<Exit> {
    let stage = arguments.stage;
    let done = runtime()?.block_on(stage::rollback(stage.port_offset, stage.database_url.as_deref()))?;
    if done.restored.is_empty() {
        output::line(&format!(
            "nothing to do: {} holds no fault that was applied and not undone",
            done.journal.display()
        ));
        return Ok(Exit::Pass);
    }
    print_indexes("indexes before", &done.indexes_before);
    for record in &done.restored {
        output::line(&output::plain::restored_line(record));
    }
    print_indexes("indexes after", &done.indexes_after);
    Ok(if done.restored.iter().all(|r| r.restored) { Exit::Pass } else { Exit::Broke })
}

fn print_indexes(title: &str, indexes: &[String]) {
    output::line(&format!("{}{title}{:#}", style::BOLD, style::BOLD));
    for index in indexes {
        output::line(&format!("  {index}"));
    }
}
