//! OTLP over HTTP.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use reqwest::{Response, StatusCode};

use crate::otlp::{request, span, text};
use crate::started::Started;

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

async fn send(console: &Started, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Response {
    let mut request = console.client.post(format!("{}{path}", console.otlp_http)).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.expect("it answers")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

#[tokio::test(flavor = "multi_thread")]
async fn protobuf_comes_in_plain_and_gzipped_and_is_answered_in_protobuf() {
    let console = Started::new().await;
    let body = request("frontend", vec![span(1, 1, "GET /", SpanKind::Server, 5)]).encode_to_vec();
    let type_and_encoding = [("content-type", PROTOBUF), ("content-encoding", "gzip")];
    for (headers, body) in [(&type_and_encoding[..1], body.clone()), (&type_and_encoding[..], gzip(&body))] {
        let answer = send(&console, "/v1/traces", headers, body).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[CONTENT_TYPE], PROTOBUF);
        let message = ExportTraceServiceResponse::decode(answer.bytes().await.expect("a body")).expect("protobuf");
        assert_eq!(message.partial_success, None);
    }
    assert_eq!(console.health().await.spans_received, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_as_browsers_send_it_comes_in_and_is_answered_in_json() {
    let console = Started::new().await;
    let now = crate::otlp::now_ns();
    let body = format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"browser"}}}}]}},
        "scopeSpans":[{{"scope":{{"name":"x"}},"spans":[{{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",
        "name":"click","kind":2,"startTimeUnixNano":"{}","endTimeUnixNano":"{now}","unknownField":1,
        "attributes":[{{"key":"n","value":{{"intValue":"42"}}}}]}}]}}]}}]}}"#,
        now - 7_000_000
    );
    let answer =
        send(&console, "/v1/traces", &[("content-type", "application/json; charset=utf-8")], body.into()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[CONTENT_TYPE], JSON);
    let trace: console::api::TraceView = console.json("/api/traces/5b8efff798038103d269b633813fc60c").await;
    assert_eq!((trace.spans[0].service.as_str(), trace.spans[0].name.as_str()), ("browser", "click"));
    assert_eq!(trace.spans[0].attributes["n"], 42);
    for path in ["/v1/logs", "/v1/metrics"] {
        assert_eq!(send(&console, path, &[("content-type", JSON)], b"{}".to_vec()).await.status(), StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_otlp_gets_the_answer_that_the_protocol_asks_for() {
    let console = Started::new().await;
    let good = request("s", vec![span(1, 1, "a", SpanKind::Server, 1)]).encode_to_vec();
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], Vec<u8>, StatusCode);
    let cases: [Case<'_>; 8] = [
        ("garbage", &[("content-type", PROTOBUF)], vec![0xff; 100], StatusCode::BAD_REQUEST),
        (
            "a truncated message",
            &[("content-type", PROTOBUF)],
            good[..good.len() - 3].to_vec(),
            StatusCode::BAD_REQUEST,
        ),
        ("no JSON", &[("content-type", JSON)], b"{\"resourceSpans\":[".to_vec(), StatusCode::BAD_REQUEST),
        (
            "JSON of another shape",
            &[("content-type", JSON)],
            b"{\"resourceSpans\":7}".to_vec(),
            StatusCode::BAD_REQUEST,
        ),
        ("another type", &[("content-type", "text/plain")], good.clone(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("no type", &[], good.clone(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (
            "an encoding we do not have",
            &[("content-type", PROTOBUF), ("content-encoding", "br")],
            good.clone(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (
            "gzip that is none",
            &[("content-type", PROTOBUF), ("content-encoding", "gzip")],
            good.clone(),
            StatusCode::BAD_REQUEST,
        ),
    ];
    for (what, headers, body, expected) in cases {
        assert_eq!(send(&console, "/v1/traces", headers, body).await.status(), expected, "{what}");
    }
    assert_eq!(send(&console, "/v1/nothing", &[], Vec::new()).await.status(), StatusCode::NOT_FOUND);
    let get = console.client.get(format!("{}/v1/traces", console.otlp_http)).send().await.expect("it answers");
    assert_eq!(get.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(console.health().await.spans_received, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_too_large_are_refused_even_if_they_come_small() {
    let console = Started::new().await;
    let mut large = span(1, 1, "large", SpanKind::Server, 1);
    large.attributes.push(text("k", &"x".repeat(17 << 20)));
    let body = request("s", vec![large]).encode_to_vec();
    let bomb = gzip(&body);
    assert!(bomb.len() < 1 << 20);
    let headers = [("content-type", PROTOBUF), (CONTENT_ENCODING.as_str(), "gzip")];
    let answer = send(&console, "/v1/traces", &headers, bomb).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.headers()[CONTENT_TYPE], PROTOBUF);
    let next = request("s", vec![span(2, 1, "small", SpanKind::Server, 1)]).encode_to_vec();
    assert_eq!(send(&console, "/v1/traces", &headers[..1], next).await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn zstd_and_deflate_are_taken_too_and_an_unknown_coding_is_told_what_is() {
    let console = Started::new().await;
    let body = request("frontend", vec![span(1, 1, "GET /", SpanKind::Server, 5)]).encode_to_vec();
    let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(&body).expect("memory");
    let packed = [
        ("zstd", zstd::encode_all(&body[..], 1).expect("memory")),
        ("deflate", deflate.finish().expect("memory")),
        ("identity", body.clone()),
    ];
    for (coding, packed) in packed {
        let headers = [("content-type", PROTOBUF), ("content-encoding", coding)];
        assert_eq!(send(&console, "/v1/traces", &headers, packed).await.status(), StatusCode::OK, "{coding}");
    }
    assert_eq!(console.health().await.spans_received, 3);
    let headers = [("content-type", JSON), ("content-encoding", "br")];
    let answer = send(&console, "/v1/traces", &headers, body).await;
    assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let said: serde_json::Value = answer.json().await.expect("a status");
    assert!(said["message"].as_str().expect("a message").contains("Content-Encoding is br: send gzip"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_any_origin_may_send_and_see_the_answer() {
    let console = Started::new().await;
    let origin = "https://shop.example";
    let asked = console
        .client
        .request(reqwest::Method::OPTIONS, format!("{}/v1/traces", console.otlp_http))
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-encoding,content-type,x-tenant")
        .send()
        .await
        .expect("it answers");
    assert_eq!(asked.status(), StatusCode::OK);
    let said = |name: &str| asked.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(said("access-control-allow-origin"), "*");
    assert_eq!(said("access-control-allow-methods"), "POST");
    // By name: a browser does not take `*` for `authorization`.
    assert_eq!(said("access-control-allow-headers"), "authorization,content-encoding,content-type,x-tenant");
    let headers = [("content-type", JSON), ("origin", origin)];
    for (body, status) in [("{}", StatusCode::OK), ("{", StatusCode::BAD_REQUEST)] {
        let answer = send(&console, "/v1/traces", &headers, body.into()).await;
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    }
}
