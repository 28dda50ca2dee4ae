//! What a target needs to be spoken to over TLS: whom it has to be signed by, and the protocols that are offered.
//!
//! Made once for each target and shared by all threads, sessions included, so that connections are resumed as a
//! browser would.

use std::fmt;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_rustls::rustls;

/// The name of HTTP/2 in the handshake (RFC 9113, 3.2).
pub(super) const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// How a target is spoken to over TLS, as its owner says it.
#[derive(Debug, Clone)]
pub(crate) struct Secure {
    /// Name or address in its URL, without brackets: what its certificate has to be for.
    pub(crate) host: String,
    /// What its certificate is measured by.
    pub(crate) verify: Verify,
}

/// What a server's certificate is measured by.
#[derive(Debug, Clone)]
pub(crate) enum Verify {
    /// Mozilla's list of authorities.
    PublicRoots,
    /// These certificates (PEM, the content of `ca_file`) and no others.
    CaFile(Vec<u8>),
    /// Nothing: any certificate will do, whoever shows it.
    Insecure,
}

/// Why a target can't be spoken to over TLS. The user's mistakes, all of them.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// The file is something else.
    #[error(
        "`ca_file` holds no certificate: give the one that signs the server's, in PEM (-----BEGIN CERTIFICATE-----)"
    )]
    NoCertificate,
    /// The file is broken.
    #[error("`ca_file` is not PEM: {0}")]
    Pem(pem::Error),
    /// One of the certificates is broken.
    #[error("certificate {number} of `ca_file` can't be used: {source}")]
    Certificate {
        /// Position in the file, from 1.
        number: usize,
        /// Why.
        source: rustls::Error,
    },
    /// No certificate can be for it.
    #[error("the host {host:?} is neither a name nor an address that a certificate could be for")]
    Host {
        /// As it was given.
        host: String,
    },
}

/// What connections to one target are made with.
#[derive(Debug, Clone)]
pub(crate) struct Tls {
    config: Arc<ClientConfig>,
    server_name: ServerName<'static>,
}

impl Tls {
    /// # Errors
    /// [`TlsError`], if the host or the certificates are none.
    pub(crate) fn new(secure: &Secure) -> Result<Self, TlsError> {
        let server_name = ServerName::try_from(secure.host.clone());
        let server_name = server_name.map_err(|_| TlsError::Host { host: secure.host.clone() })?;
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider));
        let config = config.with_safe_default_protocol_versions().expect("ring has all that TLS 1.2 and 1.3 need");
        let config = match &secure.verify {
            Verify::PublicRoots => {
                config.with_root_certificates(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
            }
            Verify::CaFile(pem) => {
                config.dangerous().with_custom_certificate_verifier(OwnAuthority::new(pem, provider)?)
            }
            Verify::Insecure => config.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate(provider))),
        };
        let mut config = config.with_no_client_auth();
        config.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec()];
        Ok(Self { config: Arc::new(config), server_name })
    }

    pub(super) fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.config)
    }

    pub(super) fn server_name(&self) -> ServerName<'static> {
        self.server_name.clone()
    }
}

/// Accepts what the user's own authorities have signed, and their own certificates.
///
/// The second is what `openssl req -x509` makes: one certificate that is both the server's and its own authority. By the
/// letter that is not allowed, but who names it in `ca_file` could not say more clearly that it is the one.
#[derive(Debug)]
struct OwnAuthority {
    signed: Arc<WebPkiServerVerifier>,
    own: Vec<CertificateDer<'static>>,
}

impl OwnAuthority {
    fn new(pem: &[u8], provider: Arc<CryptoProvider>) -> Result<Arc<Self>, TlsError> {
        let own: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(TlsError::Pem)?;
        if own.is_empty() {
            return Err(TlsError::NoCertificate);
        }
        let mut roots = RootCertStore::empty();
        for (certificate, number) in own.iter().zip(1..) {
            roots.add(certificate.clone()).map_err(|source| TlsError::Certificate { number, source })?;
        }
        let signed = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        Ok(Arc::new(Self { signed: signed.expect("there is a root, and no revocation list"), own }))
    }
}

impl ServerCertVerifier for OwnAuthority {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.signed.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verified {
            // Not one of the reasons that have a name, such as its time being over: that it is an authority itself.
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(_))) if self.own.contains(end_entity) => {
                let parsed = rustls::server::ParsedCertificate::try_from(end_entity)?;
                rustls::client::verify_server_name(&parsed, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signed.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signed.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signed.supported_verify_schemes()
    }
}

/// Accepts any certificate, as `insecure` asks for: nobody knows who answers. That whoever does holds the certificate's
/// key is still checked, so that a broken handshake stays one.
struct AnyCertificate(Arc<CryptoProvider>);

impl fmt::Debug for AnyCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyCertificate")
    }
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
