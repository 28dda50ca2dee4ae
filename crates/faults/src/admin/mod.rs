//! Faults inside a service, by its HTTP admin: `docs/services.md` has the endpoints.
//!
//! [`Admin`] asks one service, [`pools`] finds a pool among all of them, [`AdminUndo`] takes back whatever was asked for.
mod client;
pub(crate) mod pools;
mod undo;

pub(crate) use client::Admin;
pub(crate) use undo::{AdminUndo, Effect};
