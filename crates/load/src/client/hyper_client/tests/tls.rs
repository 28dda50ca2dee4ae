//! Who is trusted, what is spoken, and how a handshake fails.

use std::sync::Arc;

use http::Version;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::rustls::{self, ServerConfig};

use super::server::own_authority;
use super::*;
use crate::client::hyper_client::TlsError;

#[tokio::test]
async fn the_server_chooses_the_protocol() {
    let authority = Authority::new();
    let table: [(&[&str], Version); 4] = [
        (&["h2", "http/1.1"], Version::HTTP_2),
        (&["h2"], Version::HTTP_2),
        (&["http/1.1"], Version::HTTP_11),
        (&[], Version::HTTP_11),
    ];
    for (protocols, version) in table {
        let server = Server::answering(Some(authority.server(protocols)));
        let client = tls_client(server.address, &authority);
        for _ in 0..50 {
            assert_eq!(send(&client).await.unwrap(), Answer { status: 200, body_bytes: 2 });
        }
        let seen = server.seen();
        assert_eq!((client.opened(), seen.len()), (1, 50), "{protocols:?}");
        assert!(seen.iter().all(|seen| seen.version == version && seen.body == "{}"), "{protocols:?}: {:?}", seen[0]);
        let uri = if version == Version::HTTP_2 { "https://localhost/x?y=1" } else { "/x?y=1" };
        assert_eq!(seen[0].uri, uri);
    }
}

#[tokio::test]
async fn no_protocol_in_common_is_a_failed_handshake() {
    let authority = Authority::new();
    let server = Server::answering(Some(authority.server(&["spdy/3"])));
    let failure = send(&tls_client(server.address, &authority)).await.unwrap_err();
    assert!(failure.kind() == "tls" && failure.to_string().contains("NoApplicationProtocol"), "{failure}");
}

#[tokio::test]
async fn a_wrong_certificate_is_a_failed_handshake_and_nothing_is_sent() {
    let authority = Authority::new();
    let right = authority.server(&["h2"]);
    let table = [
        (Arc::clone(&right), secure("localhost", Verify::CaFile(Authority::new().pem())), "`ca_file` names"),
        (Arc::clone(&right), secure("localhost", Verify::CaFile(Authority::named("b").pem())), "`ca_file` names"),
        (Arc::clone(&right), secure("localhost", Verify::PublicRoots), "UnknownIssuer"),
        (Arc::clone(&right), secure("shop.test", Verify::CaFile(authority.pem())), "shop.test"),
        (Arc::clone(&right), secure("127.0.0.2", Verify::CaFile(authority.pem())), "127.0.0.2"),
        (
            authority.server_with(&["localhost"], true, &["h2"]),
            secure("localhost", Verify::CaFile(authority.pem())),
            "expired",
        ),
    ];
    for (config, tls, expected) in table {
        let server = Server::answering(Some(config));
        let client = HyperClient::new(vec![server.address], Some(tls), false);
        for outcome in join_all((0..3).map(|_| send(&client))).await {
            let failure = outcome.unwrap_err();
            assert!(failure.kind() == "tls" && failure.to_string().contains(expected), "{expected}: {failure}");
        }
        assert_eq!((server.seen().len(), client.opened()), (0, 0), "{expected}");
    }
    let server = Server::answering(Some(right));
    for host in ["localhost", "127.0.0.1"] {
        let tls = secure(host, Verify::CaFile(authority.pem()));
        let client = HyperClient::new(vec![server.address], Some(tls), false);
        assert_eq!(send(&client).await.unwrap().status, 200, "{host}");
    }
}

#[tokio::test]
async fn insecure_accepts_any_certificate() {
    let authority = Authority::new();
    for config in [authority.server(&[]), authority.server_with(&["elsewhere.test"], true, &[]), own_authority(true).0]
    {
        let server = Server::answering(Some(config));
        let client = HyperClient::new(vec![server.address], Some(secure("localhost", Verify::Insecure)), false);
        assert_eq!(send(&client).await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn a_certificate_that_signed_itself_is_accepted_if_it_is_the_one_in_the_file() {
    let (config, pem) = own_authority(false);
    let (expired, expired_pem) = own_authority(true);
    let table = [
        (Arc::clone(&config), secure("localhost", Verify::CaFile(pem.clone())), None),
        (Arc::clone(&config), secure("shop.test", Verify::CaFile(pem)), Some("shop.test")),
        (config, secure("localhost", Verify::CaFile(own_authority(false).1)), Some("tls")),
        (expired, secure("localhost", Verify::CaFile(expired_pem)), Some("expired")),
    ];
    for (config, tls, expected) in table {
        let server = Server::answering(Some(config));
        let client = HyperClient::new(vec![server.address], Some(tls), false);
        match (send(&client).await, expected) {
            (Ok(answer), None) => assert_eq!(answer.status, 200),
            (Err(failure), Some(expected)) => {
                let said = format!("{}: {failure}", failure.kind());
                assert!(said.starts_with("tls: ") && said.contains(expected), "{said}");
            }
            (outcome, expected) => panic!("{outcome:?}, expected {expected:?}"),
        }
    }
}

#[tokio::test]
async fn the_older_version_of_tls_is_spoken_too() {
    let authority = Authority::new();
    let config = Arc::unwrap_or_clone(authority.server(&["h2"]));
    let resolver = Arc::clone(&config.cert_resolver);
    let old = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let old = old.with_protocol_versions(&[&rustls::version::TLS12]).unwrap();
    let old = old.with_no_client_auth().with_cert_resolver(resolver);
    let server = Server::answering(Some(Arc::new(old)));
    for verify in [Verify::CaFile(authority.pem()), Verify::Insecure] {
        let client = HyperClient::new(vec![server.address], Some(secure("localhost", verify)), false);
        assert_eq!(send(&client).await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn a_plain_server_behind_https_is_a_failed_handshake_that_says_so() {
    let server = Server::answering(None);
    let client = tls_client(server.address, &Authority::new());
    let failure = send(&client).await.unwrap_err();
    assert!(failure.kind() == "tls" && failure.to_string().contains("is it http"), "{failure}");
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn a_server_that_hangs_up_in_the_handshake_is_a_failed_handshake() {
    let server = Server::start(None, async |mut stream, _| {
        let _ = stream.read(&mut [0; 100]).await;
        stream.shutdown().await.unwrap();
        // Whatever is still coming has to be read, or closing would be a reset.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    let failure = send(&tls_client(server.address, &Authority::new())).await.unwrap_err();
    assert!(failure.kind() == "tls" && failure.to_string().contains("in the middle"), "{failure}");
}

#[tokio::test]
async fn a_stalled_handshake_is_a_connect_timeout_unless_the_answer_was_due_before() {
    let server = Server::start(None, async |_stream, _| std::future::pending().await);
    let client = tls_client(server.address, &Authority::new());
    let began = Instant::now();
    let failure = send_within(&client, REQUEST, Duration::from_millis(50)).await.unwrap_err();
    assert!(matches!(failure, Failure::Timeout) && began.elapsed() >= Duration::from_millis(50), "{failure}");
    let (one, another) = tokio::join!(send(&client), send(&client));
    for outcome in [one, another] {
        assert!(matches!(outcome, Err(Failure::ConnectTimeout)), "{outcome:?}");
    }
    assert!((2_000..8_000).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
    assert_eq!(client.opened(), 0);
}

#[test]
fn what_is_wrong_with_a_target_is_named_before_anything_is_opened() {
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let table = [
        (String::new(), "holds no certificate"),
        ("not PEM at all".to_owned(), "holds no certificate"),
        (key, "holds no certificate"),
        ("-----BEGIN CERTIFICATE-----\n\u{e9}\n-----END CERTIFICATE-----\n".to_owned(), "not PEM"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n".to_owned(), "not PEM"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned(), "certificate 1 of"),
    ];
    for (pem, expected) in table {
        let verify = Verify::CaFile(pem.clone().into_bytes());
        let error = Tls::new(&Secure { host: "localhost".into(), verify }).unwrap_err();
        assert!(error.to_string().contains(expected), "{pem:?}: {error}");
    }
    let error = Tls::new(&Secure { host: "no name".into(), verify: Verify::PublicRoots }).unwrap_err();
    assert!(matches!(&error, TlsError::Host { .. }) && error.to_string().contains("\"no name\""), "{error}");
}
