"""Plays ../telemetry.json with the OpenTelemetry SDK of Python: `send.py grpc|http GRPC_URL HTTP_URL`."""

import json
import pathlib
import sys
import time

from opentelemetry import metrics, trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider, ObservableCounter
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExplicitBucketHistogramAggregation, ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

TOLD = json.loads((pathlib.Path(__file__).parent.parent / "telemetry.json").read_text())
protocol, grpc_url, http_url = sys.argv[1:4]

if protocol == "grpc":
    from grpc import Compression
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    def exporter(kind, _path, **more):
        return kind(endpoint=grpc_url, insecure=True, compression=Compression.Gzip, **more)
else:
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    def exporter(kind, path, **more):
        return kind(endpoint=f"{http_url}/v1/{path}", compression=Compression.Gzip, **more)


resource = Resource.create({"service.name": f"python-{protocol}", **TOLD["resource"]})
SCOPE = TOLD["scope"]


def spans():
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(exporter(OTLPSpanExporter, "traces")))
    tracer = provider.get_tracer(SCOPE["name"], SCOPE["version"])
    with tracer.start_as_current_span(TOLD["earlier"]) as earlier:
        link_to = earlier.get_span_context()
    end = time.time_ns()
    start = end - TOLD["spans"][0]["milliseconds"] * 1_000_000
    started = []
    for told in TOLD["spans"]:
        parent = None if told["parent"] is None else trace.set_span_in_context(started[told["parent"]])
        span = tracer.start_span(
            told["name"], context=parent, kind=SpanKind[told["kind"].upper()], attributes=told["attributes"],
            links=[Link(link_to, link["attributes"]) for link in told["links"]], start_time=start,
        )
        for event in told["events"]:
            span.add_event(event["name"], event["attributes"], timestamp=start + 1_000_000)
        if "error" in told:
            span.set_status(Status(StatusCode.ERROR, told["error"]))
        started.append(span)
    for span, told in zip(started, TOLD["spans"]):
        span.end(end_time=start + told["milliseconds"] * 1_000_000)
    provider.shutdown()
    return started


def logs(started):
    provider = LoggerProvider(resource=resource)
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter(OTLPLogExporter, "logs")))
    logger = provider.get_logger(SCOPE["name"], SCOPE["version"])
    for told in TOLD["logs"]:
        context = None if told["span"] is None else trace.set_span_in_context(started[told["span"]])
        logger.emit(LogRecord(
            timestamp=time.time_ns(), context=context, severity_number=SeverityNumber(told["severity"]),
            severity_text=told["word"].upper(), body=told["body"], attributes=told["attributes"], event_name=told["event"],
        ))
    provider.shutdown()


def points(temporality):
    views = []
    for told in TOLD["metrics"]:
        name = f"{told['name']}.{temporality}"
        if told["kind"] == "histogram":
            views.append(View(instrument_name=name, aggregation=ExplicitBucketHistogramAggregation(told["bounds"])))
        elif told["kind"] == "exponential_histogram":
            views.append(View(instrument_name=name, aggregation=ExponentialBucketHistogramAggregation()))
    # As the specification's preference "delta" has it: what goes up and down stays cumulative.
    preferred = dict.fromkeys([Counter, Histogram, ObservableCounter], AggregationTemporality[temporality.upper()])
    sender = exporter(OTLPMetricExporter, "metrics", preferred_temporality=preferred)
    provider = MeterProvider([PeriodicExportingMetricReader(sender, 3_600_000)], resource, views=views)
    meter = provider.get_meter(SCOPE["name"], SCOPE["version"])
    for told in TOLD["metrics"]:
        play(meter, f"{told['name']}.{temporality}", told)
    provider.shutdown()


def play(meter, name, told):
    unit, values, attributes = told["unit"], told["values"], told["attributes"]

    def look(_options):
        return [metrics.Observation(values[0], attributes)]

    match told["kind"]:
        case "counter":
            add = meter.create_counter(name, unit).add
        case "up_down_counter":
            add = meter.create_up_down_counter(name, unit).add
        case "gauge":
            add = meter.create_gauge(name, unit).set
        case "observable_gauge":
            meter.create_observable_gauge(name, [look], unit)
            return
        case "observable_counter":
            meter.create_observable_counter(name, [look], unit)
            return
        case "histogram" | "exponential_histogram":
            add = meter.create_histogram(name, unit).record
    for value in values:
        add(value, attributes)


logs(spans())
for each in ("cumulative", "delta"):
    points(each)
