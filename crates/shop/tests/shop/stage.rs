//! A shop of its own for a test: a database, a key prefix, nine services on ports that the system picked.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use shop::{ServeOptions, ServiceName};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tokio_util::sync::CancellationToken;

/// Enough for every kind of answer, made in a second. Plans need more: see `plans`.
pub(crate) const FEW_PRODUCTS: u32 = 8_000;

/// Longest that anything is waited for.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// Running services. They stop when this is dropped.
pub(crate) struct Shop {
    pub(crate) vars: HashMap<String, String>,
    pub(crate) client: Client,
    database_url: String,
    shutdown: CancellationToken,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {} {:?}", self.status, self.text))
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl Shop {
    /// All nine services on a fresh database with `products`; `vars` are further environment.
    pub(crate) async fn open(products: u32, vars: &[(&str, &str)]) -> Self {
        let database_url = testbed::postgres().await.create_database().await;
        shop::database::prepare(&database_url, products, |_| {}).await.unwrap();
        Self::open_on(database_url, vars).await
    }

    pub(crate) async fn open_on(database_url: String, vars: &[(&str, &str)]) -> Self {
        let redis = testbed::redis().await;
        let mut all: HashMap<String, String> = HashMap::new();
        all.insert("DATABASE_URL".into(), database_url.clone());
        all.insert("REDIS_URL".into(), redis.url.clone());
        all.insert("REDIS_KEY_PREFIX".into(), format!("test{}:", database_url.rsplit('/').next().unwrap()));
        all.extend(vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let mut shop = Self { vars: all, client: Client::new(), database_url, shutdown: CancellationToken::new() };
        // Who asks others comes after them: their addresses are known only when they listen.
        let last = [ServiceName::ProductCatalog, ServiceName::Frontend];
        let first = ServiceName::ALL.into_iter().filter(|name| !last.contains(name));
        for name in first.chain(last) {
            let options = ServeOptions { port: Some(0), ..ServeOptions::default() };
            let vars = shop.vars.clone();
            let running =
                shop::start(name, options, &|var| vars.get(var).cloned(), shop.shutdown.clone()).await.unwrap();
            shop.vars.insert(name.url_variable().to_owned(), format!("http://{}", running.address()));
        }
        shop
    }

    pub(crate) fn url(&self, name: ServiceName, path: &str) -> String {
        format!("{}{path}", self.vars[name.url_variable()])
    }

    /// A connection of the test's own, in the shop's schema.
    pub(crate) async fn sql(&self) -> PgPool {
        let options: PgConnectOptions = self.database_url.parse().unwrap();
        let options = options.options([("search_path", "doorbuster")]);
        PgPoolOptions::new().max_connections(4).connect_with(options).await.unwrap()
    }

    pub(crate) async fn get(&self, name: ServiceName, path: &str) -> Answer {
        self.send(self.client.request(Method::GET, self.url(name, path))).await
    }

    pub(crate) async fn post(&self, name: ServiceName, path: &str, body: &Value) -> Answer {
        self.send(self.client.request(Method::POST, self.url(name, path)).json(body)).await
    }

    pub(crate) async fn put(&self, name: ServiceName, path: &str, body: &Value) -> Answer {
        self.send(self.client.request(Method::PUT, self.url(name, path)).json(body)).await
    }

    pub(crate) async fn delete(&self, name: ServiceName, path: &str) -> Answer {
        self.send(self.client.request(Method::DELETE, self.url(name, path))).await
    }

    /// What a service says of one of its pools.
    pub(crate) async fn pool(&self, name: ServiceName, pool: &str) -> Value {
        let stats = self.get(name, "/admin/pool-stats").await.json();
        stats["pools"].as_array().unwrap().iter().find(|p| p["name"] == pool).cloned().unwrap()
    }

    /// A POST of the demo cohort, with a trace of its own; returns the trace id too.
    pub(crate) async fn demo_post(&self, name: ServiceName, path: &str, body: &Value) -> (Answer, String) {
        let trace_id = uuid::Uuid::new_v4().simple().to_string();
        let request = self
            .client
            .request(Method::POST, self.url(name, path))
            .header("baggage", "traffic.type=demo")
            .header("traceparent", format!("00-{trace_id}-00f067aa0ba902b7-01"))
            .json(body);
        (self.send(request).await, trace_id)
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        Answer { status: response.status(), text: response.text().await.unwrap() }
    }
}

/// A number out of a statement without arguments.
pub(crate) async fn number(pool: &PgPool, statement: &'static str) -> i64 {
    sqlx::query_scalar(statement).fetch_one(pool).await.unwrap()
}

/// Unix seconds, so many from now.
pub(crate) fn unix_in(seconds: f64) -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() + seconds
}

/// Looks until `seen` is `wanted`; panics with what was seen last.
pub(crate) async fn until<T: PartialEq + std::fmt::Debug>(wanted: T, mut seen: impl AsyncFnMut() -> T) {
    let began = Instant::now();
    loop {
        let last = seen().await;
        if last == wanted {
            return;
        }
        assert!(began.elapsed() < DEADLINE, "{last:?} instead of {wanted:?}");
        tokio::task::yield_now().await;
    }
}
