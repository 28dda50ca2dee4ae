//! hyper's errors as ours.

use std::error::Error;
use std::io;

use tokio_rustls::rustls;

use crate::client::Failure;
use crate::client::answer::Malformed;

/// What `error` means to whoever waits for an answer.
pub(super) fn of(error: &hyper::Error) -> Failure {
    if error.is_parse_too_large() {
        return Malformed::HeadTooLong.into();
    }
    if error.is_parse() {
        return Failure::Protocol(error.to_string());
    }
    if error.is_user() {
        return Failure::Request(with_causes(error));
    }
    if let Some(error) = find::<h2::Error>(error) {
        return of_http2(error);
    }
    if let Some(error) = find::<io::Error>(error) {
        return of_stream(error);
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return Failure::Closed;
    }
    Failure::Protocol(with_causes(error))
}

/// Whether the server ended the connection in good order and said that it has not seen this request.
pub(super) fn is_graceful_goodbye(error: &hyper::Error) -> bool {
    find::<h2::Error>(error)
        .is_some_and(|error| error.is_go_away() && error.is_remote() && error.reason() == Some(h2::Reason::NO_ERROR))
}

/// Why a TLS handshake failed, with what can be done about it.
pub(super) fn of_handshake(error: io::Error) -> io::Error {
    use rustls::CertificateError as Certificate;
    use rustls::Error as Tls;

    let remedy = match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        // The second is an authority of the same name whose key has changed.
        Some(Tls::InvalidCertificate(Certificate::UnknownIssuer | Certificate::BadSignature)) => {
            "`ca_file` names the certificate that signs it"
        }
        Some(Tls::InvalidMessage(_)) => "the server does not seem to speak TLS there: is it http, or another port?",
        None if error.kind() == io::ErrorKind::UnexpectedEof => "the server closed the connection in the middle of it",
        _ => return error,
    };
    io::Error::new(error.kind(), format!("{error} ({remedy})"))
}

fn of_http2(error: &h2::Error) -> Failure {
    if let Some(error) = error.get_io() {
        return of_stream(error);
    }
    if error.is_library() {
        return Failure::Protocol(error.to_string());
    }
    if error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR) {
        return Failure::Closed;
    }
    Failure::Reset(io::Error::new(io::ErrorKind::ConnectionReset, error.to_string()))
}

fn of_stream(error: &io::Error) -> Failure {
    match error.kind() {
        // The second is what h2 says as well where the server has closed the connection.
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => Failure::Closed,
        // What hyper makes of chunks that are none, and rustls of records.
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Failure::Protocol(error.to_string()),
        kind => Failure::Reset(io::Error::new(kind, error.to_string())),
    }
}

/// The first cause of that type. hyper promises none of them; the tests notice when one is gone.
fn find<E: Error + 'static>(error: &hyper::Error) -> Option<&E> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

fn with_causes(error: &hyper::Error) -> String {
    causes(error).fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

fn causes(error: &hyper::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| (*cause).source())
}
