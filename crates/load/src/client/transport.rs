//! How a target is talked to.

use super::{Answer, Client, Exchange, Failure, HyperClient};
use crate::target::{Destination, Protocol};

/// Sends requests to one target. Belongs to one thread.
#[derive(Debug)]
pub(crate) enum Transport {
    /// HTTP/1.1 without TLS: the thin client.
    Thin(Client),
    /// Everything else.
    Hyper(HyperClient),
}

impl Transport {
    /// The cheapest that speaks what `destination` does. Connects when it has to.
    pub(crate) fn new(destination: &Destination) -> Self {
        let addresses = destination.addresses.clone();
        match &destination.protocol {
            Protocol::Http1 => Self::Thin(Client::new(addresses)),
            Protocol::Http2 => Self::Hyper(HyperClient::new(addresses, None, true)),
            Protocol::Tls(tls) => Self::Hyper(HyperClient::new(addresses, Some(tls.clone()), true)),
        }
    }

    /// Sends a request and waits for the whole answer, until its deadline, connecting included. Cancelling ends the request.
    pub(crate) async fn send(&self, exchange: Exchange<'_>) -> Result<Answer, Failure> {
        match self {
            Self::Thin(client) => client.send(exchange).await,
            // In a box of its own: its state is five times the thin client's, which every visit under way would carry.
            Self::Hyper(client) => Box::pin(client.send(exchange)).await,
        }
    }

    /// Connections opened so far.
    pub(crate) fn opened(&self) -> u64 {
        match self {
            Self::Thin(client) => client.opened(),
            Self::Hyper(client) => client.opened(),
        }
    }

    /// Requests that were sent again because a kept connection had gone stale.
    pub(crate) fn retried(&self) -> u64 {
        match self {
            Self::Thin(client) => client.retried(),
            Self::Hyper(client) => client.retried(),
        }
    }
}
