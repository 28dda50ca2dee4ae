//! Servers to send to, each on a thread and runtime of its own.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::{TlsAcceptor, rustls};
use tokio_util::sync::{CancellationToken, DropGuard};

/// What a script talks through.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A running server. It ends when it is dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    /// Connections that came as far as a script: TLS done.
    connections: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<Seen>>>,
    _stop: DropGuard,
}

/// A request that hyper's server has read.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) version: Version,
    pub(super) uri: String,
    pub(super) body: Bytes,
}

impl Server {
    /// Accepts connections, with TLS if it is given, and leaves each to the script together with its number, from 0.
    pub(super) fn start<S, F>(tls: Option<Arc<ServerConfig>>, script: S) -> Self
    where
        S: Fn(Box<dyn Stream>, usize) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let (tell, told) = mpsc::channel();
        let connections = Arc::new(AtomicUsize::new(0));
        let stop = CancellationToken::new();
        let (counted, stopped, script) = (Arc::clone(&connections), stop.clone(), Arc::new(script));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                let acceptor = tls.map(TlsAcceptor::from);
                while let Some(accepted) = stopped.run_until_cancelled(listener.accept()).await {
                    let (stream, _) = accepted.unwrap();
                    stream.set_nodelay(true).unwrap();
                    let (acceptor, counted, script) = (acceptor.clone(), Arc::clone(&counted), Arc::clone(&script));
                    tokio::spawn(async move {
                        let stream: Box<dyn Stream> = match acceptor {
                            Some(acceptor) => match acceptor.accept(stream).await {
                                Ok(stream) => Box::new(stream),
                                Err(_) => return,
                            },
                            None => Box::new(stream),
                        };
                        script(stream, counted.fetch_add(1, Ordering::Relaxed)).await;
                    });
                }
            });
        });
        Self { address: told.recv().unwrap(), connections, seen: Arc::default(), _stop: stop.drop_guard() }
    }

    /// hyper's server for both protocols, with a bound of streams on each connection.
    pub(super) fn hyper<H, F>(tls: Option<Arc<ServerConfig>>, max_streams: Option<u32>, handler: H) -> Self
    where
        H: Fn(Seen) -> F + Send + Sync + 'static,
        F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
    {
        let (handler, seen) = (Arc::new(handler), Arc::new(Mutex::new(Vec::new())));
        let written = Arc::clone(&seen);
        let server = Self::start(tls, move |stream, _| {
            let (handler, written) = (Arc::clone(&handler), Arc::clone(&written));
            let service = service_fn(move |request: Request<Incoming>| {
                let (handler, written) = (Arc::clone(&handler), Arc::clone(&written));
                async move {
                    let (version, uri) = (request.version(), request.uri().to_string());
                    let seen = Seen { version, uri, body: request.into_body().collect().await?.to_bytes() };
                    written.lock().unwrap().push(seen.clone());
                    Ok::<_, hyper::Error>(handler(seen).await)
                }
            });
            async move {
                let mut builder = auto::Builder::new(TokioExecutor::new());
                builder.http2().max_concurrent_streams(max_streams);
                let _ = builder.serve_connection(TokioIo::new(stream), service).await;
            }
        });
        Self { seen, ..server }
    }

    /// hyper's server, which answers everything.
    pub(super) fn answering(tls: Option<Arc<ServerConfig>>) -> Self {
        Self::hyper(tls, None, |_| async { ok() })
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

pub(super) fn ok() -> Response<Full<Bytes>> {
    Response::new(Full::from("{}"))
}

/// Who signs certificates.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(super) fn new() -> Self {
        Self::named("an authority")
    }

    pub(super) fn named(name: &str) -> Self {
        let mut params = authority_params();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(super) fn pem(&self) -> Vec<u8> {
        self.0.pem().into_bytes()
    }

    /// A server for `localhost` and 127.0.0.1 that speaks these protocols.
    pub(super) fn server(&self, protocols: &[&str]) -> Arc<ServerConfig> {
        self.server_with(&["localhost", "127.0.0.1"], false, protocols)
    }

    pub(super) fn server_with(&self, names: &[&str], is_expired: bool, protocols: &[&str]) -> Arc<ServerConfig> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        if is_expired {
            params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        server_config(certificate.der().clone(), &key, protocols)
    }
}

/// What `openssl req -x509` makes: a certificate that is its own authority. With it, its PEM.
pub(super) fn own_authority(is_expired: bool) -> (Arc<ServerConfig>, Vec<u8>) {
    let mut params = authority_params();
    if is_expired {
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    }
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (server_config(certificate.der().clone(), &key, &["h2"]), certificate.pem().into_bytes())
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn server_config(certificate: CertificateDer<'static>, key: &KeyPair, protocols: &[&str]) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let mut config = config.with_single_cert(vec![certificate], key).unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    Arc::new(config)
}

/// Ends without TLS saying so, after what was written has had time to leave.
pub(super) async fn vanish(stream: Box<dyn Stream>) {
    tokio::time::sleep(Duration::from_millis(20)).await;
    drop(stream);
}
