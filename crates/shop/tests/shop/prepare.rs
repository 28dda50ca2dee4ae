//! Schema and data: deterministic, repeatable, at home in somebody else's database.

use std::sync::Mutex;

use shop::database::{Step, prepare};
use sqlx::{Connection, PgConnection};

const CHECKSUM: &str = "SELECT md5(string_agg(md5(p::text), '' ORDER BY product_id)) FROM doorbuster.products p";
const HISTORY: &str = "SELECT md5(string_agg(md5(o::text || i::text), '' ORDER BY o.order_id)) \
     FROM doorbuster.orders o JOIN doorbuster.order_items i USING (order_id)";

async fn text(url: &str, statement: &'static str) -> String {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query("SET timezone = 'UTC'").execute(&mut connection).await.unwrap();
    sqlx::query_scalar::<_, String>(statement).fetch_one(&mut connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_databases_hold_the_same_rows_and_a_second_call_changes_nothing() {
    let postgres = testbed::postgres().await;
    let (one, two) = (postgres.create_database().await, postgres.create_database().await);
    prepare(&one, 8000, |_| {}).await.unwrap();
    prepare(&two, 8000, |_| {}).await.unwrap();
    assert_eq!(text(&one, CHECKSUM).await, text(&two, CHECKSUM).await);
    assert_eq!(text(&one, HISTORY).await, text(&two, HISTORY).await);
    // Pinned, so that a change of the generated data is a decision.
    assert_eq!(text(&one, CHECKSUM).await, "b209ac0fb5e820c75f9b36582eb40753");

    let steps = Mutex::new(Vec::new());
    prepare(&one, 8000, |step| steps.lock().unwrap().push(step)).await.unwrap();
    assert_eq!(*steps.lock().unwrap(), [Step::Tables, Step::Indexes, Step::Ready { products: 8000, was_there: true }]);
    prepare(&one, 800, |_| {}).await.unwrap();
    assert_eq!(text(&one, "SELECT count(*)::text FROM doorbuster.products").await, "800");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_prepare_it_once_and_leave_other_schemas_alone() {
    let url = testbed::postgres().await.create_database().await;
    let mut owner = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("CREATE TABLE products (mine text); CREATE FUNCTION mix() RETURNS int LANGUAGE sql RETURN 1")
        .execute(&mut owner)
        .await
        .unwrap();
    let ready = Mutex::new(Vec::new());
    let note = |step: Step| {
        if let Step::Ready { was_there, .. } = step {
            ready.lock().unwrap().push(was_there);
        }
    };
    let (a, b) = tokio::join!(prepare(&url, 800, note), prepare(&url, 800, note));
    a.unwrap();
    b.unwrap();
    assert_eq!(*ready.lock().unwrap(), [false, true]);
    let outside: String = text(
        &url,
        "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    )
    .await;
    assert_eq!(outside, "products");
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_database_is_finished_by_the_next_call() {
    let url = testbed::postgres().await.create_database().await;
    // Given up at the third step: tables are there, data is not.
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stop = Mutex::new(Some(stop));
    let half = prepare(&url, 8000, |step| {
        if matches!(step, Step::Products { category: 3, .. }) {
            drop(stop.lock().unwrap().take());
        }
    });
    tokio::select! { _ = half => {} _ = stopped => {} }
    prepare(&url, 8000, |_| {}).await.unwrap();
    assert_eq!(text(&url, "SELECT count(*)::text FROM doorbuster.products").await, "8000");
    assert_eq!(text(&url, "SELECT count(*)::text FROM doorbuster.users").await, "10000");
    assert_eq!(text(&url, "SELECT count(*)::text FROM doorbuster.orders").await, "50000");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_database_is_named_as_such() {
    let error = prepare("postgres://nobody@127.0.0.1:1/nothing", 8, |_| {}).await.unwrap_err();
    assert!(error.to_string().starts_with("the database can't be reached"), "{error}");
    assert!(prepare("not a url", 8, |_| {}).await.is_err());
}
