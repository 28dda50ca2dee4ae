//! Other people's models behind the service: stand-ins on this machine that look at what they are sent. What each kind of
//! failure is made of is tested beside the models' own code; here is what callers get to see of it.

use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::fixture::{Inbox, mail};

const KEY: &str = "sk-very-secret";

/// What a stand-in was sent, and what it answers.
#[derive(Clone)]
struct StandIn {
    seen: Arc<Mutex<Vec<(String, String, String)>>>,
    status: u16,
    retry_after: Option<&'static str>,
    body: Value,
}

impl StandIn {
    async fn start(status: u16, retry_after: Option<&'static str>, body: Value) -> (String, Self) {
        let stand_in = Self { seen: Arc::default(), status, retry_after, body };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(stand_in.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (url, stand_in)
    }
}

async fn answer(State(stand_in): State<StandIn>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let headers = format!("{:?}", request.headers());
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let body = String::from_utf8_lossy(&body).into_owned();
    stand_in.seen.lock().unwrap().push((path, headers, body));
    let status = axum::http::StatusCode::from_u16(stand_in.status).unwrap();
    let mut response = (status, Json(stand_in.body.clone())).into_response();
    if let Some(after) = stand_in.retry_after {
        response.headers_mut().insert("retry-after", after.parse().unwrap());
    }
    response
}

fn chat(text: &str) -> Value {
    json!({
        "id": "chat-1", "model": "llama3.2:3b",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 140, "completion_tokens": 20, "total_tokens": 160},
    })
}

async fn openai(url: &str, more: &[(&str, &str)]) -> Inbox {
    let base = format!("{url}/v1");
    let vars = [("OPENAI_BASE_URL", base.as_str()), ("OPENAI_API_KEY", KEY), ("OPENAI_MODEL", "llama3.2")];
    Inbox::with(&[&vars[..], more].concat()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_openai_compatible_server_answers_and_learns_nothing_of_the_caller() {
    let said = r#"{"intent": "interview_invite", "confidence": 0.9, "reasoning": "They want to meet."}"#;
    let (url, stand_in) = StandIn::start(200, None, chat(said)).await;
    let inbox = openai(&url, &[]).await;
    let headers = [("baggage", "traffic.type=normal_traffic,user.id=user-7")];
    let (status, answer) = inbox.post("/hackathon/classify", &headers, &mail()).await;
    assert_eq!(
        (status, &answer["intent"], &answer["model_used"]),
        (200, &json!("interview_invite"), &json!("llama3.2:3b")),
        "{answer}"
    );
    assert_eq!(answer["tokens"], json!({"input": 140, "output": 20, "total": 160}));
    let (path, headers, body) = stand_in.seen.lock().unwrap()[0].clone();
    assert_eq!(path, "/v1/chat/completions");
    assert!(headers.contains("Bearer") || headers.contains("Sensitive"), "{headers}");
    assert!(!headers.contains("user-7") && !headers.contains("traffic.type"), "{headers}");
    assert!(body.contains("next Tuesday") && body.contains(r#""model":"llama3.2""#), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_gives_no_answer_is_told_with_its_reason_and_never_with_a_key() {
    let table = [
        (401, None, json!({}), 503, "llm_unconfigured"),
        (500, None, json!({}), 503, "llm_unavailable"),
        (429, Some("120"), json!({}), 503, "llm_rate_limited"),
        (200, None, json!({"hello": 1}), 502, "llm_bad_answer"),
        (200, None, chat("I think it is an invitation."), 502, "llm_bad_answer"),
    ];
    for (answers, retry_after, body, status, code) in table {
        let (url, _) = StandIn::start(answers, retry_after, body).await;
        let inbox = openai(&url, &[]).await;
        let body = mail().to_string().into_bytes();
        let headers = [("content-type", "application/json")];
        let answer = inbox.send(reqwest::Method::POST, "/hackathon/classify", &headers, body).await;
        let passed_on = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!((answer.status().as_u16(), passed_on.as_deref()), (status, retry_after), "{answers}");
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["error"]["code"], json!(code), "{answer}");
        let debug = inbox.get("/debug/llm").await.1;
        assert!(!format!("{answer}{debug}").contains(KEY), "{answer} {debug}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_model_takes_over_where_that_is_wished_for_and_the_answer_says_so() {
    let (url, _) = StandIn::start(500, None, json!({})).await;
    let inbox = openai(&url, &[("LLM_FALLBACK", "embedded")]).await;
    let (status, answer) = inbox.classify(&mail()).await;
    assert_eq!(
        (status, &answer["fallback"], &answer["model_used"]),
        (200, &json!(true), &json!("doorbuster-embedded-1")),
        "{answer}"
    );
    assert!(answer["fallback_reason"].as_str().unwrap().contains("500"), "{answer}");
    let debug = inbox.get("/debug/llm").await.1;
    assert_eq!(debug["fallback"], json!("doorbuster-embedded-1"), "{debug}");
}

#[tokio::test(flavor = "multi_thread")]
async fn gemini_without_a_project_starts_and_says_what_is_missing() {
    let inbox = Inbox::with(&[("USE_GEMINI_FOR_CLASSIFY", "1")]).await;
    let (status, answer) = inbox.classify(&mail()).await;
    assert_eq!((status, &answer["error"]["code"]), (503, &json!("llm_unconfigured")), "{answer}");
    assert!(answer["error"]["message"].as_str().unwrap().contains("GOOGLE_CLOUD_PROJECT"), "{answer}");
    let debug = inbox.get("/debug/llm").await.1;
    assert_eq!((&debug["reachable"], &debug["code"]), (&json!(false), &json!("llm_unconfigured")), "{debug}");
    assert!(debug["reason"].as_str().unwrap().contains("GOOGLE_CLOUD_PROJECT"), "{debug}");
}

#[tokio::test(flavor = "multi_thread")]
async fn gemini_with_a_key_answers() {
    let text = r#"{"intent": "offer", "confidence": 1, "reasoning": "An offer."}"#;
    let body = json!({
        "candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 150, "candidatesTokenCount": 18, "totalTokenCount": 168},
        "modelVersion": "gemini-2.5-flash",
    });
    let (url, stand_in) = StandIn::start(200, None, body).await;
    let vars = [
        ("LLM_MODEL", "gemini"),
        ("GEMINI_API_KEY", KEY),
        ("GEMINI_BASE_URL", url.as_str()),
        ("GEMINI_MODEL", "gemini-2.5-flash"),
    ];
    let inbox = Inbox::with(&vars).await;
    let (status, answer) = inbox.classify(&mail()).await;
    assert_eq!(
        (status, &answer["intent"], &answer["tokens"]["total"]),
        (200, &json!("offer"), &json!(168)),
        "{answer}"
    );
    assert!(answer["cost"]["usd"].as_f64().unwrap() > 0.0, "{answer}");
    let (path, headers, _) = stand_in.seen.lock().unwrap()[0].clone();
    assert!(path.ends_with("/models/gemini-2.5-flash:generateContent"), "{path}");
    assert!(headers.contains("x-goog-api-key"), "{headers}");
}
