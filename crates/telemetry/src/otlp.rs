//! OTLP exporters, by gRPC or http/protobuf.

use crate::init::InitError;
use crate::settings::{Destination, Protocol, TlsFiles};
use opentelemetry_otlp::tonic_types::transport::{Certificate, ClientTlsConfig, Identity};
use opentelemetry_otlp::{
    LogExporter, MetricExporter, Protocol as WireProtocol, SpanExporter, WithExportConfig, WithTonicConfig,
};

/// A span exporter for `to`. For gRPC the caller must be inside the runtime that will drive the connection.
pub(crate) fn span_exporter(to: &Destination, tls: &TlsFiles) -> Result<SpanExporter, InitError> {
    let built = match to.protocol {
        Protocol::Grpc => {
            let builder = SpanExporter::builder().with_tonic().with_endpoint(&to.endpoint);
            match tls_config(to, tls)? {
                Some(config) => builder.with_tls_config(config).build(),
                None => builder.build(),
            }
        }
        Protocol::HttpProtobuf => SpanExporter::builder()
            .with_http()
            .with_protocol(WireProtocol::HttpBinary)
            .with_endpoint(&to.endpoint)
            .build(),
    };
    built.map_err(|source| exporter_error("traces", to, &source))
}

/// A metric exporter for `to`; see [`span_exporter`].
pub(crate) fn metric_exporter(to: &Destination, tls: &TlsFiles) -> Result<MetricExporter, InitError> {
    let built = match to.protocol {
        Protocol::Grpc => {
            let builder = MetricExporter::builder().with_tonic().with_endpoint(&to.endpoint);
            match tls_config(to, tls)? {
                Some(config) => builder.with_tls_config(config).build(),
                None => builder.build(),
            }
        }
        Protocol::HttpProtobuf => MetricExporter::builder()
            .with_http()
            .with_protocol(WireProtocol::HttpBinary)
            .with_endpoint(&to.endpoint)
            .build(),
    };
    built.map_err(|source| exporter_error("metrics", to, &source))
}

/// A log exporter for `to`; see [`span_exporter`].
pub(crate) fn log_exporter(to: &Destination, tls: &TlsFiles) -> Result<LogExporter, InitError> {
    let built = match to.protocol {
        Protocol::Grpc => {
            let builder = LogExporter::builder().with_tonic().with_endpoint(&to.endpoint);
            match tls_config(to, tls)? {
                Some(config) => builder.with_tls_config(config).build(),
                None => builder.build(),
            }
        }
        Protocol::HttpProtobuf => LogExporter::builder()
            .with_http()
            .with_protocol(WireProtocol::HttpBinary)
            .with_endpoint(&to.endpoint)
            .build(),
    };
    built.map_err(|source| exporter_error("logs", to, &source))
}

/// TLS for an https endpoint. Without `with_enabled_roots` tonic trusts nobody and every call fails.
fn tls_config(to: &Destination, files: &TlsFiles) -> Result<Option<ClientTlsConfig>, InitError> {
    if !to.endpoint.starts_with("https://") {
        return Ok(None);
    }
    let mut config = ClientTlsConfig::new();
    config = match &files.certificate {
        Some(path) => config.ca_certificate(Certificate::from_pem(read(path)?)),
        None => config.with_enabled_roots(),
    };
    if let (Some(certificate), Some(key)) = (&files.client_certificate, &files.client_key) {
        config = config.identity(Identity::from_pem(read(certificate)?, read(key)?));
    }
    Ok(Some(config))
}

fn read(path: &str) -> Result<Vec<u8>, InitError> {
    std::fs::read(path).map_err(|source| InitError::Certificate { path: path.to_owned(), source })
}

fn exporter_error(
    signal: &'static str,
    to: &Destination,
    source: &opentelemetry_otlp::ExporterBuildError,
) -> InitError {
    InitError::Exporter { signal, endpoint: to.endpoint.clone(), reason: source.to_string() }
}
