//! The servers that every other crate's tests stand on.

use sqlx::{Connection, PgConnection};

#[tokio::test]
async fn each_test_gets_an_empty_database_of_its_own() {
    let postgres = testbed::postgres().await;
    let (one, other) = (postgres.create_database().await, postgres.create_database().await);
    assert_ne!(one, other);
    let mut connection = PgConnection::connect(&one).await.expect("it answers");
    sqlx::raw_sql("CREATE TABLE here (id int)").execute(&mut connection).await.expect("created");
    let mut connection = PgConnection::connect(&other).await.expect("it answers");
    let missing = sqlx::raw_sql("SELECT * FROM here").execute(&mut connection).await;
    assert!(missing.is_err(), "databases share nothing");
}

#[tokio::test]
async fn redis_answers() {
    let client = redis::Client::open(testbed::redis().await.url.as_str()).expect("a URL");
    let mut connection = client.get_multiplexed_async_connection().await.expect("it answers");
    let value: String = redis::cmd("ECHO").arg("hello").query_async(&mut connection).await.expect("an answer");
    assert_eq!(value, "hello");
}
