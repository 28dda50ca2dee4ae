//! The stage's processes as faults see them: killed, paused, let go on, started again as they were.

use std::sync::Arc;
use std::time::Duration;

use faults::{ProcessFuture, ProcessId, ProcessSignal, Processes};
use parts::Member;
use scenario::World;
use tokio::time::Instant;

use crate::cast::{self, Cast};
use crate::services;

/// A service that was started again answers within this; on an idle machine it takes a tenth of a second.
const ANSWERS_WITHIN: Duration = Duration::from_secs(15);
/// How the private Redis is called.
const REDIS: &str = "redis";

/// Services of the world, and the private Redis where there is one.
#[derive(Debug)]
pub(crate) struct StageProcesses {
    pub(crate) services: Arc<Cast>,
    pub(crate) redis: Option<Arc<parts::redis::Server>>,
    pub(crate) client: reqwest::Client,
    pub(crate) port_offset: u16,
    pub(crate) world: World,
}

impl StageProcesses {
    fn member(&self, name: &str) -> Result<&Member, String> {
        match name {
            REDIS if self.world.has_stores() => {
                self.redis.as_deref().map(parts::redis::Server::member).ok_or_else(|| {
                    "this stage uses a Redis of yours (--redis-url): it is not ours to end; run without that option"
                        .to_owned()
                })
            }
            services::LOAD_GENERATOR => Err("a run without its load generator measures nothing".to_owned()),
            _ => self.services.member(name).ok_or_else(|| {
                let names = services::of(self.world).iter().map(|s| s.name).filter(|s| *s != services::LOAD_GENERATOR);
                let names: Vec<&str> = names.chain(self.redis.as_ref().map(|_| REDIS)).collect();
                format!("there is no process {name}; there are {}", names.join(", "))
            }),
        }
    }

    async fn start_again(&self, name: &str) -> Result<String, String> {
        let child = self.member(name)?.start_again().map_err(|error| error.to_string())?;
        match (&self.redis, name) {
            (Some(redis), REDIS) => redis.ready().await.map_err(|error| error.to_string())?,
            _ => cast::ready(&self.client, &child, self.port_offset, Instant::now() + ANSWERS_WITHIN)
                .await
                .map_err(|error| error.to_string())?,
        }
        Ok(format!("{name} runs again as process {}", child.pid()))
    }
}

impl Processes for StageProcesses {
    fn id(&self, name: &str) -> Option<ProcessId> {
        let child = self.member(name).ok()?.child();
        if child.exit().is_some() { None } else { ProcessId::of(child.pid()) }
    }

    fn signal<'a>(&'a self, name: &'a str, signal: ProcessSignal) -> ProcessFuture<'a, ProcessId> {
        Box::pin(async move {
            let member = self.member(name)?;
            let gone = || format!("{name} does not run");
            let id = self.id(name).ok_or_else(gone)?;
            let heard = match signal {
                ProcessSignal::Kill => {
                    member.kill().await;
                    true
                }
                ProcessSignal::Pause => member.child().pause(),
                ProcessSignal::Resume => member.child().resume(),
            };
            heard.then_some(id).ok_or_else(gone)
        })
    }

    fn start<'a>(&'a self, name: &'a str) -> ProcessFuture<'a, String> {
        Box::pin(self.start_again(name))
    }
}
