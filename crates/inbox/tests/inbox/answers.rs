//! What is answered when all is well.

use serde_json::json;

use crate::fixture::{Inbox, mail};

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_classified_with_all_that_it_took() {
    let inbox = Inbox::start().await;
    let (status, answer) = inbox.classify(&mail()).await;
    assert_eq!((status, &answer["intent"]), (200, &json!("interview_invite")), "{answer}");
    assert!((0.0..=1.0).contains(&answer["confidence"].as_f64().unwrap()), "{answer}");
    assert!(answer["reasoning"].as_str().unwrap().contains("interview"), "{answer}");
    assert_eq!((&answer["model_used"], &answer["fallback"]), (&json!("doorbuster-embedded-1"), &json!(false)));
    let tokens = &answer["tokens"];
    let count = |key: &str| tokens[key].as_u64().unwrap();
    assert!(count("input") > 50 && count("output") > 10, "{tokens}");
    assert_eq!(count("total"), count("input") + count("output"));
    assert!(answer["cost"]["usd"].as_f64().unwrap() > 0.0, "{answer}");
    assert!(answer["latency_ms"].as_f64().unwrap() >= 100.0, "{answer}");
    // Clients of the service that this one stands in for send more fields, and none without a sender is wrong.
    let (status, _) = inbox.classify(&json!({"subject": "", "snippet": "See you on Monday", "id": 7})).await;
    assert_eq!(status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_mail_says_is_extracted() {
    let inbox = Inbox::start().await;
    let body = json!({
        "subject": "Your offer as Data Analyst at Harbor Analytics",
        "snippet": "We are pleased to offer you the position of Data Analyst at Harbor Analytics. The salary is $85,000 per year. \
                    Please answer by 2026-12-15: https://harbor.example/offers/17",
        "sender": "Ana Costa <ana@harbor.example>",
    });
    let (status, answer) = inbox.post("/hackathon/extract", &[], &body).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["links"], json!(["https://harbor.example/offers/17"]), "{answer}");
    assert!(answer["salary"].as_str().unwrap().contains("85000"), "{answer}");
    assert!(answer["tokens"]["total"].as_u64().unwrap() > 50, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_too_long_is_truncated_and_says_so_or_refused_by_configuration() {
    let long = json!({"subject": "Interview", "snippet": "We would like to meet you again. ".repeat(1_500)});
    let inbox = Inbox::start().await;
    let (status, answer) = inbox.classify(&long).await;
    assert_eq!((status, &answer["truncated"]), (200, &json!(true)), "{answer}");
    assert!(answer["tokens"]["input"].as_u64().unwrap() <= 8192, "{answer}");
    let (_, short) = inbox.classify(&mail()).await;
    assert_eq!(short["truncated"], json!(false));

    let strict = Inbox::with(&[("LLM_OVER_LIMIT", "refuse")]).await;
    let (status, answer) = strict.classify(&long).await;
    assert_eq!((status, &answer["error"]["fields"][0]["field"]), (422, &json!("snippet")), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_that_it_lives_and_which_model_it_asks() {
    let inbox = Inbox::start().await;
    for path in ["/health", "/health/live"] {
        let (status, answer) = inbox.get(path).await;
        assert_eq!((status, &answer["status"], &answer["service"]), (200, &json!("healthy"), &json!("inbox")));
    }
    assert_eq!(inbox.get("/ready").await.0, 200);
    let (status, answer) = inbox.get("/debug/llm").await;
    assert_eq!((status, &answer["model"]), (200, &json!("doorbuster-embedded-1")), "{answer}");
    assert_eq!((&answer["provider"], &answer["reachable"]), (&json!("doorbuster"), &json!(true)));
}
