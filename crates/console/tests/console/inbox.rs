//! A classifier of mails and its model, as their spans tell it: what the pages about incidents and models are tested with.

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

use crate::otlp::{attribute, below, failed, from_to, now_ns, span, text, with};
use crate::started::{Started, within};

/// Short windows, so that nobody waits: otherwise as the inbox's own.
pub(crate) const MONITORS: &str = "
monitors:
  - key: llm-error-burst
    name: LLM error burst
    priority: p2
    runbook: Find the caller that sends what nobody can read.
    when:
      spans: {service: inbox, kind: server, operation: POST /hackathon/classify}
      measure: http_error_rate
      window: 5s
      above: 0.05
      min_samples: 10
  - key: cost-anomaly
    name: Cost anomaly
    runbook: Find who sends long prompts.
    when:
      spans: {service: inbox, kind: server, operation: POST /hackathon/classify}
      measure: mean
      attribute: llm.usage.total_tokens
      window: 3s
      above: {times_baseline: 3, learn: 3s}
      recover: {times_baseline: 2}
      min_samples: 10
";

/// What a request is like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Mail {
    Usual,
    Bloated,
    Malformed,
    /// The model did not answer in time.
    Late,
}

/// The spans of one request that ended `ago_ms` ago: its server's, and the model's call below it if there was one.
pub(crate) fn mail(n: u64, kind: Mail, ago_ms: u64) -> Vec<Span> {
    let (traffic, took_ms, status, tokens) = match kind {
        Mail::Usual => ("normal_traffic", 60 + n % 40, 200, Some((170 + (n % 20) as i64, 20))),
        Mail::Bloated => ("token_bloat", 400 + n % 300, 200, Some((5900, 60))),
        Mail::Malformed => ("error_injection", 3, 400, None),
        Mail::Late => ("normal_traffic", 5000, 504, None),
    };
    let whole = |key: &str, value: i64| attribute(key, Value::IntValue(value));
    let started = now_ns() - (ago_ms + took_ms) * 1_000_000;
    let is_truncated = kind == Mail::Bloated && n.is_multiple_of(3);
    let made = |id: u64, name: &str, span_kind| {
        let mut made = span(u128::from(n) + 1000, id, name, span_kind, took_ms);
        made.attributes = vec![text("traffic.type", traffic)];
        made
    };
    let mut server = with(
        from_to(made(1, "POST /hackathon/classify", SpanKind::Server), started, 0, took_ms),
        [text("llm.endpoint", "classify"), whole("http.response.status_code", status)],
    );
    let error = match kind {
        Mail::Malformed => Some("invalid_input"),
        Mail::Late => Some("llm_timeout"),
        _ => None,
    };
    server.attributes.extend(error.map(|error| text("error.type", error)));
    if kind == Mail::Malformed {
        return vec![server];
    }
    let mut call = below(from_to(made(2, "chat mail-1", SpanKind::Client), started, 1, took_ms - 1), 1);
    call.attributes.extend([text("gen_ai.operation.name", "chat"), text("gen_ai.request.model", "mail-1")]);
    match tokens {
        Some((tokens_in, tokens_out)) => {
            let cost = || attribute("llm.cost_usd", Value::DoubleValue((tokens_in + 4 * tokens_out) as f64 * 1e-7));
            server.attributes.extend([whole("llm.usage.total_tokens", tokens_in + tokens_out), cost()]);
            server.attributes.push(attribute("llm.prompt_truncated", Value::BoolValue(is_truncated)));
            call.attributes.extend([cost(), text("gen_ai.response.model", "mail-1")]);
            call.attributes.push(whole("gen_ai.usage.input_tokens", tokens_in));
            call.attributes.push(whole("gen_ai.usage.output_tokens", tokens_out));
        }
        None => {
            server = failed(server);
            call = failed(with(call, [text("error.type", "llm_timeout")]));
        }
    }
    vec![server, call]
}

/// Ten minutes that are over: usual mails, a burst of malformed ones, one of bloated ones, and two late answers.
pub(crate) async fn ten_minutes(console: &Started) {
    let mut spans = Vec::new();
    for second in 0..600u64 {
        let ago_ms = 600_500 - second * 1000;
        let mut add = |n: u64, kind| spans.extend(mail(second * 10 + n, kind, ago_ms));
        (0..2).for_each(|n| add(n, Mail::Usual));
        match second {
            120..180 => (2..4).for_each(|n| add(n, Mail::Malformed)),
            300..420 => (2..7).for_each(|n| add(n, Mail::Bloated)),
            500 | 501 => add(2, Mail::Late),
            _ => {}
        }
    }
    for some in spans.chunks(1000) {
        console.send("inbox", some.to_vec()).await;
    }
}

/// Sends usual mails until the monitors know what is usual.
pub(crate) async fn learn(console: &Started) {
    let mut n = 100_000;
    within(std::time::Duration::from_secs(20), "the baseline is learned", async || {
        let spans = (n..n + 12).flat_map(|n| mail(n, Mail::Usual, 0)).collect();
        n += 12;
        console.send("inbox", spans).await;
        let now: serde_json::Value = console.json("/api/monitors").await;
        now["monitors"].as_array()?.iter().any(|one| one["baseline"].is_number()).then_some(())
    })
    .await;
}

/// Sends malformed and bloated mails beside usual ones until both monitors fire.
pub(crate) async fn go_wrong(console: &Started) {
    let mut n = 200_000;
    within(std::time::Duration::from_secs(20), "both monitors fire", async || {
        let kind = |n: u64| match n % 3 {
            0 => Mail::Usual,
            1 => Mail::Malformed,
            _ => Mail::Bloated,
        };
        let spans = (n..n + 30).flat_map(|n| mail(n, kind(n), 0)).collect();
        n += 30;
        console.send("inbox", spans).await;
        let now: serde_json::Value = console.json("/api/incidents").await;
        (now["firing"].as_array()?.len() == 2).then_some(())
    })
    .await;
}
