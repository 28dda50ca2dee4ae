//! What models are asked, and how good answers are read.

use serde_json::json;
use telemetry::context::Origin;
use telemetry::span::{Kind, Span};

use super::stub::Says;
use super::*;
use crate::answer::Extraction;

/// `classify` as the service does it: below a span, with a user in the baggage.
async fn classify_in_a_trace(gateway: &Gateway) -> (Asked, String) {
    telemetry::capture::start();
    let origin = Origin::new("normal_traffic").user("user-0042");
    let span = Span::root("POST /hackathon/classify", Kind::Server, &origin, Vec::new(), None);
    let trace = format!("{:032x}", span.ids().unwrap().trace);
    let asked = classify(gateway).with_context(span.context().clone()).await.unwrap();
    (asked, trace)
}

#[tokio::test]
async fn each_server_is_asked_as_its_documentation_says() {
    for (way, path, proof) in [
        (
            Way::Vertex,
            "/v1/projects/my-project/locations/us-central1/publishers/google/models/gemini-2.5-flash:generateContent",
            ("authorization", "Bearer sk-hunter2"),
        ),
        (Way::GeminiKey, "/v1beta/models/gemini-2.5-flash:generateContent", ("x-goog-api-key", "sk-hunter2")),
        (Way::OpenAi, "/v1/chat/completions", ("authorization", "Bearer sk-hunter2")),
    ] {
        let stub = Stub::start([Says::ok(way.says(OFFER))]).await;
        let (asked, trace) = classify_in_a_trace(&gateway(way, &stub, &[])).await;
        let seen = stub.only();
        assert_eq!((&seen.method, seen.path.as_str()), (&http::Method::POST, path));
        assert_eq!(seen.header(proof.0), Some(proof.1), "{way:?}");
        let proofs = ["authorization", "x-goog-api-key"].iter().filter(|name| seen.header(name).is_some()).count();
        assert_eq!(proofs, 1, "a key goes into one header: {:?}", seen.headers);
        assert_eq!(seen.header("content-type"), Some("application/json"));
        assert!(seen.header("user-agent").unwrap().starts_with("doorbuster/"));
        assert!(seen.header("traceparent").unwrap().contains(&trace), "{way:?}: {:?}", seen.headers);
        assert_eq!(seen.header("baggage"), None, "who the user is does not concern them");

        assert_eq!(asked.answer, offer(), "{way:?}");
        assert_eq!((asked.spent.input_tokens, asked.spent.output_tokens), (100, 20));
        assert!((asked.spent.cost_usd.unwrap() - way.cost()).abs() < 1e-12, "{way:?}: {:?}", asked.spent);
        assert_eq!(asked.completion.id.as_deref(), Some("answer-1"));
        assert_eq!(asked.fallback, None);
        assert!(!asked.is_truncated);
        assert_eq!(asked.identity.server, Some(("127.0.0.1".to_owned(), stub.port())));
    }
}

#[tokio::test]
async fn gemini_gets_instructions_and_mail_apart_and_is_told_not_to_think() {
    for (model, thinking, room) in [
        ("gemini-2.5-flash", json!({"thinkingBudget": 0}), 0),
        ("gemini-2.5-pro", json!({"thinkingBudget": 128}), 128),
        ("gemini-3.5-flash", json!({"thinkingLevel": "LOW"}), 1024),
    ] {
        let stub = Stub::start([Says::ok(Way::GeminiKey.says(OFFER))]).await;
        classify(&gateway(Way::GeminiKey, &stub, &[("GEMINI_MODEL", model)])).await.unwrap();
        let seen = stub.only();
        assert!(seen.path.contains(model));
        let system = seen.body["systemInstruction"]["parts"][0]["text"].as_str().unwrap();
        assert!(system.contains("interview_invite") && !system.contains("Hooli"), "{system}");
        let user = seen.body["contents"][0]["parts"][0]["text"].as_str().unwrap();
        let mail: serde_json::Value = serde_json::from_str(user).unwrap();
        assert_eq!(mail["sender"], "jobs@hooli.example");
        assert_eq!(seen.body["contents"][0]["role"], "user");
        let expected = json!({
            "temperature": 0, "maxOutputTokens": 256 + room, "responseMimeType": "application/json",
            "thinkingConfig": thinking,
        });
        assert_eq!(seen.body["generationConfig"], expected);
    }
}

#[tokio::test]
async fn an_openai_server_gets_two_messages_and_is_asked_for_json() {
    let stub = Stub::start([Says::ok(Way::OpenAi.says(OFFER))]).await;
    classify(&gateway(Way::OpenAi, &stub, &[("LLM_MAX_OUTPUT_TOKENS", "99")])).await.unwrap();
    let body = stub.only().body;
    assert_eq!(body["model"], "gpt-4o-mini");
    assert_eq!((&body["messages"][0]["role"], &body["messages"][1]["role"]), (&json!("system"), &json!("user")));
    assert!(body["messages"][1]["content"].as_str().unwrap().contains("jobs@hooli.example"));
    assert_eq!((&body["temperature"], &body["max_tokens"]), (&json!(0), &json!(99)));
    assert_eq!((&body["stream"], &body["response_format"]), (&json!(false), &json!({"type": "json_object"})));
}

#[tokio::test]
async fn an_openai_server_needs_no_key() {
    let stub = Stub::start([Says::ok(Way::OpenAi.says(OFFER))]).await;
    classify(&gateway(Way::OpenAi, &stub, &[("OPENAI_API_KEY", "")])).await.unwrap();
    assert_eq!(stub.only().header("authorization"), None);
}

#[tokio::test]
async fn a_server_that_refuses_the_format_is_asked_without_it_and_that_is_remembered() {
    let refusal = Says::status(400, r#"{"error":{"message":"response_format is not supported"}}"#);
    let stub = Stub::start([refusal, Says::ok(Way::OpenAi.says(OFFER))]).await;
    let gateway = gateway(Way::OpenAi, &stub, &[]);
    for _ in 0..2 {
        assert_eq!(classify(&gateway).await.unwrap().answer, offer());
    }
    let formats: Vec<bool> = stub.seen().iter().map(|seen| seen.body.get("response_format").is_some()).collect();
    assert_eq!(formats, [true, false, false]);
}

#[tokio::test]
async fn a_model_that_reasons_is_asked_without_what_it_refuses_and_with_room_to_reason() {
    let body = r#"{"error":{"message":"Unsupported parameter: 'max_tokens'","code":"unsupported_parameter"}}"#;
    let stub = Stub::start([Says::status(400, body), Says::ok(Way::OpenAi.says(OFFER))]).await;
    let gateway = gateway(Way::OpenAi, &stub, &[]);
    for _ in 0..2 {
        assert_eq!(classify(&gateway).await.unwrap().answer, offer());
    }
    let [first, second, third]: [_; 3] = stub.seen().try_into().unwrap();
    assert_eq!((&first.body["max_tokens"], first.body.get("max_completion_tokens")), (&json!(256), None));
    assert_eq!((second.body.get("max_tokens"), second.body.get("temperature")), (None, None));
    assert_eq!(
        (&second.body["max_completion_tokens"], &second.body["reasoning_effort"]),
        (&json!(1280), &json!("low"))
    );
    assert_eq!(second.body["response_format"], json!({"type": "json_object"}));
    assert_eq!(third.body, second.body, "it is remembered");
}

#[tokio::test]
async fn a_server_that_refuses_whatever_it_is_told_is_asked_three_times_at_the_most() {
    let body = r#"{"error":{"code":"unsupported_value"}}"#;
    let stub = Stub::start([Says::status(400, body)]).await;
    let error = error(classify(&gateway(Way::OpenAi, &stub, &[])).await);
    assert_eq!(error.to_string(), "the model refuses the request (400, unsupported_value)");
    assert_eq!(stub.seen().len(), 3);
}

#[tokio::test]
async fn a_server_that_refuses_a_request_for_another_reason_keeps_being_asked_for_json() {
    let refusal = Says::status(400, r#"{"error":{"code":"context_length_exceeded"}}"#);
    let stub = Stub::start([refusal.clone(), refusal, Says::ok(Way::OpenAi.says(OFFER))]).await;
    let gateway = gateway(Way::OpenAi, &stub, &[]);
    let refused = error(classify(&gateway).await);
    assert_eq!(refused.to_string(), "the model refuses the request (400, context_length_exceeded)");
    classify(&gateway).await.unwrap();
    let formats: Vec<bool> = stub.seen().iter().map(|seen| seen.body.get("response_format").is_some()).collect();
    assert_eq!(formats, [true, false, true]);
}

#[tokio::test]
async fn fenced_json_and_extractions_are_read_from_all_of_them() {
    for way in Way::ALL {
        let stub = Stub::start([
            Says::ok(way.says(&format!("\n```json\n{OFFER}\n```\n"))),
            Says::ok(way.says(r#"{"company":"Hooli","salary":"90,000 a year","links":[]}"#)),
        ])
        .await;
        let gateway = gateway(way, &stub, &[]);
        assert_eq!(classify(&gateway).await.unwrap().answer, offer(), "{way:?}");
        let asked = gateway.ask(Task::Extract, &mail(), Duration::ZERO).await.unwrap();
        let expected = Extraction {
            company: Some("Hooli".to_owned()),
            salary: Some("90,000 a year".to_owned()),
            ..Extraction::default()
        };
        assert_eq!(asked.answer, Answer::Extraction(expected), "{way:?}");
    }
}

#[tokio::test]
async fn whether_a_model_is_there_is_found_out_without_asking_it_anything() {
    for (way, path) in [
        (Way::Vertex, "/v1/publishers/google/models/gemini-2.5-flash"),
        (Way::GeminiKey, "/v1beta/models/gemini-2.5-flash"),
        (Way::OpenAi, "/v1/models"),
    ] {
        let stub = Stub::start([Says::ok("{}"), Says::status(403, ""), Says::Hang]).await;
        let patient = gateway(way, &stub, &[]);
        assert_eq!(patient.reach().await, Ok(()));
        let seen = stub.only();
        assert_eq!((&seen.method, seen.path.as_str()), (&http::Method::GET, path));
        assert!(
            seen.header("authorization").or(seen.header("x-goog-api-key")).is_some_and(|proof| proof.contains(KEY))
        );
        let project = (way == Way::Vertex).then_some("my-project");
        assert_eq!(seen.header("x-goog-user-project"), project);
        assert_eq!(patient.reach().await.unwrap_err().code(), "llm_unconfigured");
        let timeout = if way == Way::OpenAi { "OPENAI_TIMEOUT_MS" } else { "GEMINI_TIMEOUT_MS" };
        let hasty = gateway(way, &stub, &[(timeout, "300")]);
        assert_eq!(hasty.reach().await, Err(ModelError::TimedOut(Duration::from_millis(300))));
    }
    let url = "http://127.0.0.1:1";
    let vars = Way::OpenAi.vars(url);
    let unreachable = Gateway::new(config(&vars), nobody).reach().await.unwrap_err();
    assert!(unreachable.to_string().starts_with("the model at 127.0.0.1:1 can't be reached: "), "{unreachable}");
}

/// `OPENAI_BASE_URL=http://127.0.0.1:11434/v1 OPENAI_MODEL=llama3.2 cargo nextest run -p inbox --run-ignored only real_model`
#[tokio::test]
#[ignore = "asks a real model: the one that the environment leads to"]
async fn a_real_model_answers_both_questions() {
    let gateway = Gateway::new(LlmConfig::from_vars(&|name| std::env::var(name).ok()).unwrap(), nobody);
    println!("reach: {:?}", gateway.reach().await);
    let asked = classify(&gateway).await.unwrap();
    println!("{asked:#?}");
    assert!(matches!(asked.answer, Answer::Classification(Classification { intent: Intent::Offer, .. })));
    let asked = gateway.ask(Task::Extract, &mail(), Duration::ZERO).await.unwrap();
    println!("{asked:#?}");
}
