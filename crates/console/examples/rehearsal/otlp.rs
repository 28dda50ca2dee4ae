//! OTLP by hand: attributes, resources, and sending.

use console::api::StagePlay;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message;

use crate::Failed;

pub(crate) fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.into()))
}

pub(crate) fn whole(key: &str, value: i64) -> KeyValue {
    attribute(key, Value::IntValue(value))
}

pub(crate) fn number(key: &str, value: f64) -> KeyValue {
    attribute(key, Value::DoubleValue(value))
}

pub(crate) fn yes(key: &str) -> KeyValue {
    attribute(key, Value::BoolValue(true))
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

/// What a service says of itself.
pub(crate) fn resource(service: &str) -> Option<Resource> {
    let attributes = vec![
        text("service.name", service),
        text("service.version", "1.0.0"),
        text("service.namespace", "doorbuster"),
        text("cx.subsystem.name", service),
    ];
    Some(Resource { attributes, ..Resource::default() })
}

/// Unix seconds as OTLP has them.
pub(crate) fn nanos(at: f64) -> u64 {
    (at * 1e9) as u64
}

/// Sends to the console.
pub(crate) struct Sender {
    client: reqwest::Client,
    pages: String,
    otlp: String,
}

impl Sender {
    pub(crate) fn new(pages: u16, otlp: u16) -> Self {
        Self {
            client: reqwest::Client::new(),
            pages: format!("http://127.0.0.1:{pages}"),
            otlp: format!("http://127.0.0.1:{otlp}/v1"),
        }
    }

    pub(crate) async fn traces(&self, request: ExportTraceServiceRequest) -> Result<(), Failed> {
        self.send("traces", request.encode_to_vec()).await
    }

    pub(crate) async fn logs(&self, request: ExportLogsServiceRequest) -> Result<(), Failed> {
        self.send("logs", request.encode_to_vec()).await
    }

    pub(crate) async fn metrics(&self, request: ExportMetricsServiceRequest) -> Result<(), Failed> {
        self.send("metrics", request.encode_to_vec()).await
    }

    /// Tells the Stage how the play stands.
    pub(crate) async fn tell(&self, play: &StagePlay) -> Result<(), Failed> {
        self.client.post(format!("{}/api/stage", self.pages)).json(play).send().await?.error_for_status()?;
        Ok(())
    }

    async fn send(&self, signal: &str, body: Vec<u8>) -> Result<(), Failed> {
        let request = self.client.post(format!("{}/{signal}", self.otlp));
        request.header("content-type", "application/x-protobuf").body(body).send().await?.error_for_status()?;
        Ok(())
    }
}
