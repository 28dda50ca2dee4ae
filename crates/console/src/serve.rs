//! The console as a whole: bind first, then run everything until told to end.

use std::sync::Arc;
use std::time::Duration;

use detect::{Engine, MonitorSet, TimeScale};
use store::StoreLimits;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::listen::bind;
use crate::options::{ConsoleOptions, ServeError};
use crate::state::{Ports, Setting, State};
use crate::{detection, keep, opened, otlp, stage, web};

/// How long open requests may take once the console is to end.
const DRAIN: Duration = Duration::from_secs(2);

/// Runs the console until `shutdown` is cancelled; then drains open requests for two seconds, writes what is to be
/// kept, and returns.
///
/// # Errors
/// Before anything is served: a port that cannot be bound, mistakes in the monitors (all of them), a time scale that is
/// none, a data folder that can't be used. Later: a server that ended by itself; the others are ended with it.
pub async fn serve(options: ConsoleOptions, shutdown: CancellationToken) -> Result<(), ServeError> {
    let set = detect::parse(&options.monitors).map_err(ServeError::Monitors)?;
    let scale = TimeScale::new(options.time_scale).ok_or(ServeError::TimeScale(options.time_scale))?;
    let pages = bind("the console", options.bind, options.http_port, "--port").await?;
    let shutdown = shutdown.child_token();
    let mut tasks = JoinSet::new();
    let state = match &options.open {
        Some(run) => {
            let run = Arc::new(run.clone());
            opened::state(&options, run, set.counted(), shutdown.clone()).await
        }
        None => live(&options, set, scale, &shutdown, &mut tasks).await?,
    };
    tracing::info!(
        pages = %pages.local_addr()?,
        otlp_grpc = state.health().otlp_grpc_port,
        otlp_http = state.health().otlp_http_port,
        "the console listens"
    );
    tasks.spawn(finish(stage::publish(state.clone())));
    tasks.spawn(web::serve(pages, state.clone()));

    // Whoever ends first ends all: on request, or because something failed.
    let first = tasks.join_next().await;
    shutdown.cancel();
    let rest = timeout(DRAIN, tasks.join_all());
    let mut results: Vec<Result<(), ServeError>> = rest.await.unwrap_or_default();
    results.push(keep::close(state).await.map_err(ServeError::Data));
    first
        .into_iter()
        .map(|joined| joined.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())))
        .chain(results)
        .collect()
}

/// A console that takes what comes in, and watches it.
async fn live(
    options: &ConsoleOptions,
    set: MonitorSet,
    scale: TimeScale,
    shutdown: &CancellationToken,
    tasks: &mut JoinSet<Result<(), ServeError>>,
) -> Result<State, ServeError> {
    let grpc = bind("OTLP/gRPC", options.bind, options.otlp_grpc_port, "--otlp-grpc-port").await?;
    let http = bind("OTLP/HTTP", options.bind, options.otlp_http_port, "--otlp-http-port").await?;
    let ports = Ports { otlp_grpc: grpc.local_addr()?.port(), otlp_http: http.local_addr()?.port() };
    let (owned, counted) = (options.clone(), set.counted());
    let opened = tokio::task::spawn_blocking(move || keep::open(&owned, counted)).await;
    let (store, recovered) = opened.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))?;
    let setting = Setting {
        ports,
        runs_dir: options.runs_dir.clone(),
        export_to: options.export_to.clone(),
        ..Setting::default()
    };
    let state = State::new(store, setting, shutdown.clone());
    if let Some(recovered) = recovered {
        state.set_recovered(recovered);
    }
    tasks.spawn(finish(keep::run(state.clone())));
    tasks.spawn(finish(detection::run(state.clone(), Engine::new(set, scale))));
    let admission = otlp::Admission::new(state.clone());
    tasks.spawn(otlp::serve(grpc, state.clone(), admission.clone()));
    tasks.spawn(otlp::serve(http, state.clone(), admission));
    Ok(state)
}

/// What the store may keep.
pub(crate) fn limits(options: &ConsoleOptions) -> StoreLimits {
    StoreLimits { budget_bytes: usize::try_from(options.memory_budget).unwrap_or(usize::MAX) }
}

async fn finish(task: impl Future<Output = ()>) -> Result<(), ServeError> {
    task.await;
    Ok(())
}
