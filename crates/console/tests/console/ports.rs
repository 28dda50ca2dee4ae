//! Why a console does not start.

use std::net::TcpListener;

use console::{ConsoleOptions, ServeError, serve};
use tokio_util::sync::CancellationToken;

use crate::started::free_port;

async fn refused(options: ConsoleOptions) -> ServeError {
    serve(options, CancellationToken::new()).await.expect_err("it cannot start")
}

#[tokio::test]
async fn a_taken_port_is_named_with_a_remedy() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("free");
    let port = taken.local_addr().expect("bound").port();
    let free =
        ConsoleOptions { http_port: free_port(), otlp_grpc_port: 0, otlp_http_port: 0, ..ConsoleOptions::default() };
    for (options, what, flag) in [
        (ConsoleOptions { http_port: port, ..free.clone() }, "the console", "--port"),
        (ConsoleOptions { otlp_grpc_port: port, ..free.clone() }, "OTLP/gRPC", "--otlp-grpc-port"),
        (ConsoleOptions { otlp_http_port: port, ..free.clone() }, "OTLP/HTTP", "--otlp-http-port"),
    ] {
        let message = refused(options).await.to_string();
        assert!(message.starts_with(&format!("{what} cannot listen on 127.0.0.1:{port}")), "{message}");
        assert!(message.contains(flag), "{message}");
    }
}

#[tokio::test]
async fn mistakes_in_monitors_and_times_are_said_before_anything_listens() {
    let monitors = "monitors: [{key: A}, {key: b}]".to_owned();
    let message = refused(ConsoleOptions { monitors, ..ConsoleOptions::default() }).await.to_string();
    assert_eq!(message.matches("line 1, column").count(), 3, "{message}");
    let error = refused(ConsoleOptions { time_scale: 0.0, ..ConsoleOptions::default() }).await;
    assert!(matches!(error, ServeError::TimeScale(0.0)), "{error}");
}
