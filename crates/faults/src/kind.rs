//! What every kind has: arguments that are checked, an act, an undo.

use scenario::Clock;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::FaultError;
use crate::arguments::Arguments;
use crate::attempt::Attempt;
use crate::kinds::Undo;

/// After a fault's end, in seconds, a service ends it by itself, should nobody be left who could.
const GRACE_S: f64 = 30.0;

/// A kind of fault: its arguments are the type itself.
pub(crate) trait Kind: DeserializeOwned + JsonSchema {
    /// As scenario files call it.
    const NAME: &'static str;
    /// What it does, in one line.
    const SUMMARY: &'static str;
    /// Everything that is needed to put it back, also by another process, also without the arguments.
    type Undo: PutBack;

    /// Arguments as somebody would write them.
    fn example() -> Value;

    /// Asks for every argument, so that all mistakes are found.
    fn check(arguments: &mut Arguments<'_>);

    /// Looks at what is there. Changes nothing. Refuses when the fault would make no difference.
    async fn capture(&self, moment: &Moment<'_>, attempt: &Attempt<'_>) -> Result<Self::Undo, FaultError>;

    /// Does it. May run again after a failure whose outcome is not known. Returns what was done, in words.
    async fn act(&self, moment: &Moment<'_>, undo: &Self::Undo, attempt: &Attempt<'_>) -> Result<String, FaultError>;
}

/// How a kind is put back.
pub(crate) trait PutBack {
    /// Looks at what is there and does what is missing, then looks again. Returns what was seen, in words.
    async fn put_back(&self, attempt: &Attempt<'_>) -> Result<String, FaultError>;

    /// What somebody types to do the same.
    fn by_hand(&self) -> String;
}

/// When a fault is put in, and beside which others.
pub(crate) struct Moment<'a> {
    /// The fault's id in the scenario.
    pub(crate) fault: &'a str,
    /// Unix seconds at which it begins and ends.
    pub(crate) from_unix: f64,
    pub(crate) until_unix: f64,
    pub(crate) clock: &'a Clock,
    /// Undos of faults that are in at the moment: what they took away can't be looked up any more.
    pub(crate) others: &'a [Undo],
}

impl Moment<'_> {
    /// Unix seconds at which a service ends the fault by itself.
    pub(crate) fn dead_mans_switch_unix(&self) -> f64 {
        self.until_unix + GRACE_S
    }
}
