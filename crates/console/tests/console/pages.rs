//! Pages without a browser: they answer, escape what strangers write, and need nothing from elsewhere.

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message;
use reqwest::StatusCode;

use crate::otlp::{failed, request, span, text};
use crate::started::Started;

async fn page(console: &Started, path: &str) -> (StatusCode, String) {
    let answer = console.client.get(format!("{}{path}", console.pages)).send().await.expect("it answers");
    assert!(answer.headers().contains_key("content-security-policy"), "{path}");
    (answer.status(), answer.text().await.expect("text"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_answers_and_shows_what_strangers_write_as_text() {
    let console = Started::new().await;
    let mut evil = failed(span(7, 1, "<script>alert(1)</script>", SpanKind::Server, 5));
    evil.attributes.push(text("<b>key</b>", "<img src=x onerror=alert(1)>"));
    let body = request("<i>service</i>", vec![evil]).encode_to_vec();
    let sent = console
        .client
        .post(format!("{}/v1/traces", console.otlp_http))
        .header("content-type", "application/x-protobuf")
        .body(body)
        .send();
    assert_eq!(sent.await.expect("it answers").status(), StatusCode::OK);
    let trace = format!("/traces/{:032x}", 7);
    for path in ["/", "/services", "/traces", "/traces?status=error", &trace] {
        let (status, html) = page(&console, path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        for raw in ["<script>alert", "<img src=x", "<i>service", "<b>key"] {
            assert!(!html.contains(raw), "{path} shows {raw} as markup");
        }
        assert!(!html.contains("//cdn") && !html.contains("https://"), "{path} needs something from elsewhere");
    }
    assert!(page(&console, &trace).await.1.contains("&lt;script&gt;alert"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said_on_a_page_too() {
    let console = Started::new().await;
    let (status, html) = page(&console, "/traces/00000000000000000000000000000001").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(html.contains("This trace is not here"));
    assert_eq!(page(&console, "/nowhere").await.0, StatusCode::NOT_FOUND);
    let (_, html) = page(&console, "/traces?min_duration_ms=long").await;
    assert!(html.contains("`min_duration_ms` cannot be `long`"), "{html}");
    assert!(page(&console, "/traces").await.1.contains("No trace fits"));
    assert!(page(&console, "/services").await.1.contains("Nothing ended in this stretch"));
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_are_inside() {
    let console = Started::new().await;
    for (name, content_type) in
        [("console.css", "text/css"), ("stage.js", "text/javascript"), ("uPlot.iife.min.js", "text/javascript")]
    {
        let answer = console.client.get(format!("{}/assets/{name}", console.pages)).send().await.expect("it answers");
        assert_eq!(answer.status(), StatusCode::OK);
        let found = answer.headers()["content-type"].to_str().expect("text").to_owned();
        assert!(found.starts_with(content_type), "{name}: {found}");
    }
    assert_eq!(page(&console, "/assets/..%2f..%2fCargo.toml").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_taken_lately_stands_above_every_page() {
    let console = Started::new().await;
    for path in ["/", "/services", "/databases", "/logs"] {
        assert!(!page(&console, path).await.1.contains("NOT TAKEN"), "{path}");
    }
    let garbage = console.client.post(format!("{}/v1/traces", console.otlp_http)).body("no OTLP");
    let answer = garbage.header("content-type", "application/x-protobuf").send().await.expect("it answers");
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    for path in ["/", "/services", "/databases", "/logs", "/traces"] {
        let (_, html) = page(&console, path).await;
        assert!(html.contains("NOT TAKEN") && html.contains("could not be read"), "{path}: {html}");
    }
    assert_eq!(console.health().await.lately.requests_invalid, 1);
}
