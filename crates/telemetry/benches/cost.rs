//! What telemetry costs the request that is observed: nanoseconds per span, with baggage and a batch processor behind.
//! No collector is needed; spans that nobody takes are dropped.

#![expect(clippy::print_stdout, reason = "the figures are the result")]

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use std::hint::black_box;
use std::time::Instant;
use telemetry::context::{self, FutureExt, Origin};
use telemetry::http_server::HttpServer;
use telemetry::span::{Kind, Span};
use telemetry::{Context, KeyValue, LogOutput, Service, attr};
use tower::ServiceExt;

/// Enough for a stable mean, few enough to fit a minute in a debug build.
const ROUNDS: u32 = 100_000;

fn report(what: &str, began: Instant) {
    let nanoseconds = began.elapsed().as_nanos() / u128::from(ROUNDS);
    println!("{what:<55}{nanoseconds:>8} ns");
}

fn main() {
    let service = Service::new("bench", "0").with_log_output(LogOutput::Silent);
    let telemetry = telemetry::init(service).expect("the environment has no unusable OTEL_ variable");
    let origin = Origin::new("demo").session("s-1").user("user-0042").run("r-7");
    let demo = origin.attach_to(&Context::new());

    let began = Instant::now();
    for _ in 0..ROUNDS {
        black_box(Span::start("empty", Vec::new()));
    }
    report("a span", began);

    let began = Instant::now();
    let _inside = demo.clone().attach();
    for _ in 0..ROUNDS {
        black_box(Span::start("empty", Vec::new()));
    }
    report("a span with four members of baggage", began);

    let began = Instant::now();
    for round in 0..ROUNDS {
        let attributes = vec![
            KeyValue::new(attr::USER_JOURNEY, "full_checkout"),
            KeyValue::new(attr::STEP_ENDPOINT, "POST /api/checkout"),
        ];
        let span = Span::root("journey", Kind::Internal, &origin, attributes, None);
        span.set(attr::STEP_NUMBER, i64::from(round));
    }
    report("a root span with its origin and three attributes", began);

    let mut headers = http::HeaderMap::new();
    let root = Span::start("root", Vec::new());
    let began = Instant::now();
    for _ in 0..ROUNDS {
        headers.clear();
        context::inject(root.context(), &mut headers);
    }
    report("writing the context into headers", began);
    let began = Instant::now();
    for _ in 0..ROUNDS {
        black_box(context::extract(&headers));
    }
    report("reading the context from headers", began);

    let plain = Router::new().route("/products/{id}", get(|| async {}));
    let traced = plain.clone().layer(HttpServer::new());
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime without I/O needs nothing");
    for (what, router) in
        [("a request through axum without the layer", plain), ("a request through axum with the layer", traced)]
    {
        let began = Instant::now();
        for _ in 0..ROUNDS {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = http::Uri::from_static("/products/prod-1");
            request.headers_mut().clone_from(&headers);
            let answer = router.clone().oneshot(request);
            let _ = black_box(runtime.block_on(answer.with_context(Context::new())));
        }
        report(what, began);
    }
    println!("{:?}", telemetry.shutdown());
}
