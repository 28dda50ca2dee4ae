//! Whether a part answers anything at all.

use std::io;
use std::time::Duration;

use reqwest::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Seen;
use crate::kinds::REDIS;
use crate::{FaultError, Target};

/// A part that is well answers in milliseconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);
/// Where a URL of Redis names no port.
const REDIS_PORT: u16 = 6379;

/// Whether nothing answers where the service `part`, or Redis, was.
pub(super) async fn unreachable(target: &Target, part: &str) -> Result<Seen, FaultError> {
    let url = match part {
        REDIS => target.redis_url(),
        service => target.service_url(service),
    };
    let url = url.and_then(|url| Url::parse(url).ok()).ok_or_else(|| FaultError::NoAddress {
        service: part.to_owned(),
        known: target
            .services()
            .map(|(name, _)| name.to_owned())
            .chain(target.redis_url().map(|_| REDIS.to_owned()))
            .collect(),
    })?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(REDIS_PORT);
    // To either, the other one's words are nonsense, which is answered too.
    let question = match part {
        REDIS => "PING\r\n".to_owned(),
        _ => format!("GET /health HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"),
    };
    let answered = timeout(ANSWER_WITHIN, ask(host, port, &question)).await;
    Ok(match answered {
        Ok(Ok(())) => Seen { holds: false, seen: format!("{part} answers on port {port}") },
        Ok(Err(error)) => Seen { holds: true, seen: format!("{part} does not answer on port {port}: {error}") },
        Err(_) => Seen {
            holds: true,
            seen: format!(
                "{part} takes connections on port {port} and does not answer within {} s",
                ANSWER_WITHIN.as_secs()
            ),
        },
    })
}

/// Returns when the first byte of an answer is there.
async fn ask(host: &str, port: u16, question: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect((host, port)).await?;
    stream.write_all(question.as_bytes()).await?;
    match stream.read(&mut [0; 1]).await? {
        0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it hung up")),
        _ => Ok(()),
    }
}
