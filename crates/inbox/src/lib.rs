//! The inbox: a service that has a language model say what an e-mail wants.
//!
//! [`serve`] runs it. A mail becomes a prompt (`prompt`), the gateway has a model answer it (`gateway`, `model`), the answer
//! is read (`answer`), priced (`prices`) and measured (`service`). A model is whatever implements `model::Model`; one that is
//! part of this program (`embedded`) is always there.
//!
//! What this crate deliberately does not do: know scenarios, faults, or that it is being watched. Start with
//! `docs/inbox.md`.

mod answer;
mod config;
mod embedded;
mod gateway;
mod intent;
mod mail;
mod model;
mod prices;
mod prompt;
mod secret;
mod service;
mod tokens;

pub use embedded::{Accuracy, Confidence, Miss, accuracy, cross_validated_accuracy, learned_weights};
pub use service::{SERVICE, serve, start};
