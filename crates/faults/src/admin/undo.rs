//! Taking back what a service was asked for.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::FaultError;
use crate::attempt::Attempt;
use crate::kind::PutBack;
use crate::kinds::Undo;

use super::{Admin, client::below, pools};

/// A fault inside a service: where it is, and which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AdminUndo {
    service: String,
    /// The service's own address: a recovery may know of the service nothing else.
    base: String,
    effect: Effect,
}

/// What a service can be asked for. It ends each by itself when its time is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub(crate) enum Effect {
    /// A filter that delays or refuses requests.
    Filter { id: String },
    /// Another size of a pool.
    PoolSize { pool: String },
    /// Connections of a pool that are not given back.
    PoolLeak { pool: String },
    /// Requests of a stream that are sent again when they fail.
    Retries { stream: String },
    /// Requests of a stream that are changed on their way out.
    Tampering { stream: String },
}

impl Effect {
    /// Where it is put and deleted.
    fn path(&self) -> Vec<&str> {
        match self {
            Self::Filter { id } => vec!["admin", "faults", id],
            Self::PoolSize { pool } => vec!["admin", "pools", pool, "size"],
            Self::PoolLeak { pool } => vec!["admin", "pools", pool, "leak"],
            Self::Retries { stream } => vec!["admin", "retries", stream],
            Self::Tampering { stream } => vec!["admin", "tampering", stream],
        }
    }

    /// Whether it can be seen from the moment on at which it was asked for.
    fn shows_at_once(&self) -> bool {
        !matches!(self, Self::PoolLeak { .. })
    }

    fn words(&self) -> String {
        match self {
            Self::Filter { id } => format!("fault filter {id}"),
            Self::PoolSize { pool } => format!("other limit of pool {pool}"),
            Self::PoolLeak { pool } => format!("leak of pool {pool}"),
            Self::Retries { stream } => format!("retries of stream {stream}"),
            Self::Tampering { stream } => format!("tampering with stream {stream}"),
        }
    }

    /// What can still be seen of it, in words; `None` if nothing.
    async fn left(&self, admin: &Admin<'_>) -> Result<Option<String>, FaultError> {
        let still = |is_there: bool| is_there.then(|| format!("{} still has the {}", admin.service(), self.words()));
        match self {
            Self::Filter { id } => {
                let filters = admin.list("faults").await?;
                Ok(still(filters.iter().any(|filter| filter["id"] == id.as_str())))
            }
            Self::Retries { stream } => {
                // A stream stays in the list with what it has sent.
                let retries = admin.list("retries").await?;
                Ok(still(retries.iter().any(|entry| entry["stream"] == stream.as_str() && entry["retries"] != 0)))
            }
            Self::Tampering { stream } => {
                // It stays in the list with what was changed.
                let streams = admin.list("tampering").await?;
                let is_it = |entry: &Value| entry["stream"] == stream.as_str() && !entry["kind"].is_null();
                Ok(still(streams.iter().any(is_it)))
            }
            Self::PoolSize { pool } => {
                let pool = pools::in_service(admin, pool).await?;
                Ok(pool.filter(|p| p.configured.is_some_and(|own| own != p.max)).map(|p| {
                    format!("the limit of pool {} is {} instead of {}", p.name, p.max, p.configured.unwrap_or_default())
                }))
            }
            Self::PoolLeak { pool } => {
                let pool = pools::in_service(admin, pool).await?;
                Ok(pool
                    .filter(|p| p.leaked > 0)
                    .map(|p| format!("pool {} still leaks {} connections", p.name, p.leaked)))
            }
        }
    }
}

impl AdminUndo {
    pub(crate) fn new(admin: &Admin<'_>, effect: Effect) -> Self {
        Self { service: admin.service().to_owned(), base: admin.url(&[]).into(), effect }
    }

    /// The admin of the service: where the target has it, else where it was.
    fn admin<'a>(&'a self, attempt: &Attempt<'a>) -> Result<Admin<'a>, FaultError> {
        match attempt.target().service_url(&self.service) {
            Some(_) => attempt.admin(&self.service),
            None => Admin::at(attempt.target(), &self.service, &self.base),
        }
    }

    /// Refuses where the same is in already: the second would replace the first, and the undo of either would end both.
    pub(crate) fn alone(self, others: &[Undo]) -> Result<Self, FaultError> {
        if others.iter().any(|other| other.at_a_service() == Some(&self)) {
            let what = self.effect.words();
            return Err(FaultError::refused(format!(
                "the {what} of {} is another fault's: undo that one first",
                self.service
            )));
        }
        Ok(self)
    }

    /// Asks for the effect. Asking again replaces it.
    pub(crate) async fn put(&self, attempt: &Attempt<'_>, body: &Value) -> Result<Value, FaultError> {
        self.admin(attempt)?.put(&self.effect.path(), body).await
    }

    /// Why the service can't have the effect any more, if it is gone.
    ///
    /// A service that does not listen has lost it with its memory; one that is merely slow or stands still has not.
    async fn gone(&self, attempt: &Attempt<'_>, admin: &Admin<'_>) -> Result<Option<String>, FaultError> {
        let why = match admin.get(&["health"]).await {
            Ok(health) if health["service"] == self.service.as_str() => return Ok(None),
            Err(error) if error.is_refused_connection() => format!("nobody listens where {} was", self.service),
            Err(error) if error.is_transient() => return Err(error),
            // Its port is somebody else's now, who is not to be given orders.
            Ok(_) | Err(_) => format!("another program listens where {} was", self.service),
        };
        if let Some(process) = attempt.processes().and_then(|processes| processes.id(&self.service)) {
            return Err(FaultError::NotYet { reason: format!("{why}, but process {} runs", process.pid) });
        }
        Ok(Some(why))
    }
}

impl PutBack for AdminUndo {
    async fn put_back(&self, attempt: &Attempt<'_>) -> Result<String, FaultError> {
        let (service, effect) = (self.service.as_str(), self.effect.words());
        let admin = self.admin(attempt)?;
        if let Some(why) = self.gone(attempt, &admin).await? {
            return Ok(format!("{why}: the {effect} went with it"));
        }
        let before = self.effect.left(&admin).await?;
        // Also where nothing can be seen of it: a leak that has not begun yet would begin later.
        match admin.delete(&self.effect.path()).await {
            // A service that never heard of the pool or the stream has nothing of it; neither has one that takes no such order.
            Ok(_) | Err(FaultError::Status { status: 404, .. }) => {}
            Err(FaultError::Status { status: 400..=428 | 430..=499, .. })
                if before.is_none() && self.effect.shows_at_once() => {}
            Err(error) => return Err(error),
        }
        match self.effect.left(&admin).await? {
            Some(reason) => Err(FaultError::NotYet { reason }),
            None if before.is_some() => Ok(format!("{service} no longer has the {effect}")),
            None => Ok(format!("{service} has nothing of the {effect}")),
        }
    }

    fn by_hand(&self) -> String {
        let url = below(&self.base, &self.effect.path());
        format!("curl -X DELETE -H \"Authorization: Bearer $DOORBUSTER_ADMIN_TOKEN\" '{url}'")
    }
}
