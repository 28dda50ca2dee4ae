//! What keeps a request within bounds: time, places, length, price.

use futures_util::FutureExt;

use super::stub::Says;
use super::*;

#[tokio::test]
async fn a_slow_upstream_is_part_of_the_latency() {
    let stub = Stub::start([Says::ok(Way::OpenAi.says(OFFER))]).await;
    let gateway = gateway(Way::OpenAi, &stub, &[]);
    let wait = Duration::from_millis(250);
    let asked = gateway.ask(Task::Classify, &mail(), wait).await.unwrap();
    assert!(asked.latency >= wait, "{:?}", asked.latency);
}

#[tokio::test]
async fn an_upstream_that_is_slower_than_the_timeout_is_a_timeout() {
    let stub = Stub::start([Says::ok(Way::OpenAi.says(OFFER))]).await;
    let gateway = gateway(Way::OpenAi, &stub, &[("OPENAI_TIMEOUT_MS", "200")]);
    let error = error(gateway.ask(Task::Classify, &mail(), Duration::from_secs(3600)).await);
    assert_eq!(error, ModelError::TimedOut(Duration::from_millis(200)));
    assert!(stub.seen().is_empty(), "the model never saw it");
}

#[tokio::test]
async fn beyond_the_places_that_there_are_requests_are_refused_at_once() {
    let stub = Stub::start([Says::Hang]).await;
    let gateway = gateway(Way::OpenAi, &stub, &[("LLM_MAX_CONCURRENT", "2"), ("OPENAI_TIMEOUT_MS", "500")]);
    let (mut first, mut second) = (Box::pin(classify(&gateway)), Box::pin(classify(&gateway)));
    assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
    let third = classify(&gateway).now_or_never().expect("nobody waits for a place");
    let refused = error(third);
    assert_eq!(refused.code(), "llm_unavailable");
    assert!(
        refused.to_string().contains("2 requests are waiting for a model")
            && refused.to_string().contains("LLM_MAX_CONCURRENT")
    );
    // A request that its caller gives up frees its place, and so does one that ends.
    drop(first);
    assert!(classify(&gateway).now_or_never().is_none());
    assert_eq!(error(second.await).code(), "llm_timeout");
}

#[tokio::test]
async fn a_mail_that_is_too_long_is_truncated_or_refused_before_anybody_is_asked() {
    let long = Mail { snippet: "We would like to offer you more. ".repeat(3000), ..mail() };
    let stub = Stub::start([Says::ok(Way::OpenAi.says(OFFER))]).await;
    let refuses = gateway(Way::OpenAi, &stub, &[("LLM_OVER_LIMIT", "refuse"), ("LLM_MAX_PROMPT_TOKENS", "1000")]);
    let refused = refuses.ask(Task::Classify, &long, Duration::ZERO).await.unwrap_err();
    assert_eq!(refused.code(), "prompt_too_long");
    assert!(refused.to_string().contains("of 1000 that may be"), "{refused}");
    assert!(stub.seen().is_empty());

    let truncates = gateway(Way::OpenAi, &stub, &[("LLM_MAX_PROMPT_TOKENS", "1000")]);
    assert!(truncates.ask(Task::Classify, &long, Duration::ZERO).await.unwrap().is_truncated);
    let body = stub.only().body;
    let sent = |n: usize| crate::tokens::count(body["messages"][n]["content"].as_str().unwrap());
    let tokens = sent(0) + sent(1);
    assert!((950..=1000).contains(&tokens), "{tokens}");
}

#[tokio::test]
async fn a_model_without_a_price_costs_nobody_knows_what() {
    let stub = Stub::start([Says::ok(Way::OpenAi.says(OFFER).replace("gpt-4o-mini-2024-07-18", "llama3.2:3b"))]).await;
    let unknown = gateway(Way::OpenAi, &stub, &[("OPENAI_MODEL", "llama3.2")]);
    let asked = classify(&unknown).await.unwrap();
    assert_eq!((asked.spent.total_tokens(), asked.spent.cost_usd), (120, None));
    assert_eq!(unknown.price(), None);
    // A name that no table knows is an alias of the one that was asked for.
    let alias = gateway(Way::OpenAi, &stub, &[]);
    assert!(classify(&alias).await.unwrap().spent.cost_usd.is_some());
    assert_eq!(alias.price().map(|price| price.input), Some(0.15));
    assert_eq!((alias.chosen().provider, alias.chosen().model.as_str()), ("openai", "gpt-4o-mini"));
}
