//! Binding ports, with a remedy where that fails.

use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpListener;

use crate::options::ServeError;

/// Binds one of the console's ports; `flag` is what a user would change.
pub(crate) async fn bind(what: &'static str, ip: IpAddr, port: u16, flag: &str) -> Result<TcpListener, ServeError> {
    let address = SocketAddr::new(ip, port);
    TcpListener::bind(address).await.map_err(|source| {
        let remedy = match source.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!("another program has port {port}: end it (`ss -ltnp sport = :{port}` names it) or choose another port with {flag}")
            }
            std::io::ErrorKind::PermissionDenied => format!("ports below 1024 need privileges: choose another with {flag}"),
            std::io::ErrorKind::AddrNotAvailable => "this machine does not have that address: choose another with --bind".into(),
            _ => format!("choose another address or port with --bind and {flag}"),
        };
        ServeError::Bind { what, address, remedy, source }
    })
}
