//! Single variables, by the rules of the OpenTelemetry specification.

use super::{BadSetting, Batch, Destination, Protocol};
use crate::context::Propagators;
use std::time::Duration;

/// Loopback by number: `localhost` may resolve to an address nobody listens on.
const GRPC_ENDPOINT: &str = "http://127.0.0.1:4317";
/// As above, for http/protobuf.
const HTTP_ENDPOINT: &str = "http://127.0.0.1:4318";

/// Reads variables and gathers the unusable ones.
pub(super) struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    pub(super) bad: Vec<BadSetting>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        let bad = Vec::new();
        Self { lookup, bad }
    }

    /// An empty variable counts as unset, as the specification demands.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let value = (self.lookup)(name)?;
        let trimmed = value.trim();
        (!trimmed.is_empty()).then(|| trimmed.to_owned())
    }

    fn reject(&mut self, variable: &str, value: &str, expected: &'static str) {
        self.bad.push(BadSetting { variable: variable.to_owned(), value: value.to_owned(), expected });
    }

    /// The specification: `true` is true, anything else false.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    fn positive(&mut self, name: &str, default: usize) -> usize {
        let Some(value) = self.text(name) else {
            return default;
        };
        match value.parse() {
            Ok(number) if number > 0 => number,
            _ => {
                self.reject(name, &value, "a whole number above 0");
                default
            }
        }
    }

    pub(super) fn milliseconds(&mut self, name: &str, default: Duration) -> Duration {
        let default_ms = usize::try_from(default.as_millis()).unwrap_or(usize::MAX);
        Duration::from_millis(self.positive(name, default_ms) as u64)
    }

    pub(super) fn batch(&mut self, prefix: &str, delay: Duration, queue: usize, size: usize) -> Batch {
        let queue = self.positive(&format!("{prefix}_MAX_QUEUE_SIZE"), queue);
        let size = self.positive(&format!("{prefix}_MAX_EXPORT_BATCH_SIZE"), size.min(queue));
        Batch { delay: self.milliseconds(&format!("{prefix}_SCHEDULE_DELAY"), delay), queue, size: size.min(queue) }
    }

    /// The console that a stage has besides whatever the usual variables name: gRPC on this machine.
    pub(super) fn console(&mut self) -> Option<Destination> {
        let name = "DOORBUSTER_CONSOLE_OTLP_ENDPOINT";
        let endpoint = self.text(name)?;
        if !endpoint.starts_with("http://") {
            self.reject(name, &endpoint, "a URL that starts with http://");
            return None;
        }
        Some(Destination { protocol: Protocol::Grpc, endpoint })
    }

    pub(super) fn destination(&mut self, signal: &str, path: &str) -> Option<Destination> {
        let exporter = format!("OTEL_{signal}_EXPORTER");
        match self.text(&exporter).as_deref() {
            None | Some("otlp") => {}
            Some("none") => return None,
            Some(other) => {
                self.reject(&exporter, other, "`otlp` or `none`");
                return None;
            }
        }
        let protocol = self.protocol(signal);
        let own = format!("OTEL_EXPORTER_OTLP_{signal}_ENDPOINT");
        let shared = "OTEL_EXPORTER_OTLP_ENDPOINT";
        let (variable, base, is_full) = match (self.text(&own), self.text(shared)) {
            (Some(endpoint), _) => (own.as_str(), endpoint, true),
            (None, Some(endpoint)) => (shared, endpoint, false),
            (None, None) if protocol == Protocol::Grpc => (shared, GRPC_ENDPOINT.to_owned(), false),
            (None, None) => (shared, HTTP_ENDPOINT.to_owned(), false),
        };
        if !is_endpoint(&base) {
            self.reject(variable, &base, "a URL that starts with http:// or https://");
            return None;
        }
        // Given a signal's own variable the URL is complete; the shared one is a base that lacks the signal's path.
        let endpoint = if protocol == Protocol::HttpProtobuf && !is_full {
            format!("{}{path}", base.trim_end_matches('/'))
        } else {
            base
        };
        if protocol == Protocol::HttpProtobuf && endpoint.starts_with("https://") {
            let expected = "http://, or OTEL_EXPORTER_OTLP_PROTOCOL=grpc for https://";
            self.reject(variable, &endpoint, expected);
            return None;
        }
        Some(Destination { protocol, endpoint })
    }

    fn protocol(&mut self, signal: &str) -> Protocol {
        let own = format!("OTEL_EXPORTER_OTLP_{signal}_PROTOCOL");
        let shared = "OTEL_EXPORTER_OTLP_PROTOCOL";
        let (variable, value) = match (self.text(&own), self.text(shared)) {
            (Some(value), _) => (own.as_str(), value),
            (None, Some(value)) => (shared, value),
            (None, None) => return Protocol::Grpc,
        };
        match value.as_str() {
            "grpc" => Protocol::Grpc,
            "http/protobuf" => Protocol::HttpProtobuf,
            other => {
                self.reject(variable, other, "`grpc` or `http/protobuf`");
                Protocol::Grpc
            }
        }
    }

    pub(super) fn propagators(&mut self) -> Propagators {
        let name = "OTEL_PROPAGATORS";
        let Some(value) = self.text(name) else {
            return Propagators::default();
        };
        let mut chosen = Propagators { trace_context: false, baggage: false };
        for member in value.split(',').map(str::trim) {
            match member {
                "tracecontext" => chosen.trace_context = true,
                "baggage" => chosen.baggage = true,
                "none" | "" => {}
                other => self.reject(name, other, "a list of `tracecontext`, `baggage`, or `none`"),
            }
        }
        chosen
    }

    pub(super) fn resource_attributes(&mut self) -> Vec<(String, String)> {
        let name = "OTEL_RESOURCE_ATTRIBUTES";
        let mut attributes = Vec::new();
        for member in self.text(name).unwrap_or_default().split_terminator(',') {
            match member.split_once('=') {
                Some((key, value)) if !key.trim().is_empty() => {
                    attributes.push((key.trim().to_owned(), value.trim().to_owned()));
                }
                _ => self.reject(name, member, "a list of key=value"),
            }
        }
        attributes
    }
}

fn is_endpoint(text: &str) -> bool {
    text.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|h| !h.is_empty())
    })
}
