//! `doorbuster console`: OTLP in; pages, API and alerts out.

use std::path::PathBuf;

use anyhow::Context;

use crate::arguments::Console;
use crate::commands::{interrupted, runtime};
use crate::exit::{Exit, UsageError};

pub(crate) fn run(arguments: Console) -> anyhow::Result<Exit> {
    if arguments.data.is_some() && arguments.disk_budget == 0 {
        return Err(UsageError("--disk-budget 0 leaves no room for --data: give it some MiB".to_owned()).into());
    }
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
        disk: console::DiskOptions {
            data: arguments.data,
            spill_to: spill_to(),
            budget: u64::from(arguments.disk_budget) * 1024 * 1024,
            retention: arguments.retention,
        },
    };
    runtime()?.block_on(async { console::serve(options, interrupted()?).await.context("the console ended") })?;
    Ok(Exit::Pass)
}

/// The cache, because a system's folder for temporary files is often memory; that folder if there is no cache.
fn spill_to() -> PathBuf {
    let cache = parts::Cache::locate().and_then(|cache| cache.dir("telemetry"));
    cache.unwrap_or_else(|_| std::env::temp_dir())
}
