//! Questions in SQL over HTTP.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::checkout::send_checkout;
use crate::started::{Started, until};

async fn post(console: &Started, body: &Value) -> Response {
    console.client.post(format!("{}/api/sql", console.pages)).json(body).send().await.expect("it answers")
}

async fn get(console: &Started, query: &[(&str, &str)]) -> Response {
    console.client.get(format!("{}/api/sql", console.pages)).query(query).send().await.expect("it answers")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_as_json_csv_and_parquet() {
    let console = Started::new().await;
    send_checkout(&console, 1, 20, false).await;
    let question = "SELECT service, count(*) AS spans FROM spans GROUP BY service ORDER BY service";
    let answer: Value = post(&console, &json!({ "question": question })).await.json().await.expect("JSON");
    assert_eq!(answer["columns"], json!(["service", "spans"]));
    assert_eq!(answer["rows"], json!([["frontend", 2], ["payment-service", 1], ["product-catalog", 2]]));
    let cut: Value = post(&console, &json!({ "question": question, "limit": 1 })).await.json().await.expect("JSON");
    assert_eq!((cut["rows"].as_array().map(Vec::len), &cut["is_cut"]), (Some(1), &json!(true)));
    let csv = get(&console, &[("q", question), ("format", "csv")]).await;
    assert_eq!(csv.headers()["content-disposition"], "attachment; filename=\"answer.csv\"");
    assert_eq!(csv.text().await.expect("text"), "service,spans\nfrontend,2\npayment-service,1\nproduct-catalog,2\n");
    let parquet = get(&console, &[("q", question), ("format", "parquet")]).await.bytes().await.expect("bytes");
    assert_eq!((&parquet[..4], &parquet[parquet.len() - 4..]), (&b"PAR1"[..], &b"PAR1"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_named_with_a_remedy() {
    let console = Started::new().await;
    for (question, status, code, words) in [
        ("", 400, "bad_question", "write a SELECT"),
        ("SELECT servise FROM spans", 400, "bad_question", "service"),
        ("DELETE FROM spans", 403, "read_only", "only SELECT"),
        (&"x".repeat(20_001), 400, "bad_question", "20000 are taken"),
    ] {
        let refused = post(&console, &json!({ "question": question })).await;
        assert_eq!(refused.status().as_u16(), status, "{question}");
        let answer: Value = refused.json().await.expect("JSON");
        assert_eq!(answer["error"]["code"], code);
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(words), "{question}: {message}");
    }
    let refused = get(&console, &[("q", "SELECT 1"), ("format", "xml")]).await;
    assert!(refused.text().await.expect("text").contains("use json, csv or parquet"));
    assert_eq!(post(&console, &json!({"limit": 1})).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_third_question_at_a_time_is_turned_away_and_an_endless_one_ends() {
    let console = Started::new().await;
    let endless =
        json!({"question": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"});
    let others = async {
        let busy = until("both seats are taken", async || {
            let answer = post(&console, &json!({"question": "SELECT 1"})).await;
            (answer.status() == StatusCode::TOO_MANY_REQUESTS).then_some(answer)
        });
        busy.await.text().await.expect("text")
    };
    // The one that asks whether seats are free may hold one itself just then.
    let seated = async || {
        until("a seat is free", async || {
            let answer = post(&console, &endless).await;
            (answer.status() != StatusCode::TOO_MANY_REQUESTS).then_some(answer)
        })
        .await
    };
    let (first, second, third) = tokio::join!(seated(), seated(), others);
    assert!(third.contains("ask again"), "{third}");
    for ended in [first, second] {
        assert_eq!(ended.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(ended.text().await.expect("text").contains("interrupted after 10 s"));
    }
    assert_eq!(post(&console, &json!({"question": "SELECT 1"})).await.status(), StatusCode::OK, "seats are given back");
}
