//! A rehearsal: a console with made-up telemetry and a made-up play, for looking at pages.
//!
//! `cargo run -p console --example rehearsal -- [MINUTE] [SPEED] [PORT]` shows black-friday as if it had reached
//! MINUTE (22.4), at SPEED (10), and goes on from there. Everything goes in through OTLP and the API, as in a real run.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use console::api::{
    PlayExpectedAlert, PlayFault, PlayMeasurement, PlayPhase, PlayPrediction, PlayProof, PlayVerdict, StagePlay,
};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{
    ResourceSpans, ScopeSpans, Span, Status, span::SpanKind, status::StatusCode,
};
use prost::Message;
use tokio_util::sync::CancellationToken;

const MINUTES: f64 = 33.0;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let minute: f64 = arguments.next().map_or(Ok(22.4), |text| text.parse())?;
    let speed: f64 = arguments.next().map_or(Ok(10.0), |text| text.parse())?;
    let port: u16 = arguments.next().map_or(Ok(8080), |text| text.parse())?;
    let shutdown = CancellationToken::new();
    let options = console::ConsoleOptions {
        http_port: port,
        otlp_grpc_port: port + 1,
        otlp_http_port: port + 2,
        time_scale: speed,
        ..Default::default()
    };
    let console = tokio::spawn(console::serve(options, shutdown.clone()));
    let client = reqwest::Client::new();
    let stage = Stage {
        client,
        pages: format!("http://127.0.0.1:{port}"),
        otlp: format!("http://127.0.0.1:{}/v1/traces", port + 2),
        speed,
        start: now() - minute * 60.0 / speed,
    };
    tokio::select! {
        ended = console => ended??,
        played = stage.play(minute) => played?,
        _ = tokio::signal::ctrl_c() => shutdown.cancel(),
    }
    Ok(())
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

struct Stage {
    client: reqwest::Client,
    pages: String,
    otlp: String,
    speed: f64,
    start: f64,
}

/// A number between 0 and 1 that is the same for the same `n`.
fn chance(n: u64) -> f64 {
    let mut x = n.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x >> 11) as f64) / (1u64 << 53) as f64
}

/// Arrivals per minute, share of errors, p95 in milliseconds of the demo stream at a minute.
fn demo_at(minute: f64) -> (f64, f64, f64) {
    let rate = if minute < 1.0 { 0.0 } else { (800.0 + (minute - 1.0) / 9.0 * 3400.0).min(4200.0) };
    match minute {
        m if m < 15.0 => (rate, 0.0, 45.0),
        m if m < 20.0 => (rate, 0.46 + (m - 15.0) * 0.038, 2650.0 + (m - 15.0) * 60.0),
        m if m < 30.0 => (rate, 0.78, 3450.0),
        _ => (rate, 0.0, 45.0),
    }
}

impl Stage {
    async fn play(&self, minute: f64) -> Result<(), Box<dyn std::error::Error>> {
        // The past first, as if it had happened; alerts of the past cannot be made up, so the last minutes are replayed.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let mut second = 0.0;
        while second < minute * 60.0 / self.speed {
            self.second(self.start + second).await?;
            second += 1.0;
        }
        let mut ticks = tokio::time::interval(Duration::from_secs(1));
        loop {
            ticks.tick().await;
            let at = now();
            let minute = (at - self.start) / 60.0 * self.speed;
            self.client.post(format!("{}/api/stage", self.pages)).json(&self.story(minute)).send().await?;
            if minute < MINUTES {
                self.second(at).await?;
            }
        }
    }

    /// The spans that ended in the second before `at`.
    async fn second(&self, at: f64) -> Result<(), Box<dyn std::error::Error>> {
        let minute = (at - self.start) / 60.0 * self.speed;
        let (rate, error_rate, p95_ms) = demo_at(minute);
        let mut services: Vec<(&str, Vec<Span>)> =
            vec![("frontend", vec![]), ("product-catalog", vec![]), ("payment-service", vec![]), ("checkout", vec![])];
        let base = (at * 1000.0) as u64;
        for n in 0..(rate / 60.0) as u64 {
            let is_failed = chance(base + n) < error_rate;
            let ms = match error_rate {
                0.0 => 12.0 + chance(base + n + 7) * 34.0,
                _ if is_failed => 2125.0,
                _ => p95_ms - 700.0 * chance(base + n + 7),
            };
            let end = at - chance(base + n + 3);
            let trace = u128::from(base + n + 1) << 20 | 1;
            let traffic = [text("traffic.type", "demo")];
            let mut root = span(trace, 1, 0, "POST /api/checkout", SpanKind::Server, end, ms, &traffic);
            let mut call = span(trace, 2, 1, "GET", SpanKind::Client, end - 0.004, ms - 8.0, &traffic);
            let mut catalog =
                span(trace, 3, 2, "GET /products/recommendations", SpanKind::Server, end - 0.005, ms - 10.0, &traffic);
            let mut select =
                span(trace, 4, 3, "SELECT recommendable_products", SpanKind::Client, end - 0.006, ms - 12.0, &traffic);
            let is_slow = error_rate > 0.0;
            select.attributes.push(text("db.index_used", if is_slow { "NONE" } else { "idx_products_recommendation" }));
            if is_slow {
                select.attributes.push(attribute("db.full_table_scan", Value::BoolValue(true)));
                select.attributes.push(attribute("db.rows_scanned", Value::IntValue(62_500)));
            }
            if is_failed {
                for span in [&mut root, &mut call, &mut catalog, &mut select] {
                    span.status =
                        Some(Status { message: "no connection within 2100 ms".into(), code: StatusCode::Error.into() });
                }
                root.attributes.push(attribute("http.response.status_code", Value::IntValue(503)));
                select.attributes.push(attribute("db.connection.pool.exhausted", Value::BoolValue(true)));
            } else {
                services[2].1.push(span(
                    trace,
                    5,
                    1,
                    "POST /api/payment/process",
                    SpanKind::Server,
                    end - 0.002,
                    1.4,
                    &traffic,
                ));
                services[3].1.push(span(
                    trace,
                    6,
                    1,
                    "POST /orders/create",
                    SpanKind::Server,
                    end - 0.001,
                    3.1,
                    &traffic,
                ));
            }
            services[0].1.extend([root, call]);
            services[1].1.extend([catalog, select]);
        }
        for n in 0..2 {
            let (name, ms) = if n == 0 { ("POST /api/browse", 9.0) } else { ("POST /api/cart", 3.0) };
            let trace = u128::from(base + n + 1) << 20 | 2;
            let ms = ms + chance(base + n) * 9.0;
            services[0].1.push(span(
                trace,
                1,
                0,
                name,
                SpanKind::Server,
                at - chance(base + n),
                ms,
                &[text("traffic.type", "baseline")],
            ));
        }
        let resource_spans = services
            .into_iter()
            .map(|(service, spans)| ResourceSpans {
                resource: Some(Resource { attributes: vec![text("service.name", service)], ..Resource::default() }),
                scope_spans: vec![ScopeSpans { spans, ..ScopeSpans::default() }],
                ..ResourceSpans::default()
            })
            .collect();
        let body = ExportTraceServiceRequest { resource_spans }.encode_to_vec();
        self.client
            .post(&self.otlp)
            .header("content-type", "application/x-protobuf")
            .body(body)
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }

    fn story(&self, minute: f64) -> StagePlay {
        let phase = |name: &str, from: f64, to: f64| PlayPhase { name: name.into(), from, to };
        let state = |from: f64, until: f64| {
            if minute < from {
                "planned"
            } else if minute < until {
                "applied"
            } else {
                "undone"
            }
        };
        let fault = |id: &str, kind: &str| PlayFault {
            id: id.into(),
            kind: kind.into(),
            from: 15.0,
            until: 30.0,
            state: state(15.0, 30.0).into(),
        };
        let expected = |monitor: &str, from, to| PlayExpectedAlert { monitor: monitor.into(), from, to };
        let predicted = (0..=33).flat_map(|minute| {
            let minute = f64::from(minute);
            let (arrivals_per_minute, error_rate, p95_ms) = demo_at(minute);
            let baseline = PlayPrediction {
                stream: "baseline".into(),
                minute,
                arrivals_per_minute: 100.0,
                error_rate: 0.0,
                p95_ms: 25.0,
            };
            [
                PlayPrediction {
                    stream: "demo".into(),
                    minute,
                    arrivals_per_minute,
                    error_rate,
                    p95_ms: p95_ms * 1.04,
                },
                baseline,
            ]
        });
        let holds = (minute > 15.5).then_some(true);
        let proof = |fault: &str, claim: &str, seen: &str| PlayProof {
            fault: fault.into(),
            claim: claim.into(),
            holds,
            seen: if holds.is_some() { seen.into() } else { String::new() },
        };
        let (rpm, error_rate, p95_ms) = demo_at(minute);
        let load = |stream: &str, requests, error_rate, p95_ms, rpm| PlayMeasurement {
            stream: stream.into(),
            requests,
            errors: (requests as f64 * error_rate) as u64,
            error_rate,
            p50_ms: p95_ms / 2.0,
            p95_ms,
            rpm,
        };
        let is_over = minute >= MINUTES;
        StagePlay {
            entrance: String::new(),
            title: "A migration drops an index on Black Friday".into(),
            run_id: "2026-11-27-black-friday-1".into(),
            scenario: "black-friday".into(),
            minutes: MINUTES,
            speed: self.speed,
            start_unix: self.start,
            minute: minute.min(MINUTES),
            status: if is_over { "finished" } else { "running" }.into(),
            phases: vec![
                phase("ramp", 0.0, 10.0),
                phase("peak", 10.0, 15.0),
                phase("degradation", 15.0, 20.0),
                phase("critical", 20.0, 30.0),
                phase("recovery", 30.0, 33.0),
            ],
            faults: vec![fault("missing-index", "drop_index"), fault("slow-storage", "storage_wait")],
            predicted: predicted.collect(),
            expected_alerts: vec![
                expected("slow-queries", 15.0, 16.5),
                expected("pool-exhaustion", 20.0, 21.5),
                expected("flow-checkout-collapse", 22.0, 23.0),
            ],
            proofs: vec![
                proof(
                    "missing-index",
                    "idx_products_recommendation is gone",
                    "the catalogue has no valid index of that name",
                ),
                proof(
                    "missing-index",
                    "the recommendation query scans",
                    "Seq Scan on products_electronics (rows 62500)",
                ),
                proof("slow-storage", "requests wait for a connection", "51 waiters on the pool recommendations"),
            ],
            verdict: is_over.then(|| PlayVerdict { outcome: "pass".into(), reasons: Vec::new() }),
            measured_by_load: vec![
                load("baseline", 3300, 0.0, 24.0, 100.0),
                load("demo", 74_200, error_rate, p95_ms, rpm),
            ],
        }
    }
}

fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.into()))
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

#[expect(clippy::too_many_arguments, reason = "a span has this many fields")]
fn span(
    trace: u128,
    id: u64,
    parent: u64,
    name: &str,
    kind: SpanKind,
    end: f64,
    ms: f64,
    attributes: &[KeyValue],
) -> Span {
    let end_time_unix_nano = (end * 1e9) as u64;
    Span {
        trace_id: trace.to_be_bytes().to_vec(),
        span_id: id.to_be_bytes().to_vec(),
        parent_span_id: if parent == 0 { Vec::new() } else { parent.to_be_bytes().to_vec() },
        name: name.into(),
        kind: kind.into(),
        start_time_unix_nano: end_time_unix_nano - (ms.max(0.1) * 1e6) as u64,
        end_time_unix_nano,
        attributes: attributes.to_vec(),
        ..Span::default()
    }
}
