//! Real services of the shop, in this process or in processes of their own, and a real Redis.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use faults::{Injector, ProcessFuture, ProcessId, ProcessSignal, Processes, Target};
use parts::{Child, Member, Spec, free_port, redis};
use scenario::{Fault, Proof};
use serde_json::Value;
use shop::{Running, ServeOptions, ServiceName};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::fixture::clock_started;

const NAME: &str = "DOORBUSTER_TEST_SERVICE";
const PORT: &str = "DOORBUSTER_TEST_SERVICE_PORT";
/// A process starts and answers within this on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// No database: what needs one is refused, which no test here asks for.
pub(crate) const NO_DATABASE: &str = "postgres://doorbuster@127.0.0.1:1/doorbuster";

/// A service that runs in this process.
pub(crate) struct Served {
    pub(crate) name: ServiceName,
    running: Running,
    shutdown: CancellationToken,
}

impl Served {
    /// On `port`; 0 is any free one. `vars` are its environment.
    pub(crate) async fn start(name: ServiceName, port: u16, vars: &[(&str, &str)]) -> Self {
        Self::listen(name, ServeOptions { port: Some(port), ..ServeOptions::default() }, vars).await
    }

    /// On all addresses of this machine, where orders need a token.
    pub(crate) async fn everywhere(name: ServiceName, vars: &[(&str, &str)]) -> Self {
        let bind = std::net::Ipv4Addr::UNSPECIFIED.into();
        Self::listen(name, ServeOptions { bind, port: Some(0) }, vars).await
    }

    async fn listen(name: ServiceName, options: ServeOptions, vars: &[(&str, &str)]) -> Self {
        let shutdown = CancellationToken::new();
        let look_up =
            |wanted: &str| vars.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned());
        let running = shop::start(name, options, &look_up, shutdown.clone()).await.expect("it starts");
        Self { name, running, shutdown }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    pub(crate) fn port(&self) -> u16 {
        self.running.address().port()
    }

    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.running.finished().await;
    }
}

/// A folder for a journal, and a target of these services.
pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    pub(crate) target: Target,
}

impl Stage {
    pub(crate) fn of(services: &[&Served]) -> Self {
        Self::on(NO_DATABASE, services)
    }

    pub(crate) fn on(database_url: &str, services: &[&Served]) -> Self {
        let none = Target::new(database_url);
        let target = services.iter().fold(none, |target, served| target.service(served.name.name(), served.url()));
        Self { folder: tempfile::tempdir().expect("a folder"), target }
    }

    pub(crate) fn with(mut self, change: impl FnOnce(Target) -> Target) -> Self {
        self.target = change(self.target);
        self
    }

    pub(crate) fn journal(&self) -> std::path::PathBuf {
        self.folder.path().join("faults.journal")
    }

    pub(crate) fn injector(&self) -> Injector {
        Injector::open(&self.journal(), self.target.clone()).expect("opened")
    }
}

/// Applies it; its minute is now.
pub(crate) async fn apply(injector: &Injector, fault: &Fault) -> String {
    injector.apply(fault, &clock_started(0.0)).await.unwrap_or_else(|e| panic!("{e}")).what
}

/// Undoes it and returns what was seen.
pub(crate) async fn undo(injector: &Injector, fault: &Fault) -> String {
    let record = injector.undo(&fault.id).await;
    assert!(record.restored, "{}", record.seen);
    record.seen
}

/// What is seen of `proof`, and whether it holds.
pub(crate) async fn look(injector: &Injector, proof: &Proof) -> (bool, String) {
    let seen = injector.prove(proof, &Default::default()).await.unwrap_or_else(|e| panic!("{e}"));
    (seen.holds, seen.seen)
}

/// Looks until `proof` holds and returns what was seen.
pub(crate) async fn proved(injector: &Injector, proof: &Proof) -> String {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let (holds, seen) = look(injector, proof).await;
        if holds {
            return seen;
        }
        assert!(Instant::now() < deadline, "{seen}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Status and time of a request.
pub(crate) async fn get(url: &str) -> (u16, Duration) {
    let began = Instant::now();
    let answer = reqwest::get(url).await.unwrap_or_else(|e| panic!("{e}"));
    (answer.status().as_u16(), began.elapsed())
}

pub(crate) async fn get_json(url: &str) -> Value {
    let answer = reqwest::get(url).await.unwrap_or_else(|e| panic!("{e}"));
    serde_json::from_str(&answer.text().await.expect("read")).expect("JSON")
}

/// Services as processes of their own, and Redis: what a stage runs.
#[derive(Debug)]
pub(crate) struct Household {
    services: BTreeMap<String, (Member, u16)>,
    redis: redis::Server,
    folder: TempDir,
}

impl Household {
    /// With these services, each of which answers.
    pub(crate) async fn of(services: &[ServiceName]) -> Arc<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let program = redis::find().expect("Redis is installed");
        let redis =
            redis::Server::start(&program, folder.path(), &folder.path().join("redis.log")).await.expect("started");
        let mut household = Self { services: BTreeMap::new(), redis, folder };
        for service in services {
            let port = free_port().expect("a port");
            let log = household.folder.path().join(format!("{}.log", service.name()));
            let spec = Spec::new(service.name(), std::env::current_exe().expect("this program"), log)
                .args(["--exact", "stage::serving", "--ignored"])
                .env(NAME, service.name())
                .env(PORT, port.to_string());
            let member = Member::start(spec).expect("started");
            answers(port, &member.child()).await.expect("it answers");
            household.services.insert(service.name().to_owned(), (member, port));
        }
        Arc::new(household)
    }

    /// Its services and Redis, run by it.
    pub(crate) fn target(self: &Arc<Self>) -> Target {
        self.known().processes(Arc::clone(self) as Arc<dyn Processes>)
    }

    /// The same as a recovery knows it, after the death of whoever ran it.
    pub(crate) fn known(&self) -> Target {
        let target = Target::new(NO_DATABASE).redis(self.redis.url());
        self.services
            .iter()
            .fold(target, |target, (name, (_, port))| target.service(name, format!("http://127.0.0.1:{port}")))
    }

    pub(crate) fn redis_url(&self) -> String {
        self.redis.url()
    }

    fn member(&self, name: &str) -> Option<&Member> {
        match name {
            "redis" => Some(self.redis.member()),
            _ => self.services.get(name).map(|(member, _)| member),
        }
    }
}

impl Processes for Household {
    fn id(&self, name: &str) -> Option<ProcessId> {
        let child = self.member(name)?.child();
        ProcessId::of(child.pid()).filter(|_| child.exit().is_none())
    }

    fn signal<'a>(&'a self, name: &'a str, signal: ProcessSignal) -> ProcessFuture<'a, ProcessId> {
        Box::pin(async move {
            let gone = || format!("{name} does not run");
            let (id, member) = (self.id(name).ok_or_else(gone)?, self.member(name).ok_or_else(gone)?);
            match signal {
                ProcessSignal::Kill => drop(member.kill().await),
                ProcessSignal::Pause => drop(member.child().signal(rustix::process::Signal::STOP)),
                ProcessSignal::Resume => drop(member.child().signal(rustix::process::Signal::CONT)),
            }
            Ok(id)
        })
    }

    fn start<'a>(&'a self, name: &'a str) -> ProcessFuture<'a, String> {
        Box::pin(async move {
            let member = self.member(name).ok_or("unknown")?;
            let child = member.start_again().map_err(|e| e.to_string())?;
            match self.services.get(name) {
                Some((_, port)) => answers(*port, &child).await?,
                None => self.redis.ready().await.map_err(|e| e.to_string())?,
            }
            Ok(format!("{name} runs again"))
        })
    }
}

/// Waits until the service on `port` answers.
async fn answers(port: u16, child: &Child) -> Result<(), String> {
    let deadline = Instant::now() + READY_WITHIN;
    while reqwest::get(format!("http://127.0.0.1:{port}/health")).await.is_err() {
        if let Some(exit) = child.exit() {
            return Err(exit.to_string());
        }
        if Instant::now() > deadline {
            return Err("it does not answer".into());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

/// Not a test: a service of the shop as a process of its own, until it is killed.
#[tokio::test]
#[ignore = "the process of the household's services"]
async fn serving() {
    let (Ok(name), Ok(port)) = (std::env::var(NAME), std::env::var(PORT)) else {
        return;
    };
    let name = ServiceName::ALL.into_iter().find(|service| service.name() == name).expect("a service");
    let _served = Served::start(name, port.parse().expect("a port"), &[]).await;
    std::future::pending::<()>().await;
}
