//! The fault kinds, and the one place where they are all named.
mod catalogue;
mod drop_index;
mod filter;
mod http_error;
mod http_latency;
mod kill_redis;
mod kill_service;
mod leak_connections;
mod lock_table;
mod malformed_request;
mod pause_service;
mod prompt_bloat;
mod resize_pool;
mod retry_storm;
mod slow_request;
mod storage_wait;
mod tampering;
mod words;

use scenario::ArgMistake;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::FaultError;
use crate::admin::AdminUndo;
use crate::arguments::Arguments;
use crate::attempt::Attempt;
use crate::kind::{Kind, Moment, PutBack};

use drop_index::DropIndex;
use http_error::HttpError;
use http_latency::HttpLatency;
use kill_redis::KillRedis;
use kill_service::KillService;
use leak_connections::LeakConnections;
use lock_table::LockTable;
use malformed_request::MalformedRequest;
use pause_service::PauseService;
use prompt_bloat::PromptBloat;
use resize_pool::ResizePool;
use retry_storm::RetryStorm;
use slow_request::SlowRequest;
use storage_wait::StorageWait;

pub use catalogue::{KindInfo, Kinds, catalogue};
pub(crate) use kill_redis::REDIS;
pub(crate) use retry_storm::CLIENTS;
pub use words::parse_args;

/// What is known of a kind without its being used.
struct Entry {
    name: &'static str,
    summary: &'static str,
    check: fn(&Value) -> Vec<ArgMistake>,
    schema: fn() -> Value,
    example: fn() -> Value,
    parse: fn(&Value) -> serde_json::Result<Deed>,
}

/// Out of the list of kinds: the table of them, the fault with its arguments, and its undo as the journal keeps it.
macro_rules! kinds {
    ($($kind:ident),+ $(,)?) => {
        /// Every kind.
        const KINDS: &[Entry] = &[$(Entry {
            name: $kind::NAME,
            summary: $kind::SUMMARY,
            check: check::<$kind>,
            schema: schema::<$kind>,
            example: $kind::example,
            parse: |args| $kind::deserialize(args).map(Deed::$kind),
        }),+];

        /// A fault with its arguments.
        #[derive(Debug, Clone)]
        pub(crate) enum Deed { $($kind($kind)),+ }

        /// The undo of a fault, as the journal keeps it.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        pub(crate) enum Undo { $($kind(<$kind as Kind>::Undo)),+ }

        impl Deed {
            pub(crate) async fn capture(&self, moment: &Moment<'_>, attempt: &Attempt<'_>) -> Result<Undo, FaultError> {
                match self { $(Self::$kind(kind) => kind.capture(moment, attempt).await.map(Undo::$kind)),+ }
            }

            /// `undo` is what [`Deed::capture`] returned.
            pub(crate) async fn act(
                &self,
                moment: &Moment<'_>,
                undo: &Undo,
                attempt: &Attempt<'_>,
            ) -> Result<String, FaultError> {
                match (self, undo) {
                    $((Self::$kind(kind), Undo::$kind(undo)) => kind.act(moment, undo, attempt).await,)+
                    _ => Err(FaultError::refused("the undo is another kind's")),
                }
            }
        }

        impl Undo {
            /// The kind's name.
            pub(crate) fn kind(&self) -> &'static str {
                match self { $(Self::$kind(_) => $kind::NAME),+ }
            }
        }

        impl PutBack for Undo {
            async fn put_back(&self, attempt: &Attempt<'_>) -> Result<String, FaultError> {
                match self { $(Self::$kind(undo) => undo.put_back(attempt).await),+ }
            }

            fn by_hand(&self) -> String {
                match self { $(Self::$kind(undo) => undo.by_hand()),+ }
            }
        }
    };
}

kinds![
    DropIndex,
    StorageWait,
    LockTable,
    LeakConnections,
    ResizePool,
    HttpLatency,
    HttpError,
    KillService,
    PauseService,
    KillRedis,
    RetryStorm,
    MalformedRequest,
    SlowRequest,
    PromptBloat,
];

fn entry(kind: &str) -> Option<&'static Entry> {
    KINDS.iter().find(|entry| entry.name == kind)
}

fn check<K: Kind>(args: &Value) -> Vec<ArgMistake> {
    let mut arguments = Arguments::of(args);
    K::check(&mut arguments);
    arguments.finish()
}

fn schema<K: Kind>() -> Value {
    schemars::schema_for!(K).to_value()
}

impl Undo {
    /// What is asked of a service, if that is what it takes back.
    pub(crate) fn at_a_service(&self) -> Option<&AdminUndo> {
        match self {
            Self::LeakConnections(undo)
            | Self::ResizePool(undo)
            | Self::HttpLatency(undo)
            | Self::HttpError(undo)
            | Self::RetryStorm(undo)
            | Self::MalformedRequest(undo)
            | Self::SlowRequest(undo)
            | Self::PromptBloat(undo) => Some(undo),
            _ => None,
        }
    }
}

impl Deed {
    /// The fault `kind` with `args`.
    pub(crate) fn parse(kind: &str, args: &Value) -> Result<Self, FaultError> {
        let entry = entry(kind).ok_or_else(|| FaultError::UnknownKind { kind: kind.to_owned() })?;
        let mistakes = (entry.check)(args);
        let wrong = |reason: String| FaultError::Arguments { kind: kind.to_owned(), reason };
        if !mistakes.is_empty() {
            let all: Vec<String> = mistakes.into_iter().map(|m| format!("{} ({})", m.message, m.remedy)).collect();
            return Err(wrong(all.join("; ")));
        }
        (entry.parse)(args).map_err(|e| wrong(e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_journal_names_every_kind_as_scenario_files_do() {
        let process = json!({"pid": 7, "started": 8});
        let at_service = |of| json!({"service": "s", "base": "http://127.0.0.1:1/", "effect": of});
        let undos = [
            (
                "drop_index",
                json!({"indexes": [{"index": "s.i", "table": "s.t", "parent": null, "definition": "CREATE INDEX i", "shape": ""}]}),
            ),
            ("storage_wait", json!({"function": "s.f", "arguments": "", "definition": "CREATE", "aids": []})),
            ("lock_table", json!({"table": "s.t", "gid": "doorbuster-f-1"})),
            ("leak_connections", at_service(json!({"of": "pool_leak", "pool": "p"}))),
            ("resize_pool", at_service(json!({"of": "pool_size", "pool": "p"}))),
            ("http_latency", at_service(json!({"of": "filter", "id": "f"}))),
            ("http_error", at_service(json!({"of": "filter", "id": "f"}))),
            ("kill_service", json!({"process": "s", "id": process})),
            ("pause_service", json!({"process": "s", "id": process})),
            ("kill_redis", json!({"process": "redis", "id": process})),
            ("retry_storm", at_service(json!({"of": "retries", "stream": "s"}))),
            ("malformed_request", at_service(json!({"of": "tampering", "stream": "s"}))),
            ("slow_request", at_service(json!({"of": "tampering", "stream": "s"}))),
            ("prompt_bloat", at_service(json!({"of": "tampering", "stream": "s"}))),
        ];
        assert_eq!(undos.len(), KINDS.len());
        for ((name, mut line), entry) in undos.into_iter().zip(KINDS) {
            line["kind"] = json!(name);
            let undo: Undo = serde_json::from_value(line.clone()).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!((undo.kind(), entry.name), (name, name));
            assert_eq!(serde_json::to_value(&undo).expect("written"), line);
            assert!(!undo.by_hand().is_empty(), "{name}");
        }
    }
}
