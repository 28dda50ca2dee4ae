//! The environment as a table.

use super::*;

fn read(variables: &[(&str, &str)]) -> Result<Settings, Vec<BadSetting>> {
    let variables: Vec<(String, String)> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Settings::read(&move |name| {
        let found = variables.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.clone())
    })
}

fn endpoints(settings: &Settings) -> [Option<(Protocol, &str)>; 3] {
    [&settings.traces, &settings.metrics, &settings.logs]
        .map(|to| to.first().map(|to| (to.protocol, to.endpoint.as_str())))
}

#[test]
fn an_empty_environment_sends_everything_to_the_console_quickly() {
    let settings = read(&[]).unwrap();
    let expected = Some((Protocol::Grpc, "http://127.0.0.1:4317"));
    assert_eq!(endpoints(&settings), [expected; 3]);
    assert!(settings.exports_anything());
    assert_eq!(settings.span_batch.delay, Duration::from_millis(250));
    assert_eq!(settings.log_batch.delay, Duration::from_millis(250));
    assert_eq!(settings.metric_interval, Duration::from_secs(5));
    assert_eq!(settings.propagators, Propagators::default());
    assert_eq!(settings.conventions, Conventions::default());
}

#[test]
fn an_endpoint_that_is_given_goes_before_those_of_the_environment() {
    let lookup = |name: &str| name.ends_with("_ENDPOINT").then(|| "http://elsewhere:1".to_owned());
    let settings = Settings::read_with_endpoint(Some("http://here:4317"), &|name| {
        lookup(name).filter(|_| name.starts_with("OTEL"))
    });
    assert_eq!(endpoints(&settings.unwrap()), [Some((Protocol::Grpc, "http://here:4317")); 3]);
}

#[test]
fn endpoints_and_protocols_follow_the_specification() {
    use Protocol::{Grpc, HttpProtobuf};
    let http = ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
    let everywhere = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:99/");
    let traces = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces/here");
    type Row<'a> = (&'a [(&'a str, &'a str)], (Protocol, &'a str), (Protocol, &'a str));
    let table: [Row<'_>; 6] = [
        (&[http], (HttpProtobuf, "http://127.0.0.1:4318/v1/traces"), (HttpProtobuf, "http://127.0.0.1:4318/v1/logs")),
        (
            &[http, everywhere],
            (HttpProtobuf, "http://collector:99/v1/traces"),
            (HttpProtobuf, "http://collector:99/v1/logs"),
        ),
        (
            &[http, everywhere, traces],
            (HttpProtobuf, "http://traces/here"),
            (HttpProtobuf, "http://collector:99/v1/logs"),
        ),
        (&[everywhere], (Grpc, "http://collector:99/"), (Grpc, "http://collector:99/")),
        (
            &[("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf")],
            (HttpProtobuf, "http://127.0.0.1:4318/v1/traces"),
            (Grpc, "http://127.0.0.1:4317"),
        ),
        (
            &[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://ingress.example:443")],
            (Grpc, "https://ingress.example:443"),
            (Grpc, "https://ingress.example:443"),
        ),
    ];
    for (variables, traces, logs) in table {
        let settings = read(variables).unwrap();
        let [seen_traces, _, seen_logs] = endpoints(&settings);
        assert_eq!((seen_traces, seen_logs), (Some(traces), Some(logs)), "{variables:?}");
    }
}

#[test]
fn signals_can_be_turned_off_one_by_one_or_together() {
    let none = |name| (name, "none");
    let off = [none("OTEL_TRACES_EXPORTER"), none("OTEL_METRICS_EXPORTER"), none("OTEL_LOGS_EXPORTER")];
    for (index, variable) in off.iter().enumerate() {
        let settings = read(&[*variable]).unwrap();
        let seen = endpoints(&settings).map(|to| to.is_none());
        assert_eq!(seen, [0, 1, 2].map(|signal| signal == index));
    }
    assert!(!read(&off).unwrap().exports_anything());
    for (value, is_disabled) in [("true", true), ("TRUE", true), ("1", false), ("", false)] {
        let settings = read(&[("OTEL_SDK_DISABLED", value)]).unwrap();
        assert_eq!(settings.exports_anything(), !is_disabled, "{value:?}");
    }
}

#[test]
fn single_values_are_read() {
    let settings = read(&[
        ("OTEL_PROPAGATORS", "baggage"),
        ("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database"),
        ("OTEL_BSP_SCHEDULE_DELAY", "1000"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "100"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "2000"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "60000"),
        ("OTEL_SERVICE_NAME", " other "),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=demo, team = sre"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/tls/ca.pem"),
        ("RUST_LOG", "debug"),
    ])
    .unwrap();
    assert_eq!(settings.propagators, Propagators { trace_context: false, baggage: true });
    assert_eq!(settings.conventions, Conventions { old_http: false, old_database: false });
    let batch = Batch { delay: Duration::from_secs(1), queue: 100, size: 100 };
    assert_eq!(settings.span_batch, batch);
    assert_eq!(settings.log_batch.delay, Duration::from_secs(2));
    assert_eq!(settings.metric_interval, Duration::from_secs(60));
    assert_eq!(settings.service_name.as_deref(), Some("other"));
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let expected = [pair("deployment.environment.name", "demo"), pair("team", "sre")];
    assert_eq!(settings.resource_attributes, expected);
    assert_eq!(settings.tls.certificate.as_deref(), Some("/tls/ca.pem"));
    assert_eq!(settings.log_filter, "debug");
}

#[test]
fn the_log_filter_of_doorbuster_wins_over_rust_log() {
    let settings = read(&[("RUST_LOG", "debug"), ("DOORBUSTER_LOG", "warn")]).unwrap();
    assert_eq!(settings.log_filter, "warn");
}

#[test]
fn every_mistake_is_reported_at_once() {
    let bad = read(&[
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/json"),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "collector:4317"),
        ("OTEL_PROPAGATORS", "b3"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "soon"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team"),
    ])
    .unwrap_err();
    let text: Vec<String> = bad.iter().map(BadSetting::to_string).collect();
    assert_eq!(
        text,
        [
            "OTEL_TRACES_EXPORTER=\"zipkin\": expected `otlp` or `none`",
            "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=\"http/json\": expected `grpc` or `http/protobuf`",
            "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=\"collector:4317\": expected a URL that starts with http:// or https://",
            "OTEL_PROPAGATORS=\"b3\": expected a list of `tracecontext`, `baggage`, or `none`",
            "OTEL_BSP_MAX_QUEUE_SIZE=\"0\": expected a whole number above 0",
            "OTEL_BLRP_SCHEDULE_DELAY=\"soon\": expected a whole number above 0",
            "OTEL_RESOURCE_ATTRIBUTES=\"team\": expected a list of key=value",
        ]
    );
}

#[test]
fn the_console_of_a_stage_comes_before_the_usual_destination() {
    let console = ("DOORBUSTER_CONSOLE_OTLP_ENDPOINT", "http://127.0.0.1:5317");
    let vendor = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://ingress.example:443");
    let settings = read(&[console, vendor]).unwrap();
    let seen: Vec<&str> = settings.traces.iter().map(|to| to.endpoint.as_str()).collect();
    assert_eq!(seen, ["http://127.0.0.1:5317", "https://ingress.example:443"]);
    let bad = read(&[("DOORBUSTER_CONSOLE_OTLP_ENDPOINT", "127.0.0.1:5317")]).unwrap_err();
    assert_eq!(bad[0].variable, "DOORBUSTER_CONSOLE_OTLP_ENDPOINT");
}
