//! Commands, against a real Redis.

use crate::support::{described, has_each_key_once, in_trace, named, spans};
use redis::AsyncTypedCommands;
use telemetry::capture::{self, attribute};
use telemetry::redis::{Command, RedisPeer, traced};

const SET: Command = Command::new("SET", "cart", "SET cart");
const INCREMENT: Command = Command::new("INCR", "cart", "INCR cart");

#[tokio::test]
async fn a_command_makes_a_client_span_and_a_failure_carries_its_code() {
    let capture = capture::start();
    let client = redis::Client::open(testbed::redis().await.url.as_str()).unwrap();
    let peer = RedisPeer::of(client.get_connection_info());
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let work = async {
        traced(&SET, &peer, connection.set("telemetry:1", "text")).await.unwrap();
        traced(&INCREMENT, &peer, connection.incr("telemetry:1", 1)).await
    };
    let (result, trace_id) = in_trace(work).await;
    assert!(result.is_err());
    let spans = spans(&capture, &trace_id, 3).await;
    let (set, increment) = (named(&spans, "SET cart"), named(&spans, "INCR cart"));
    assert!(has_each_key_once(set) && has_each_key_once(increment));
    assert_eq!(attribute(increment, "error.type").as_deref(), Some("ERR"));
    insta::assert_snapshot!("spans_of_redis", described(set) + &described(increment));
}
