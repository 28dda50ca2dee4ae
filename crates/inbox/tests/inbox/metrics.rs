//! `/metrics`, as Prometheus reads it.

use serde_json::json;

use crate::fixture::{Inbox, mail};

/// The value of the one line that begins with `series`.
fn value(text: &str, series: &str) -> f64 {
    let found: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix(series)?.strip_prefix(' ')).collect();
    assert_eq!(found.len(), 1, "{series}: {text}");
    found[0].parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_of_the_seed_document_count_what_was_answered() {
    let inbox = Inbox::start().await;
    let (_, answer) = inbox.classify(&mail()).await;
    for _ in 0..3 {
        assert_eq!(inbox.classify(&json!({"subject": "x"})).await.0, 422);
    }
    let text = inbox.text("/metrics").await;
    let endpoint = r#"{endpoint="/hackathon/classify"}"#;
    assert_eq!(value(&text, r#"http_requests_total{endpoint="/hackathon/classify",status="200"}"#), 1.0);
    assert_eq!(value(&text, r#"http_requests_total{endpoint="/hackathon/classify",status="422"}"#), 3.0);
    assert_eq!(value(&text, "llm_error_rate"), 0.75);
    assert_eq!(value(&text, &format!("llm_latency_ms_count{endpoint}")), 4.0);
    assert_eq!(value(&text, &format!("llm_tokens_used_count{endpoint}")), 1.0);
    let tokens = answer["tokens"]["total"].as_f64().unwrap();
    assert_eq!(value(&text, &format!("llm_tokens_used_sum{endpoint}")), tokens);
    let cost = answer["cost"]["usd"].as_f64().unwrap();
    assert!((value(&text, "llm_cost_estimate_usd") - cost).abs() < 1e-12);
    for (name, kind) in [
        ("http_requests_total", "counter"),
        ("llm_latency_ms", "histogram"),
        ("llm_tokens_used", "histogram"),
        ("llm_error_rate", "gauge"),
        ("llm_cost_estimate_usd", "counter"),
    ] {
        assert!(text.contains(&format!("# TYPE {name} {kind}\n")), "{name}: {text}");
    }
}
