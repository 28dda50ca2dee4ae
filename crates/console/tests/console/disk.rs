//! What memory has no room for is on disk, and a data folder outlasts its console.

use std::time::Duration;

use console::api::{TraceSummary, TraceView};
use console::{ConsoleOptions, DiskOptions};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message;
use reqwest::StatusCode;

use crate::otlp::{request, span};
use crate::started::{Started, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_console_short_of_memory_asks_senders_to_come_back_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disk = DiskOptions { spill_to: folder.path().to_owned(), ..DiskOptions::default() };
    let console = Started::with(ConsoleOptions { memory_budget: 2 << 20, disk, ..ConsoleOptions::default() }).await;
    for batch in 0..40u128 {
        let spans = (1..=500u128).map(|n| span(batch * 1000 + n, 1, "GET /", SpanKind::Server, 1)).collect();
        let body = request("s", spans).encode_to_vec();
        within(Duration::from_secs(60), "the console takes it", async || {
            let post = console.client.post(format!("{}/v1/traces", console.otlp_http)).body(body.clone());
            let answer = post.header("content-type", "application/x-protobuf").send().await.expect("it answers");
            match answer.status() {
                StatusCode::OK => Some(()),
                StatusCode::TOO_MANY_REQUESTS => None,
                other => panic!("{other}"),
            }
        })
        .await;
    }
    let store = console.health().await.store;
    assert_eq!((store.spans_received, store.spans_kept, store.spans_evicted), (20_000, 20_000, 0), "{store:?}");
    assert!(store.spans_on_disk > 5000 && store.bytes_kept <= store.budget_bytes, "{store:?}");
    for trace in [1, 10_500, 39_500u128] {
        let found: TraceView = console.json(&format!("/api/traces/{trace:032x}")).await;
        assert_eq!(found.spans.len(), 1, "trace {trace}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_outlasts_its_console() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = || {
        let disk = DiskOptions { data: Some(folder.path().join("data")), ..DiskOptions::default() };
        ConsoleOptions { disk, ..ConsoleOptions::default() }
    };
    let console = Started::with(options()).await;
    let health = console.health().await;
    assert!(health.recovered.is_some_and(|recovered| recovered.clean && recovered.parts == 0), "{health:?}");
    console.send("frontend", vec![span(0xabc, 1, "POST /api/checkout", SpanKind::Server, 40)]).await;
    console.end().await.expect("in order");

    let console = Started::with(options()).await;
    let recovered = console.health().await.recovered.expect("there is a data folder");
    assert_eq!((recovered.clean, recovered.spans, recovered.lost_spans), (true, 1, 0));
    let found: Vec<TraceSummary> = console.json("/api/traces?service=frontend").await;
    assert_eq!(found.iter().map(|trace| trace.root_operation.as_str()).collect::<Vec<_>>(), ["POST /api/checkout"]);
    let error = console::serve(
        ConsoleOptions { http_port: 0, otlp_grpc_port: 0, otlp_http_port: 0, ..options() },
        Default::default(),
    );
    let message = error.await.expect_err("the folder is in use").to_string();
    assert!(message.contains("in use by another console"), "{message}");
}
