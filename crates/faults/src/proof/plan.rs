//! What the planner does with a query, and what the catalogue has.

use indexmap::IndexMap;
use scenario::PlanShape;
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};

use super::Seen;
use crate::database::{Purpose, connect};
use crate::{FaultError, Target};

/// Whether the plan of the scenario's query `query` has this shape.
pub(super) async fn shape(
    target: &Target,
    query: &str,
    is: PlanShape,
    queries: &IndexMap<String, String>,
) -> Result<Seen, FaultError> {
    let statement =
        queries.get(query).ok_or_else(|| FaultError::refused(format!("the scenario has no query {query}")))?;
    let mut connection = connect(target, Purpose::Proof).await?;
    let scans = scans_of(&explain(&mut connection, "FORMAT JSON", statement).await?);
    Ok(judge_scans(&scans, is))
}

/// `EXPLAIN` of one statement.
pub(super) async fn explain(
    connection: &mut PgConnection,
    options: &str,
    statement: &str,
) -> Result<Value, FaultError> {
    // As a prepared statement, so that a scenario's text can't smuggle in a second one.
    let explain = AssertSqlSafe(format!("EXPLAIN ({options}) {statement}"));
    sqlx::query_scalar(explain)
        .fetch_one(connection)
        .await
        .map_err(FaultError::database(format!("explaining {statement}")))
}

/// Whether the catalogue has no valid index of that name.
pub(super) async fn index_absent(target: &Target, index: &str) -> Result<Seen, FaultError> {
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
