//! What is seen of a request in a trace.

use reqwest::Method;
use serde_json::json;
use telemetry::capture::{self, Capture, SpanData};

use crate::fixture::{Inbox, mail};

/// The server's span and the model's, if there is one.
fn spans(capture: &Capture, trace: &str) -> (SpanData, Option<SpanData>) {
    let all = capture.trace(trace);
    let server = all.iter().find(|span| span.name == "POST /hackathon/classify").expect("the server's span");
    (server.clone(), all.iter().find(|span| span.name.starts_with("chat ")).cloned())
}

fn is(span: &SpanData, key: &str, expected: &str) {
    assert_eq!(capture::attribute(span, key).as_deref(), Some(expected), "{key} of {}", span.name);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_leaves_a_server_span_and_a_call_of_the_model_by_the_conventions() {
    let capture = capture::start();
    let inbox = Inbox::start().await;
    let trace = "7bf92f3577b34da6a3ce929d0e0e4736";
    let traceparent = format!("00-{trace}-00f067aa0ba902b7-01");
    let headers = [
        ("traceparent", traceparent.as_str()),
        ("baggage", "traffic.type=normal_traffic"),
        ("x-traffic-type", "HACKATHON_TRAFFIC"),
    ];
    let (status, answer) = inbox.post("/hackathon/classify", &headers, &mail()).await;
    assert_eq!(status, 200, "{answer}");
    let (server, model) = spans(&capture, trace);
    let model = model.expect("the model's span");
    is(&server, "llm.endpoint", "classify");
    is(&server, "http.response.status_code", "200");
    is(&server, "traffic.type", "normal_traffic");
    is(&server, "llm.usage.total_tokens", &answer["tokens"]["total"].to_string());
    assert!(capture::attribute(&server, "http.request.header.x-traffic-type").unwrap().contains("HACKATHON_TRAFFIC"));
    assert!(
        capture::attribute(&server, "llm.cost_usd").is_some() && capture::attribute(&server, "error.type").is_none()
    );

    assert_eq!(model.parent_span_id, server.span_context.span_id());
    is(&model, "gen_ai.operation.name", "chat");
    is(&model, "gen_ai.provider.name", "doorbuster");
    is(&model, "gen_ai.request.model", "doorbuster-embedded-1");
    is(&model, "gen_ai.response.model", "doorbuster-embedded-1");
    is(&model, "gen_ai.usage.input_tokens", &answer["tokens"]["input"].to_string());
    is(&model, "gen_ai.usage.output_tokens", &answer["tokens"]["output"].to_string());
    for span in [&server, &model] {
        let said = format!("{:?}", span.attributes);
        assert!(!said.contains("next Tuesday") && !said.contains("Ana"), "the mail is nobody's business: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_told_apart_by_its_code_and_asks_no_model() {
    let capture = capture::start();
    let inbox = Inbox::start().await;
    let json_type = ("content-type", "application/json");
    let table = [
        (json!({"subject": "x"}).to_string(), "422", "invalid_input"),
        ("{".to_owned(), "400", "not_json"),
        (json!({"subject": "x", "snippet": "x".repeat(80_000)}).to_string(), "413", "body_too_large"),
    ];
    for (position, (body, status, code)) in table.into_iter().enumerate() {
        let trace = format!("8bf92f3577b34da6a3ce929d0e0e473{position}");
        let traceparent = format!("00-{trace}-00f067aa0ba902b7-01");
        let headers = [json_type, ("traceparent", traceparent.as_str())];
        inbox.send(Method::POST, "/hackathon/classify", &headers, body.into_bytes()).await;
        let (server, model) = spans(&capture, &trace);
        is(&server, "http.response.status_code", status);
        is(&server, "error.type", code);
        assert!(model.is_none());
        // A caller's mistake is the caller's error.
        assert_eq!(server.status, opentelemetry::trace::Status::Unset, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts_are_recorded_on_request_only() {
    let capture = capture::start();
    let inbox = Inbox::with(&[("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true")]).await;
    let trace = "9bf92f3577b34da6a3ce929d0e0e4736";
    let traceparent = format!("00-{trace}-00f067aa0ba902b7-01");
    inbox.post("/hackathon/classify", &[("traceparent", &traceparent)], &mail()).await;
    let (_, model) = spans(&capture, trace);
    let said = capture::attribute(&model.expect("the model's span"), "gen_ai.input.messages").expect("recorded");
    assert!(said.contains("next Tuesday"), "{said}");
}
