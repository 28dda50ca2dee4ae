//! Traces under construction, and a second's worth of them.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::trace::v1::{
    ResourceSpans, ScopeSpans, Span, Status, span::SpanKind, status::StatusCode,
};

use crate::otlp::{nanos, resource, text};

/// One trace: its spans know each other by their place, from 1.
pub(crate) struct Trace {
    pub(crate) id: u128,
    pub(crate) traffic: &'static str,
    /// Dollars that were not earned.
    pub(crate) lost: Option<f64>,
    pub(crate) spans: Vec<(&'static str, Span)>,
}

/// A span's place in its trace.
pub(crate) type Place = usize;

impl Trace {
    pub(crate) fn new(id: u128, traffic: &'static str) -> Self {
        Self { id, traffic, lost: None, spans: Vec::new() }
    }

    /// A span of `ms` from `start` on; `parent` 0 is none.
    pub(crate) fn span(
        &mut self,
        service: &'static str,
        parent: Place,
        (kind, name): (SpanKind, &str),
        (start, ms): (f64, f64),
        attributes: Vec<KeyValue>,
    ) -> Place {
        let place = self.spans.len() + 1;
        let id = |place: Place| if place == 0 { Vec::new() } else { (place as u64).to_be_bytes().to_vec() };
        let mut all = vec![text("traffic.type", self.traffic)];
        all.extend(attributes);
        self.spans.push((
            service,
            Span {
                trace_id: self.id.to_be_bytes().to_vec(),
                span_id: id(place),
                parent_span_id: id(parent),
                name: name.into(),
                kind: kind.into(),
                start_time_unix_nano: nanos(start),
                end_time_unix_nano: nanos(start) + (ms.max(0.05) * 1e6) as u64,
                attributes: all,
                ..Span::default()
            },
        ));
        place
    }

    /// A call from one service to another: the caller's span and the server's; gives the server's.
    pub(crate) fn call(
        &mut self,
        (from, to): (&'static str, &'static str),
        parent: Place,
        route: &str,
        (start, ms): (f64, f64),
    ) -> Place {
        let method = route.split(' ').next().unwrap_or_default();
        let peer = vec![text("service.peer.name", to), text("http.request.method", method)];
        let client = self.span(from, parent, (SpanKind::Client, method), (start, ms), peer);
        self.span(to, client, (SpanKind::Server, route), (start + 0.0002, ms - 0.4), vec![text("http.route", route)])
    }

    /// Marks spans as failed and adds what explains it.
    pub(crate) fn fail(&mut self, places: &[Place], message: &str) {
        for place in places {
            let (_, span) = &mut self.spans[place - 1];
            span.status = Some(Status { message: message.into(), code: StatusCode::Error.into() });
        }
    }

    /// More about a span.
    pub(crate) fn add(&mut self, place: Place, attributes: impl IntoIterator<Item = KeyValue>) {
        self.spans[place - 1].1.attributes.extend(attributes);
    }
}

/// The traces that ended in one second.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) traces: Vec<Trace>,
}

impl Batch {
    pub(crate) fn take(&mut self, trace: Trace) {
        self.traces.push(trace);
    }

    pub(crate) fn into_request(self) -> ExportTraceServiceRequest {
        let mut services: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
        for (service, span) in self.traces.into_iter().flat_map(|trace| trace.spans) {
            services.entry(service).or_default().push(span);
        }
        let group = |(service, spans)| ResourceSpans {
            resource: resource(service),
            scope_spans: vec![ScopeSpans { spans, ..ScopeSpans::default() }],
            ..ResourceSpans::default()
        };
        ExportTraceServiceRequest { resource_spans: services.into_iter().map(group).collect() }
    }
}
