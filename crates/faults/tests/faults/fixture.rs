//! The shop's own tables in a database of the test's own.

use std::fs;
use std::path::{Path, PathBuf};

use faults::{Injector, Target};
use scenario::{Clock, Curve, Fault};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;

pub(crate) const INDEX: &str = "idx_products_recommendation";
pub(crate) const RECOMMENDATIONS: &str = "SELECT product_id, name, price_cents, popularity, image_url FROM recommendable_products \
     WHERE category = 'electronics' AND active AND price_cents BETWEEN 1000 AND 50000 ORDER BY popularity DESC LIMIT 10";

/// A database with the shop's schema and a journal in a folder.
pub(crate) struct Shop {
    pub(crate) url: String,
    pub(crate) folder: TempDir,
}

/// The shop with `products` products, from the migrations that the shop itself runs.
pub(crate) async fn shop(products: u32) -> Shop {
    let url = testbed::postgres().await.create_database().await;
    fill(&url, products).await;
    Shop { url, folder: tempfile::tempdir().expect("a folder") }
}

pub(crate) async fn fill(url: &str, products: u32) {
    let mut connection = raw(url).await;
    run(&mut connection, "CREATE SCHEMA doorbuster; SET search_path = doorbuster").await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shop/migrations");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).expect("the shop has migrations").flatten().map(|e| e.path()).collect();
    files.sort();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "sql")) {
        run(&mut connection, &fs::read_to_string(file).expect("readable")).await;
    }
    run(&mut connection, &format!("SELECT generate_products({products}, n) FROM generate_series(1, 8) AS n")).await;
    run(&mut connection, "ANALYZE").await;
}

pub(crate) async fn raw(url: &str) -> PgConnection {
    let options: PgConnectOptions = url.parse().expect("a URL");
    options.options([("search_path", "doorbuster")]).connect().await.expect("it answers")
}

pub(crate) async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap_or_else(|e| panic!("{e}: {sql}"));
}

impl Shop {
    pub(crate) fn journal(&self) -> PathBuf {
        self.folder.path().join("faults.jsonl")
    }

    pub(crate) fn target(&self) -> Target {
        Target::new(&self.url)
    }

    pub(crate) fn injector(&self) -> Injector {
        Injector::open(&self.journal(), self.target()).expect("opened")
    }

    pub(crate) async fn connect(&self) -> PgConnection {
        raw(&self.url).await
    }

    pub(crate) async fn run(&self, sql: &str) {
        run(&mut self.connect().await, sql).await;
    }

    pub(crate) async fn text(&self, sql: &str) -> String {
        let mut connection = self.connect().await;
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.expect("an answer")
    }

    /// Every index of the schema with its definition, validity and parent, every function, and every lock that belongs to no
    /// session: what must be as before.
    pub(crate) async fn state(&self) -> String {
        let indexes = "SELECT string_agg(pg_get_indexdef(i.indexrelid) || ' valid=' || i.indisvalid || ' parent=' || coalesce(h.inhparent::regclass::text, '-'), E'\n' \
             ORDER BY i.indexrelid::regclass::text) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
             LEFT JOIN pg_inherits h ON h.inhrelid = i.indexrelid WHERE c.relnamespace = 'doorbuster'::regnamespace";
        let functions = "SELECT string_agg(oid::regprocedure || ' ' || md5(pg_get_functiondef(oid)), E'\n' ORDER BY proname) FROM pg_proc WHERE pronamespace = 'doorbuster'::regnamespace";
        let locks = "SELECT coalesce(string_agg(relation::regclass || ' ' || mode, E'\n' ORDER BY relation::regclass::text), 'no lock') FROM pg_locks \
             WHERE pid IS NULL AND relation IS NOT NULL AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        let locks = self.text(locks).await;
        if locks != "no lock" {
            // Looking at an index of a locked table waits for the lock.
            return locks;
        }
        format!("{}\n{}", self.text(indexes).await, self.text(functions).await)
    }

    pub(crate) async fn index_is_there(&self) -> bool {
        self.text(&format!("SELECT (count(*) > 0)::text FROM pg_index WHERE indexrelid = to_regclass('doorbuster.{INDEX}') AND indisvalid")).await == "true"
    }
}

/// Minute 0 is `seconds` ago and a scenario minute is a real one.
pub(crate) fn clock_started(seconds: f64) -> Clock {
    Clock { start_unix: now_unix() - seconds, speed: 1.0 }
}

pub(crate) fn now_unix() -> f64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.expect("after 1970").as_secs_f64()
}

pub(crate) fn fault(kind: &str, args: Value) -> Fault {
    Fault {
        id: format!("the-{kind}").replace('_', "-"),
        kind: kind.into(),
        from: 0.0,
        until: 100.0,
        args,
        proof: Vec::new(),
    }
}

pub(crate) fn missing_index() -> Fault {
    fault("drop_index", json!({"table": "products", "indexes": [INDEX]}))
}

pub(crate) fn orders_locked() -> Fault {
    fault("lock_table", json!({"table": "orders"}))
}

/// Every fault in the database, in an order in which they go together.
pub(crate) fn database_faults() -> [Fault; 3] {
    [missing_index(), slow_storage(&[(0.0, 100.0)]), orders_locked()]
}

pub(crate) fn slow_storage(points: &[(f64, f64)]) -> Fault {
    let curve = Curve::new(points.to_vec()).expect("a curve");
    fault(
        "storage_wait",
        json!({"queue": "recommendations", "table": "products", "while_missing": INDEX, "service_time_ms": curve.points()}),
    )
}
