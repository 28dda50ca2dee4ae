//! What telemetry says of a model's call.

use telemetry::capture::{self, SpanData, attribute};
use telemetry::context::Origin;
use telemetry::span::{Kind, Span};

use super::stub::Says;
use super::*;

/// The spans of the models that were asked for one mail, in the order in which they ended.
async fn spans(gateway: &Gateway, mail: &Mail) -> Vec<SpanData> {
    let capture = capture::start();
    let origin = Origin::new("normal_traffic").user("user-0042");
    let span = Span::root("POST /hackathon/classify", Kind::Server, &origin, Vec::new(), None);
    let trace = format!("{:032x}", span.ids().unwrap().trace);
    let asked = gateway.ask(Task::Classify, mail, Duration::ZERO).with_context(span.context().clone());
    // What comes of it is the other tests' business.
    let _ = asked.await;
    capture.trace(&trace)
}

fn failed(span: &SpanData) -> bool {
    format!("{:?}", span.status).starts_with("Error")
}

#[tokio::test]
async fn a_call_is_a_client_span_with_the_attributes_of_the_conventions() {
    for (way, provider, model) in [
        (Way::Vertex, "gcp.vertex_ai", "gemini-2.5-flash"),
        (Way::GeminiKey, "gcp.gemini", "gemini-2.5-flash"),
        (Way::OpenAi, "openai", "gpt-4o-mini"),
    ] {
        let stub = Stub::start([Says::ok(way.says(OFFER))]).await;
        let spans = spans(&gateway(way, &stub, &[]), &mail()).await;
        let [span] = spans.as_slice() else { panic!("{spans:?}") };
        assert_eq!(span.name, format!("chat {model}"));
        assert_eq!(span.span_kind, Kind::Client);
        assert!(!failed(span));
        let carried = format!("{}-{}", span.span_context.trace_id(), span.span_context.span_id());
        let traceparent = stub.only().header("traceparent").map(str::to_owned);
        assert!(traceparent.as_ref().is_some_and(|sent| sent.contains(&carried)), "{traceparent:?} is not {carried}");
        let answers_as = if way == Way::OpenAi { "gpt-4o-mini-2024-07-18" } else { model };
        let reason = if way == Way::OpenAi { "[\"stop\"]" } else { "[\"STOP\"]" };
        for (key, value) in [
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.provider.name", provider),
            ("gen_ai.request.model", model),
            ("gen_ai.request.max_tokens", "256"),
            ("gen_ai.response.model", answers_as),
            ("gen_ai.response.id", "answer-1"),
            ("gen_ai.response.finish_reasons", reason),
            ("gen_ai.usage.input_tokens", "100"),
            ("gen_ai.usage.output_tokens", "20"),
            ("server.address", "127.0.0.1"),
            ("server.port", &stub.port().to_string()),
            ("traffic.type", "normal_traffic"),
        ] {
            assert_eq!(attribute(span, key).as_deref(), Some(value), "{way:?}: {key}");
        }
        let cost: f64 = attribute(span, "llm.cost_usd").unwrap().parse().unwrap();
        assert!((cost - way.cost()).abs() < 1e-12);
        for absent in [
            "error.type",
            "llm.fallback",
            "llm.prompt_truncated",
            "gen_ai.input.messages",
            "gen_ai.output.messages",
            "gen_ai.system_instructions",
        ] {
            assert_eq!(attribute(span, absent), None, "{absent}");
        }
        assert!(!format!("{span:?}").contains("happy to offer") && !format!("{span:?}").contains(KEY));
    }
}

#[tokio::test]
async fn a_call_that_fails_says_so_and_counts_what_it_took_all_the_same() {
    let stub = Stub::start([Says::status(500, ""), Says::ok(Way::OpenAi.says("no JSON"))]).await;
    let gateway = gateway(Way::OpenAi, &stub, &[]);
    for (error_type, tokens) in [("llm_unavailable", None), ("llm_bad_answer", Some("100"))] {
        let spans = spans(&gateway, &mail()).await;
        assert_eq!(attribute(&spans[0], "error.type").as_deref(), Some(error_type));
        assert!(failed(&spans[0]));
        assert_eq!(attribute(&spans[0], "gen_ai.usage.input_tokens").as_deref(), tokens);
    }
}

#[tokio::test]
async fn a_fallback_has_a_span_of_its_own_and_a_truncated_prompt_is_marked() {
    let stub = Stub::start([Says::status(500, "")]).await;
    let built_in = Stub::start([Says::ok(Way::OpenAi.says(OFFER))]).await;
    let mut vars = Way::GeminiKey.vars(&stub.url());
    vars.extend([("LLM_FALLBACK", "embedded".to_owned()), ("LLM_MAX_PROMPT_TOKENS", "1000".to_owned())]);
    let gateway = Gateway::new(config(&vars), || other(&built_in.url()));
    let long = Mail { snippet: "We would like to offer you more. ".repeat(1000), ..mail() };
    let spans = spans(&gateway, &long).await;
    let [chosen, fallback] = spans.as_slice() else { panic!("{spans:?}") };
    assert_eq!((chosen.name.as_ref(), fallback.name.as_ref()), ("chat gemini-2.5-flash", "chat doorbuster-embedded-1"));
    assert_eq!((failed(chosen), failed(fallback)), (true, false));
    assert_eq!(attribute(chosen, "llm.fallback"), None);
    assert_eq!(attribute(fallback, "llm.fallback").as_deref(), Some("true"));
    assert_eq!(chosen.parent_span_id, fallback.parent_span_id);
    for span in [chosen, fallback] {
        assert_eq!(attribute(span, "llm.prompt_truncated").as_deref(), Some("true"));
    }
}

#[tokio::test]
async fn what_was_said_is_on_the_span_for_those_who_ask_for_it() {
    let stub = Stub::start([Says::ok(Way::GeminiKey.says(OFFER))]).await;
    let asks = [("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true")];
    let spans = spans(&gateway(Way::GeminiKey, &stub, &asks), &mail()).await;
    let read = |key: &str| -> serde_json::Value { serde_json::from_str(&attribute(&spans[0], key).unwrap()).unwrap() };
    assert!(read("gen_ai.system_instructions")[0]["content"].as_str().unwrap().contains("job seeker"));
    let input = read("gen_ai.input.messages");
    assert_eq!((&input[0]["role"], &input[0]["parts"][0]["type"]), (&"user".into(), &"text".into()));
    assert!(input[0]["parts"][0]["content"].as_str().unwrap().contains("happy to offer"));
    let output = read("gen_ai.output.messages");
    assert_eq!((&output[0]["role"], &output[0]["finish_reason"]), (&"assistant".into(), &"STOP".into()));
    assert_eq!(output[0]["parts"][0]["content"], OFFER);
    assert!(!format!("{:?}", spans[0]).contains(KEY));
}

#[tokio::test]
async fn a_call_that_its_caller_gives_up_is_told_as_that() {
    let stub = Stub::start([Says::Hang]).await;
    let gateway = gateway(Way::OpenAi, &stub, &[]);
    let waits = async {
        while stub.seen().is_empty() {
            tokio::task::yield_now().await
        }
    };
    let capture = capture::start();
    let mail = mail();
    let trace = {
        let span =
            Span::root("POST /hackathon/classify", Kind::Server, &Origin::new("normal_traffic"), Vec::new(), None);
        let asked = gateway.ask(Task::Classify, &mail, Duration::ZERO).with_context(span.context().clone());
        tokio::select! {
            asked = asked => panic!("{asked:?}"),
            () = waits => format!("{:032x}", span.ids().unwrap().trace),
        }
    };
    let spans = capture.trace(&trace);
    let call = spans.iter().find(|span| span.name == "chat gpt-4o-mini").expect("the call's span ended");
    assert_eq!(attribute(call, "error.type").as_deref(), Some("cancelled"));
}

#[tokio::test]
async fn durations_and_tokens_are_measured_by_model_traffic_and_outcome() {
    let stub = Stub::start([Says::ok(Way::OpenAi.says(OFFER)), Says::status(500, "")]).await;
    let gateway = gateway(Way::OpenAi, &stub, &[]);
    for _ in 0..2 {
        spans(&gateway, &mail()).await;
    }
    let port = stub.port().to_string();
    let points = capture::start().points();
    let find = |metric: &str, labels: &[(&str, &str)]| {
        let found = points.iter().find(|point| {
            let has = |key: &str, value: &str| {
                point.attributes.iter().any(|label| label.key.as_str() == key && label.value.as_str() == value)
            };
            point.metric == metric && has("server.port", &port) && labels.iter().all(|(key, value)| has(key, value))
        });
        found.unwrap_or_else(|| panic!("no {metric} with {labels:?} in {points:?}"))
    };
    let common = [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "openai"),
        ("gen_ai.request.model", "gpt-4o-mini"),
        ("traffic.type", "normal_traffic"),
    ];
    let good = [&common[..], &[("gen_ai.response.model", "gpt-4o-mini-2024-07-18")]].concat();
    let duration = find("gen_ai.client.operation.duration", &good);
    assert_eq!((duration.unit.as_str(), duration.count), ("s", 1.0));
    let bad = [&common[..], &[("error.type", "llm_unavailable")]].concat();
    assert_eq!(find("gen_ai.client.operation.duration", &bad).count, 1.0);
    for kind in ["input", "output"] {
        let labels = [&good[..], &[("gen_ai.token.type", kind)]].concat();
        let tokens = find("gen_ai.client.token.usage", &labels);
        assert_eq!((tokens.unit.as_str(), tokens.count), ("{token}", 1.0));
    }
}
