//! Sending requests: a thin HTTP/1.1 client of our own where that is enough, hyper for TLS and HTTP/2.
//!
//! Both do what an open-model generator needs and no more: no redirects, no cookies, no decompression. A [`Transport`] is
//! one target's and belongs to one thread. Start at [`Transport::send`].
mod answer;
mod connection;
mod drip;
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
