//! The processes that make up the stage: the console, the services of the world, the load generator.

use std::path::{Path, PathBuf};
use std::time::Duration;

use parts::{Child, Exit, Member, ParentDeath, Spec, Stop};
use scenario::Clock;
use tokio::time::Instant;

use crate::services::{self, Backing, environment};
use crate::{Options, StageError};

/// A service finishes its requests within this, then it is killed.
const STOP_WITHIN: Duration = Duration::from_secs(6);
/// The console must stand before the services export to it.
const CONSOLE_WITHIN: Duration = Duration::from_secs(20);
/// Between two looks at `/ready`.
const READY_POLL: Duration = Duration::from_millis(25);

/// Children of our own binary. Dropping it kills them all.
#[derive(Debug)]
pub(crate) struct Cast {
    members: Vec<Member>,
}

impl Cast {
    /// Starts the console and waits until it answers.
    ///
    /// It may write to `folder` (the run's) and nowhere else.
    pub(crate) async fn console(
        options: &Options,
        logs: &Path,
        folder: &Path,
        client: &reqwest::Client,
    ) -> Result<Self, StageError> {
        let shift = |port: u16| (port + options.port_offset).to_string();
        let absolute = |path: &Path| path.canonicalize().map_err(|source| StageError::file(path, source));
        let spec = Spec::new("console", &options.executable, logs.join("console.log"))
            .args(["console", "--port", &shift(services::CONSOLE_PORT)])
            .args([
                "--otlp-grpc-port",
                &shift(services::OTLP_GRPC_PORT),
                "--otlp-http-port",
                &shift(services::OTLP_HTTP_PORT),
            ])
            .args(["--time-scale", &options.speed.to_string()])
            .arg("--runs-dir")
            .arg(absolute(&options.runs_dir)?)
            .arg("--export-to")
            .arg(absolute(folder)?)
            .parent_death(ParentDeath::Kill);
        let spec = spec.arg("--monitors");
        let spec = match &options.monitors {
            Some(file) => spec.arg(file),
            None => spec.arg(options.scenario.world.name()),
        };
        let cast = Self { members: vec![Member::start(spec)?] };
        let url = format!("{}/api/health", console_url(options));
        wait_until_ready(client, "console", &url, &cast.members[0].child(), Instant::now() + CONSOLE_WITHIN).await?;
        Ok(cast)
    }

    /// Starts all services; says nothing about their being ready.
    pub(crate) fn services(
        options: &Options,
        backing: Option<&Backing>,
        clock: Clock,
        logs: &Path,
        scenario_file: &Path,
    ) -> Result<Self, StageError> {
        let variables = environment(options, backing, clock);
        let start = |service: &services::Service| {
            let port = (service.port + options.port_offset).to_string();
            let spec = Spec::new(service.name, &options.executable, log_file(logs, service.name))
                .args(["serve", service.name, "--port", &port])
                // Nobody is left to drain for, and a paused process hears nothing else.
                .parent_death(ParentDeath::Kill);
            let spec = variables.iter().fold(spec, |spec, (name, value)| spec.env(name, value));
            let spec = if service.name == services::LOAD_GENERATOR {
                spec.env("DOORBUSTER_SCENARIO", scenario_file).env("DOORBUSTER_SEED", options.seed.to_string())
            } else {
                spec
            };
            Member::start(spec)
        };
        Ok(Self { members: services::of(options.scenario.world).iter().map(start).collect::<Result<_, _>>()? })
    }

    /// Waits until every service says that it and what it needs is there, until `deadline` at the latest.
    pub(crate) async fn ready(
        &self,
        port_offset: u16,
        client: &reqwest::Client,
        deadline: Instant,
    ) -> Result<(), StageError> {
        let waits = self.members.iter().map(|member| async move {
            let child = member.child();
            ready(client, &child, port_offset, deadline).await
        });
        let outcomes = futures_util::future::join_all(waits).await;
        outcomes.into_iter().collect()
    }

    /// The member called `name`.
    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|m| m.child().name() == name)
    }

    /// Those that have ended, though nobody asked them to.
    pub(crate) fn broken(&self) -> Vec<Exit> {
        self.members.iter().filter_map(Member::broke).collect()
    }

    /// Asks all to end, at once.
    pub(crate) async fn stop(&self) {
        let stops = self.members.iter().map(|member| async move {
            member.child().stop(Stop::Terminate, STOP_WITHIN).await;
        });
        futures_util::future::join_all(stops).await;
    }
}

/// The console's base URL.
pub(crate) fn console_url(options: &Options) -> String {
    format!("http://127.0.0.1:{}", services::CONSOLE_PORT + options.port_offset)
}

/// Waits until the service that `child` is says that it and what it needs is there.
pub(crate) async fn ready(
    client: &reqwest::Client,
    child: &Child,
    port_offset: u16,
    deadline: Instant,
) -> Result<(), StageError> {
    let url = format!("{}/ready", services::url_of(child.name(), port_offset));
    wait_until_ready(client, child.name(), &url, child, deadline).await
}

/// A service's log in the stage's folder.
fn log_file(logs: &Path, name: &str) -> PathBuf {
    logs.join(format!("{name}.log"))
}

async fn wait_until_ready(
    client: &reqwest::Client,
    name: &str,
    url: &str,
    child: &Child,
    deadline: Instant,
) -> Result<(), StageError> {
    let begun = Instant::now();
    loop {
        let seen = match client.get(url).send().await {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) => answer.text().await.unwrap_or_else(|error| error.to_string()),
            Err(error) if error.is_connect() => "it does not listen yet".to_owned(),
            Err(error) => error.to_string(),
        };
        let not_ready =
            |seen| StageError::NotReady { name: name.to_owned(), seconds: begun.elapsed().as_secs_f64(), seen };
        if let Some(exit) = child.exit() {
            return Err(not_ready(exit.to_string()));
        }
        if Instant::now() >= deadline {
            return Err(not_ready(seen));
        }
        tokio::time::sleep(READY_POLL).await;
    }
}
