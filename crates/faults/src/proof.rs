//! Whether a fault really bit: the plan, the catalogue, the pool.

use std::time::Duration;

use indexmap::IndexMap;
use scenario::{PlanShape, Proof};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::database::{Purpose, connect};
use crate::{FaultError, Target};

/// The service that has the pools.
const POOLS_OF: &str = "product-catalog";
/// A service that can't answer in this time is no witness.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// What was found when a proof was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Whether the claim holds.
    pub holds: bool,
    /// What was seen, such as `Seq Scan on products_electronics`.
    pub seen: String,
}

/// How long a statement took, once, on its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// Until its rows were found and sorted, in milliseconds: what the machine takes. Over the target, it is overshoot.
    pub scan_ms: f64,
    /// All of it, the wait included, in milliseconds.
    pub total_ms: f64,
}

/// Looks whether `proof` holds now. `queries` are the scenario's.
pub(crate) async fn look(
    target: &Target,
    proof: &Proof,
    queries: &IndexMap<String, String>,
) -> Result<Seen, FaultError> {
    match proof {
        Proof::Plan { query, is } => {
            let statement =
                queries.get(query).ok_or_else(|| FaultError::refused(format!("the scenario has no query {query}")))?;
            let mut connection = connect(target, Purpose::Proof).await?;
            let scans = scans_of(&explain(&mut connection, "FORMAT JSON", statement).await?);
            Ok(judge_scans(&scans, *is))
        }
        Proof::IndexAbsent { index } => index_absent(target, index).await,
        Proof::PoolWaiters { pool, at_least } => {
            let most = pool_figure(target, pool, false).await?;
            Ok(Seen {
                holds: most >= u64::from(*at_least),
                seen: format!("up to {most} waited for a connection of pool {pool}"),
            })
        }
    }
}

/// Makes the pool's greatest number of waiters count from now on.
pub(crate) async fn reset_waiters(target: &Target, pool: &str) -> Result<(), FaultError> {
    pool_figure(target, pool, true).await.map(|_| ())
}

/// Runs `statement` once and takes the time.
pub(crate) async fn calibrate(target: &Target, statement: &str) -> Result<Calibration, FaultError> {
    let mut connection = connect(target, Purpose::Proof).await?;
    let plan = explain(&mut connection, "ANALYZE, FORMAT JSON", statement).await?;
    let root = &plan[0]["Plan"];
    Ok(Calibration { scan_ms: found_ms(root), total_ms: plan[0]["Execution Time"].as_f64().unwrap_or_default() })
}

async fn explain(connection: &mut PgConnection, options: &str, statement: &str) -> Result<Value, FaultError> {
    // As a prepared statement, so that a scenario's text can't smuggle in a second one.
    let explain = AssertSqlSafe(format!("EXPLAIN ({options}) {statement}"));
    sqlx::query_scalar(explain)
        .fetch_one(connection)
        .await
        .map_err(FaultError::database(format!("explaining {statement}")))
}

async fn index_absent(target: &Target, index: &str) -> Result<Seen, FaultError> {
    let mut connection = connect(target, Purpose::Proof).await?;
    let statement = "SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
                     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2 AND i.indisvalid";
    let found: Option<String> = sqlx::query_scalar(statement)
        .bind(target.schema_name())
        .bind(index)
        .fetch_optional(&mut connection)
        .await
        .map_err(FaultError::database("looking an index up"))?;
    Ok(match found {
        Some(definition) => Seen { holds: false, seen: definition },
        None => Seen { holds: true, seen: format!("the catalogue has no valid index {index}") },
    })
}

/// Scans of a plan, as `Seq Scan on products_electronics`, outermost first.
fn scans_of(plan: &Value) -> Vec<String> {
    let mut scans = Vec::new();
    let mut nodes = vec![&plan[0]["Plan"]];
    while let Some(node) = nodes.pop() {
        let kind = node["Node Type"].as_str().unwrap_or_default();
        if let (true, Some(relation)) =
            (kind.ends_with("Scan"), node["Relation Name"].as_str().or(node["Index Name"].as_str()))
        {
            let using = match (node["Index Name"].as_str(), node["Relation Name"].as_str()) {
                (Some(index), Some(_)) => format!(" using {index}"),
                _ => String::new(),
            };
            scans.push(format!("{kind}{using} on {relation}"));
        }
        nodes.extend(node["Plans"].as_array().into_iter().flatten().rev());
    }
    scans
}

fn judge_scans(scans: &[String], is: PlanShape) -> Seen {
    let sequential = scans.iter().any(|s| s.starts_with("Seq Scan") || s.starts_with("Parallel Seq Scan"));
    let indexed = scans.iter().any(|s| s.contains("Index"));
    let holds = match is {
        PlanShape::SeqScan => sequential,
        PlanShape::IndexScan => indexed && !sequential,
    };
    Seen { holds, seen: if scans.is_empty() { "a plan without a scan".into() } else { scans.join(", ") } }
}

/// When the last row was there before the part that may wait: the outermost node below `Limit` and projections.
fn found_ms(node: &Value) -> f64 {
    match (node["Node Type"].as_str(), node["Plans"].as_array().and_then(|p| p.first())) {
        (Some("Limit" | "Result"), Some(below)) => found_ms(below),
        _ => node["Actual Total Time"].as_f64().unwrap_or_default(),
    }
}

async fn pool_figure(target: &Target, pool: &str, reset: bool) -> Result<u64, FaultError> {
    let base = target.service_url(POOLS_OF).ok_or_else(|| FaultError::NoAddress { service: POOLS_OF.into() })?;
    let url = format!("{}/admin/pool-stats{}", base.trim_end_matches('/'), if reset { "?reset=true" } else { "" });
    let trouble = |source| FaultError::Http { url: url.clone(), source };
    let client = reqwest::Client::builder().timeout(ANSWER_WITHIN).no_proxy().build().map_err(trouble)?;
    let answer = client.get(&url).send().await.and_then(reqwest::Response::error_for_status).map_err(trouble)?;
    let stats: Value = answer.json().await.map_err(trouble)?;
    let unexpected = |reason: String| FaultError::Answer { url: url.clone(), reason };
    let found = stats["pools"].as_array().into_iter().flatten().find(|p| p["name"] == pool);
    let found = found.ok_or_else(|| unexpected(format!("it has no pool {pool}")))?;
    found["pending_max"].as_u64().ok_or_else(|| unexpected(format!("pool {pool} has no pending_max")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_plan_with_one_sequential_scan_is_not_an_index_scan() {
        let plan = json!([{"Plan": {"Node Type": "Limit", "Plans": [{"Node Type": "Append", "Plans": [
            {"Node Type": "Index Scan", "Relation Name": "products_toys", "Index Name": "i_toys"},
            {"Node Type": "Seq Scan", "Relation Name": "products_books"}]}]}}]);
        let scans = scans_of(&plan);
        assert_eq!(scans, ["Index Scan using i_toys on products_toys", "Seq Scan on products_books"]);
        assert!(judge_scans(&scans, PlanShape::SeqScan).holds);
        assert!(!judge_scans(&scans, PlanShape::IndexScan).holds);
    }

    #[test]
    fn a_bitmap_scan_goes_through_an_index() {
        let plan = json!([{"Plan": {"Node Type": "Bitmap Heap Scan", "Relation Name": "p", "Plans": [{"Node Type": "Bitmap Index Scan", "Index Name": "i"}]}}]);
        let scans = scans_of(&plan);
        assert!(judge_scans(&scans, PlanShape::IndexScan).holds, "{scans:?}");
        assert!(!judge_scans(&scans, PlanShape::SeqScan).holds);
    }
}
