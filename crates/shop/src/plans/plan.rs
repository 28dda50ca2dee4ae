//! What a plan says: which index it uses, or that it reads everything.

use serde_json::Value;

/// The scans of a plan, as EXPLAIN (FORMAT JSON) shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Scans {
    /// Indexes that are read, as they are called in the plan: a partition's own.
    pub(super) indexes: Vec<String>,
    /// Tables that are read from end to end.
    pub(super) tables: Vec<String>,
}

impl Scans {
    /// Finds the scans in EXPLAIN's answer; none in one that is not understood.
    pub(super) fn of(explained: &Value) -> Self {
        let mut scans = Self::default();
        if let Some(root) = explained.pointer("/0/Plan") {
            scans.visit(root);
        }
        scans
    }

    fn visit(&mut self, node: &Value) {
        let text = |name: &str| node.get(name).and_then(Value::as_str).map(str::to_owned);
        match node.get("Node Type").and_then(Value::as_str) {
            Some("Seq Scan") => self.tables.extend(text("Relation Name")),
            Some("Index Scan" | "Index Only Scan" | "Bitmap Index Scan") => self.indexes.extend(text("Index Name")),
            _ => {}
        }
        for child in node.get("Plans").and_then(Value::as_array).into_iter().flatten() {
            self.visit(child);
        }
    }
}

/// A plan in the words of the telemetry contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// The index as the table's owner named it, not the partition's; `None` where a table is read from end to end.
    pub(super) index_used: Option<String>,
    /// How many rows the tables have that are read from end to end, by the database's own statistics.
    pub(super) rows_scanned: i64,
    /// The index that the statement is built on, where it is not there.
    pub(super) missing_index: Option<&'static str>,
}

impl Plan {
    pub(super) const fn is_full_scan(&self) -> bool {
        self.index_used.is_none()
    }

    pub(super) const fn endpoint_type(&self) -> &'static str {
        if self.is_full_scan() { "slow_unindexed" } else { "fast_indexed" }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scans_are_found_at_any_depth() {
        let explained = json!([{"Plan": {"Node Type": "Limit", "Plans": [
            {"Node Type": "Sort", "Plans": [{"Node Type": "Seq Scan", "Relation Name": "products_electronics"}]},
            {"Node Type": "Index Scan", "Index Name": "idx_a", "Relation Name": "t"},
        ]}}]);
        let scans = Scans::of(&explained);
        assert_eq!(scans.tables, ["products_electronics"]);
        assert_eq!(scans.indexes, ["idx_a"]);
        assert_eq!(Scans::of(&json!("nonsense")), Scans::default());
    }
}
