//! `doorbuster console`: OTLP in; pages, API and alerts out.

use anyhow::Context;

use crate::arguments::Console;
use crate::commands::{interrupted, runtime};
use crate::exit::{Exit, UsageError};

pub(crate) fn run(arguments: Console) -> anyhow::Result<Exit> {
    let monitors = match &arguments.monitors {
        None => console::SHOP_MONITORS.to_owned(),
        Some(path) => std::fs::read_to_string(path).map_err(|e| UsageError(format!("{}: {e}", path.display())))?,
    };
    let options = console::ConsoleOptions {
        bind: arguments.bind,
        http_port: arguments.port,
        otlp_grpc_port: arguments.otlp_grpc_port,
        otlp_http_port: arguments.otlp_http_port,
        monitors,
        time_scale: arguments.time_scale,
        memory_budget: u64::from(arguments.memory) * 1024 * 1024,
    };
    runtime()?.block_on(async { console::serve(options, interrupted()?).await.context("the console ended") })?;
    Ok(Exit::Pass)
}
