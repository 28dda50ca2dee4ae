//! The HTTP API of the service: start, stop and look at the run, `/health` and `/ready`.
mod answers;
mod error;
mod guard;
mod health;
mod input;
mod retries;
mod routes;
mod streams;
mod tampering;

pub(crate) use guard::Guard;
pub(crate) use routes::router;
