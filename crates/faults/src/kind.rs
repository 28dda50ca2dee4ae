//! What every kind has, and the one place where they are all named.

use scenario::ArgMistake;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;

use crate::arguments::Arguments;
use crate::drop_index::{DropIndex, DropIndexUndo};
use crate::storage_wait::{StorageWait, StorageWaitUndo};
use crate::{FaultError, Target};

/// A kind of fault: its arguments are the type itself.
pub(crate) trait Kind: DeserializeOwned + JsonSchema {
    /// As scenario files call it.
    const NAME: &'static str;
    /// Everything that is needed to put it back, also by another process, also without the arguments.
    type Undo: PutBack;

    /// Asks for every argument, so that all mistakes are found.
    fn check(arguments: &mut Arguments<'_>);

    /// Looks at what is there. Changes nothing. Refuses when the fault would make no difference.
    async fn capture(&self, moment: &Moment<'_>, connection: &mut PgConnection) -> Result<Self::Undo, FaultError>;

    /// Does it. May run again after a failure whose outcome is not known. Returns what was done, in words.
    async fn act(
        &self,
        moment: &Moment<'_>,
        undo: &Self::Undo,
        connection: &mut PgConnection,
    ) -> Result<String, FaultError>;
}

/// How a kind is put back.
pub(crate) trait PutBack {
    /// Looks at what is there and does what is missing, then looks again. Returns what was seen, in words.
    async fn put_back(&self, connection: &mut PgConnection) -> Result<String, FaultError>;

    /// What somebody types to do the same.
    fn by_hand(&self) -> String;
}

/// Where and when a fault is put in.
pub(crate) struct Moment<'a> {
    pub(crate) target: &'a Target,
    /// The fault's id in the scenario.
    pub(crate) fault: &'a str,
    /// Unix seconds at which it begins and ends.
    pub(crate) from_unix: f64,
    pub(crate) until_unix: f64,
    pub(crate) clock: &'a scenario::Clock,
    /// Undos of faults that are in at the moment: what they took away can't be looked up any more.
    pub(crate) others: &'a [Undo],
}

/// A fault with its arguments.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
    DropIndex(DropIndex),
    StorageWait(StorageWait),
}

/// The undo of a fault, as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Undo {
    /// Of `drop_index`.
    DropIndex(DropIndexUndo),
    /// Of `storage_wait`.
    StorageWait(StorageWaitUndo),
}

/// What is known of a kind without its being used.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) check: fn(&Value) -> Vec<ArgMistake>,
    pub(crate) schema: fn() -> Value,
    parse: fn(&Value) -> serde_json::Result<Deed>,
}

/// Every kind.
pub(crate) const KINDS: [Entry; 2] = [
    entry::<DropIndex>(|v| DropIndex::deserialize(v).map(Deed::DropIndex)),
    entry::<StorageWait>(|v| StorageWait::deserialize(v).map(Deed::StorageWait)),
];

const fn entry<K: Kind>(parse: fn(&Value) -> serde_json::Result<Deed>) -> Entry {
    Entry { name: K::NAME, check: check::<K>, schema: schema::<K>, parse }
}

fn check<K: Kind>(args: &Value) -> Vec<ArgMistake> {
    let mut arguments = Arguments::of(args);
    K::check(&mut arguments);
    arguments.finish()
}

fn schema<K: Kind>() -> Value {
    schemars::schema_for!(K).to_value()
}

impl Deed {
    /// The fault `kind` with `args`.
    pub(crate) fn parse(kind: &str, args: &Value) -> Result<Self, FaultError> {
        let entry =
            KINDS.iter().find(|e| e.name == kind).ok_or_else(|| FaultError::UnknownKind { kind: kind.to_owned() })?;
        let mistakes = (entry.check)(args);
        let wrong = |reason: String| FaultError::Arguments { kind: kind.to_owned(), reason };
        if !mistakes.is_empty() {
            let all: Vec<String> = mistakes.into_iter().map(|m| format!("{} ({})", m.message, m.remedy)).collect();
            return Err(wrong(all.join("; ")));
        }
        (entry.parse)(args).map_err(|e| wrong(e.to_string()))
    }

    pub(crate) async fn capture(&self, moment: &Moment<'_>, connection: &mut PgConnection) -> Result<Undo, FaultError> {
        match self {
            Self::DropIndex(kind) => kind.capture(moment, connection).await.map(Undo::DropIndex),
            Self::StorageWait(kind) => kind.capture(moment, connection).await.map(Undo::StorageWait),
        }
    }

    /// `undo` is what [`Deed::capture`] returned.
    pub(crate) async fn act(
        &self,
        moment: &Moment<'_>,
        undo: &Undo,
        connection: &mut PgConnection,
    ) -> Result<String, FaultError> {
        match (self, undo) {
            (Self::DropIndex(kind), Undo::DropIndex(undo)) => kind.act(moment, undo, connection).await,
            (Self::StorageWait(kind), Undo::StorageWait(undo)) => kind.act(moment, undo, connection).await,
            _ => Err(FaultError::refused("the undo is another kind's")),
        }
    }
}

impl PutBack for Undo {
    async fn put_back(&self, connection: &mut PgConnection) -> Result<String, FaultError> {
        match self {
            Self::DropIndex(undo) => undo.put_back(connection).await,
            Self::StorageWait(undo) => undo.put_back(connection).await,
        }
    }

    fn by_hand(&self) -> String {
        match self {
            Self::DropIndex(undo) => undo.by_hand(),
            Self::StorageWait(undo) => undo.by_hand(),
        }
    }
}
