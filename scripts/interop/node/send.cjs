// Plays ../telemetry.json with the OpenTelemetry SDK of Node: `send.cjs grpc|proto|json GRPC_URL HTTP_URL`.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = require("@opentelemetry/api");
const { resourceFromAttributes } = require("@opentelemetry/resources");
const { BatchSpanProcessor, NodeTracerProvider } = require("@opentelemetry/sdk-trace-node");
const { BatchLogRecordProcessor, LoggerProvider } = require("@opentelemetry/sdk-logs");
const {
  AggregationTemporality, AggregationType, MeterProvider, PeriodicExportingMetricReader,
} = require("@opentelemetry/sdk-metrics");

const told = JSON.parse(fs.readFileSync(path.join(__dirname, "..", "telemetry.json"), "utf8"));
const [protocol, grpcUrl, httpUrl] = process.argv.slice(2);

// The packages that send JSON are called http.
const packages = { grpc: "grpc", proto: "proto", json: "http" }[protocol];
const exporters = (signal) => require(`@opentelemetry/exporter-${signal}-otlp-${packages}`);
const where = (signal) => {
  if (protocol === "grpc") {
    const { credentials } = require("@grpc/grpc-js");
    return { url: grpcUrl, credentials: credentials.createInsecure(), compression: "gzip" };
  }
  return { url: `${httpUrl}/v1/${signal}`, compression: "gzip" };
};

const resource = resourceFromAttributes({ "service.name": `node-${protocol}`, ...told.resource });

async function spans() {
  const exporter = new (exporters("trace").OTLPTraceExporter)(where("traces"));
  const provider = new NodeTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporter)] });
  const tracer = provider.getTracer(told.scope.name, told.scope.version);
  const earlier = tracer.startSpan(told.earlier, {}, ROOT_CONTEXT);
  earlier.end();
  const start = Date.now() - told.spans[0].milliseconds;
  const started = [];
  for (const one of told.spans) {
    const context = one.parent === null ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, started[one.parent]);
    const span = tracer.startSpan(one.name, {
      kind: SpanKind[one.kind.toUpperCase()],
      attributes: one.attributes,
      links: one.links.map((link) => ({ context: earlier.spanContext(), attributes: link.attributes })),
      startTime: start,
    }, context);
    for (const event of one.events) span.addEvent(event.name, event.attributes, start + 1);
    if (one.error) span.setStatus({ code: SpanStatusCode.ERROR, message: one.error });
    started.push(span);
  }
  started.forEach((span, index) => span.end(start + told.spans[index].milliseconds));
  await provider.shutdown();
  return started;
}

async function logs(started) {
  const exporter = new (exporters("logs").OTLPLogExporter)(where("logs"));
  const provider = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter })] });
  const logger = provider.getLogger(told.scope.name, told.scope.version);
  for (const one of told.logs) {
    logger.emit({
      timestamp: Date.now(),
      severityNumber: one.severity,
      severityText: one.word.toUpperCase(),
      body: one.body,
      attributes: one.attributes,
      eventName: one.event ?? undefined,
      context: one.span === null ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, started[one.span]),
    });
  }
  await provider.shutdown();
}

async function points(temporality) {
  const aggregations = {
    histogram: (one) => ({ type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: one.bounds } }),
    exponential_histogram: () => ({ type: AggregationType.EXPONENTIAL_HISTOGRAM }),
  };
  const views = told.metrics.filter((one) => aggregations[one.kind]).map((one) => ({
    instrumentName: `${one.name}.${temporality}`, aggregation: aggregations[one.kind](one),
  }));
  const temporalityPreference = AggregationTemporality[temporality.toUpperCase()];
  const exporter = new (exporters("metrics").OTLPMetricExporter)({ ...where("metrics"), temporalityPreference });
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ resource, readers: [reader], views });
  const meter = provider.getMeter(told.scope.name, told.scope.version);
  for (const one of told.metrics) play(meter, `${one.name}.${temporality}`, one);
  await provider.shutdown();
}

function play(meter, name, one) {
  const options = { unit: one.unit };
  const look = (result) => result.observe(one.values[0], one.attributes);
  const play = {
    counter: () => { const made = meter.createCounter(name, options); return (value) => made.add(value, one.attributes); },
    up_down_counter: () => { const made = meter.createUpDownCounter(name, options); return (value) => made.add(value, one.attributes); },
    gauge: () => { const made = meter.createGauge(name, options); return (value) => made.record(value, one.attributes); },
    observable_gauge: () => { meter.createObservableGauge(name, options).addCallback(look); return () => {}; },
    observable_counter: () => { meter.createObservableCounter(name, options).addCallback(look); return () => {}; },
    histogram: () => { const made = meter.createHistogram(name, options); return (value) => made.record(value, one.attributes); },
  };
  const add = (play[one.kind] ?? play.histogram)();
  one.values.forEach(add);
}

(async () => {
  await logs(await spans());
  for (const temporality of ["cumulative", "delta"]) await points(temporality);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
