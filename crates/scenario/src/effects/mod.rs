//! What faults do to that which the prediction simulates: the one place where it reads a fault's arguments.
//!
//! One file for each family: a service that gets slow ([`ServiceTime`]), connections that get fewer ([`Connections`]),
//! parts that fail or stall ([`Route`], by the tables of the worlds in [`shop`] and [`inbox`]), clients that try again ([`Retries`]).
//! [`changes`] says at which minutes any of it begins or ends.
//!
//! Arguments that can't be read have no effect here: the fault's own kind has reported them.
mod calls;
mod changes;
mod clients;
mod connections;
mod inbox;
mod outages;
mod retries;
mod route;
mod shop;
mod slow_service;
mod stretch;

pub(crate) use calls::{Forgives, STATEMENT_TIMEOUT};
pub(crate) use changes::{changes, disturbed};
pub(crate) use clients::{MALFORMED_REQUEST, PROMPT_BLOAT, SLOW_REQUEST};
pub(crate) use connections::{Change, Connections, LEAK_CONNECTIONS};
pub(crate) use outages::{Hazard, Trouble};
pub(crate) use retries::{RETRY_STORM, Retries};
pub(crate) use route::{Route, Stop};
pub(crate) use slow_service::{STORAGE_WAIT, ServiceTime};
pub(crate) use stretch::Stretch;
