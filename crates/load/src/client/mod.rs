//! A thin HTTP/1.1 client for one target: connections are kept and reused, answers are read where they arrive.
//!
//! It does what an open-model generator needs and no more: no redirects, no cookies, no decompression, no TLS. A
//! [`Client`] belongs to one thread. Start at [`Client::send`].
mod answer;
mod connection;
mod failure;
mod hyper_client;
mod pool;
#[cfg(test)]
mod tests;
mod transport;

pub(crate) use connection::Exchange;
pub(crate) use failure::Failure;
pub(crate) use hyper_client::{HyperClient, Secure, Tls, TlsError, Verify};
pub(crate) use pool::{Answer, Client};
pub(crate) use transport::Transport;
