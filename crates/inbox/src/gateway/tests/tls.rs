//! Keys go over TLS, and only to whom they are for.

use std::sync::Arc;

use tokio::io::AsyncReadExt;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::{TlsAcceptor, rustls};

use super::stub::Says;
use super::*;

#[tokio::test]
async fn a_server_that_nobody_vouches_for_gets_nothing() {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], PrivatePkcs8KeyDer::from(signing_key.serialize_der()).into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (connection, _) = listener.accept().await.unwrap();
        let mut received = Vec::new();
        if let Ok(mut stream) = acceptor.accept(connection).await {
            // How the connection ends does not matter, what came over it does.
            let _ = stream.read_to_end(&mut received).await;
        }
        received
    });
    let gateway = Gateway::new(config_of(port), nobody);
    let error = error(classify(&gateway).await);
    assert_eq!(error.code(), "llm_unavailable");
    assert!(error.to_string().contains("invalid peer certificate"), "{error}");
    let received = server.await.unwrap();
    assert!(received.is_empty(), "{}", String::from_utf8_lossy(&received));
}

#[tokio::test]
async fn an_address_with_https_is_never_spoken_to_without_tls() {
    let stub = Stub::start([Says::ok(Way::GeminiKey.says(OFFER))]).await;
    let error = error(classify(&Gateway::new(config_of(stub.port()), nobody)).await);
    assert_eq!(error.code(), "llm_unavailable");
    let expected = rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType).to_string();
    assert!(error.to_string().ends_with(&expected), "{error}");
    assert!(stub.seen().is_empty());
}

fn config_of(port: u16) -> LlmConfig {
    config(&Way::GeminiKey.vars(&format!("https://127.0.0.1:{port}")))
}
