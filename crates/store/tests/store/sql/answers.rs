//! What questions find.

use serde_json::{Value, json};
use store::{SqlLimits, Store, StoreLimits};

use super::{NOW, ask, rows, shop};
use crate::otlp::encoded;

#[test]
fn spans_are_counted_by_service_and_status() {
    let store = shop();
    let answer = ask(
        &store,
        "SELECT service, status, count(*) AS spans FROM spans GROUP BY service, status ORDER BY spans DESC",
    );
    assert_eq!(answer.columns, ["service", "status", "spans"]);
    assert_eq!(
        json!(answer.rows),
        json!([["catalog", "ok", 1500], ["frontend", "ok", 900], ["frontend", "error", 100]])
    );
    assert!(!answer.is_cut);
}

#[test]
fn percentiles_by_operation_are_exact() {
    let store = shop();
    let found = rows(
        &store,
        "SELECT name, p50(duration_ms), p95(duration_ms), percentile(duration_ms, 99.9), max(duration_ms) FROM spans
         WHERE kind = 'server' GROUP BY name ORDER BY name DESC",
    );
    // Of GET /products every fourth is missing: 750 values, the 375th of them is 499 / 2.
    assert_eq!(
        found,
        json!([["POST /api/checkout", 500.0, 950.0, 999.0, 1000.0], ["GET /products", 249.5, 475.0, 499.5, 499.5]])
    );
}

#[test]
fn an_attribute_is_a_column_in_double_quotes() {
    let store = shop();
    let by_index = "SELECT \"db.index_used\" AS index_used, count(*), avg(\"db.rows_scanned\") FROM spans
                    WHERE \"db.system.name\" = 'postgresql' GROUP BY 1 ORDER BY 1";
    assert_eq!(rows(&store, by_index), json!([["NONE", 250, 62500.0], ["products_pkey", 500, 1.0]]));
    let table = [
        ("\"db.rows_scanned\" > 1000", 250),
        ("\"db.rows_scanned\" <= 1", 500),
        ("\"db.rows_scanned\" = 62500", 250),
        ("\"db.rows_scanned\" BETWEEN 2 AND 70000", 250),
        ("\"db.rows_scanned\" = '62500'", 0),
        ("\"db.index_used\" IN ('NONE', 'other')", 250),
        ("\"db.index_used\" LIKE 'none'", 250),
        ("\"db.index_used\" IS NULL", 1750),
        ("\"db.index_used\" IS NOT NULL", 750),
        ("\"cache.hit\"", 250),
        ("\"cache.hit\" = 0", 500),
        ("\"service.name\" = 'catalog'", 1500),
        ("\"cart.items\" > 'text'", 0),
        ("\"db.index_used\" > 5", 750),
        ("attr(attributes, 'db.index_used') = 'NONE'", 250),
        ("attributes ->> 'db.index_used' = 'NONE'", 250),
    ];
    for (condition, expected) in table {
        let question = format!("SELECT count(*) FROM spans WHERE {condition}");
        assert_eq!(rows(&store, &question), json!([[expected]]), "{condition}");
    }
}

#[test]
fn the_slowest_spans_come_first_and_all_columns_are_there() {
    let store = shop();
    let answer = ask(&store, "SELECT * FROM spans WHERE status = 'error' ORDER BY duration_ms DESC LIMIT 1");
    let row: serde_json::Map<String, Value> =
        answer.columns.iter().cloned().zip(answer.rows[0].iter().cloned()).collect();
    assert_eq!(
        Value::Object(row),
        json!({
            "trace_id": "00000000000003e80000000000000007", "span_id": "0000000000002711", "parent_span_id": null,
            "service": "frontend", "name": "POST /api/checkout", "kind": "server", "status": "error",
            "status_message": "broken", "start_unix_ms": 1_799_999_999_000.0, "start_time": "2027-01-15T07:59:59.000Z",
            "duration_ms": 1000.0, "traffic_type": "demo", "scope": null, "trace_state": null,
            "attributes": "{\"traffic.type\":\"demo\",\"cart.items\":6}",
            "resource": "{\"service.name\":\"frontend\"}",
            "events": "[{\"time_unix_nanos\":\"5\",\"name\":\"exception\",\"attributes\":{}}]", "links": null
        })
    );
}

#[test]
fn curves_come_from_buckets_of_time() {
    let store = shop();
    let by_minute = "SELECT minute, count(*) FROM spans WHERE service = 'frontend' GROUP BY minute";
    let by_bucket =
        "SELECT bucket(start_unix_ms, 60) / 1000, count(*) FROM spans WHERE service = 'frontend' GROUP BY 1";
    let found = rows(&store, by_minute);
    assert_eq!(found, rows(&store, by_bucket));
    let counted: u64 = found.as_array().expect("rows").iter().filter_map(|row| row[1].as_u64()).sum();
    assert_eq!(counted, 1000);
}

#[test]
fn values_that_json_has_no_number_for_are_null_and_bytes_are_hex() {
    let store = shop();
    assert_eq!(
        rows(&store, "SELECT x'beef', 9e999, -9e999, 9223372036854775807, 0.1, CAST(x'ff' AS TEXT), NULL, 1 > 0"),
        json!([["beef", null, null, 9_223_372_036_854_775_807_i64, 0.1, "\u{fffd}", null, 1]])
    );
    assert_eq!(
        rows(&store, "SELECT ceil(1.2), floor(-1.2), sqrt(-1), pow(2, 10), ln(0)"),
        json!([[2.0, -2.0, null, 1024.0, null]])
    );
}

#[test]
fn patterns_find_texts() {
    let store = shop();
    let found = "SELECT DISTINCT name FROM spans WHERE name REGEXP '(?i)^(get|select) ' ORDER BY name";
    assert_eq!(rows(&store, found), json!([["GET /products"], ["SELECT products"]]));
}

#[test]
fn the_schema_names_every_column_and_attribute() {
    let store = shop();
    let schema = store.sql_schema();
    assert_eq!(schema.tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["spans", "logs", "metrics"]);
    assert!(schema.attributes.contains(&"db.index_used".to_owned()), "{:?}", schema.attributes);
    for table in &schema.tables {
        for column in &table.columns {
            assert!(!column.about.is_empty());
            ask(&store, &format!("SELECT {} FROM {} LIMIT 1", column.name, table.name));
        }
        let shown: Vec<&str> =
            table.columns.iter().filter(|column| !column.is_hidden).map(|column| column.name.as_str()).collect();
        assert_eq!(ask(&store, &format!("SELECT * FROM {} LIMIT 0", table.name)).columns, shown);
    }
}

#[test]
fn an_answer_becomes_a_parquet_file_with_typed_columns() {
    use arrow_array::RecordBatch;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    let store = shop();
    let question =
        "SELECT service, count(*) AS n, avg(duration_ms) AS mean, NULL AS empty, 1 AS n FROM spans GROUP BY 1";
    let file = store.sql_parquet(question, SqlLimits::default()).expect("a file");
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(file)).expect("Parquet").build();
    let batches: Vec<RecordBatch> = reader.expect("Parquet").collect::<Result<_, _>>().expect("rows");
    let types: Vec<String> = batches[0].schema().fields().iter().map(|field| field.to_string()).collect();
    assert_eq!(batches[0].num_rows(), 2);
    for (found, expected) in types.iter().zip(["service", "n", "mean", "empty", "n_2"]) {
        assert!(found.contains(expected), "{types:?}");
    }
}

#[test]
fn logs_and_metrics_are_asked_like_spans() {
    use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
    use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
    use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value};
    use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
    use opentelemetry_proto::tonic::metrics::v1::{
        Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric::Data,
        number_data_point,
    };

    let store = Store::new(StoreLimits::default(), Default::default());
    let resource = crate::otlp::resource("catalog");
    let record = |severity, words: &str| LogRecord {
        time_unix_nano: 1_800_000_000_000_000_000,
        severity_number: severity,
        body: Some(AnyValue { value: Some(any_value::Value::StringValue(words.into())) }),
        attributes: vec![crate::otlp::text("pool", "orders")],
        ..LogRecord::default()
    };
    let log_records = vec![record(9, "all is well"), record(17, "pool exhausted"), record(18, "pool exhausted")];
    let scope_logs = vec![ScopeLogs { log_records, ..ScopeLogs::default() }];
    let resource_logs = vec![ResourceLogs { resource: resource.clone(), scope_logs, ..ResourceLogs::default() }];
    store.ingest_logs(&encoded(&ExportLogsServiceRequest { resource_logs }), NOW).expect("OTLP");
    assert_eq!(
        rows(
            &store,
            "SELECT severity, count(*), max(severity_number), max(\"pool\"), max(time) FROM logs
             WHERE body LIKE '%exhausted' GROUP BY severity"
        ),
        json!([["error", 2, 18, "orders", "2027-01-15T08:00:00.000Z"]])
    );

    let number = |value| NumberDataPoint {
        time_unix_nano: 1_800_000_000_000_000_000,
        attributes: vec![crate::otlp::text("pool", "orders")],
        value: Some(value),
        ..NumberDataPoint::default()
    };
    let gauge = Data::Gauge(Gauge {
        data_points: vec![
            number(number_data_point::Value::AsInt(3)),
            number(number_data_point::Value::AsDouble(4.5)),
            number(number_data_point::Value::AsDouble(f64::NAN)),
        ],
    });
    let spread = HistogramDataPoint {
        time_unix_nano: 1_800_000_000_000_000_000,
        count: 3,
        sum: Some(6.5),
        bucket_counts: vec![1, 2],
        explicit_bounds: vec![2.0],
        ..HistogramDataPoint::default()
    };
    let histogram = Data::Histogram(Histogram { data_points: vec![spread], aggregation_temporality: 2 });
    let metric = |name: &str, data| Metric { name: name.into(), data: Some(data), ..Metric::default() };
    let metrics = vec![metric("used", gauge), metric("wait", histogram)];
    let scope_metrics = vec![ScopeMetrics { metrics, ..ScopeMetrics::default() }];
    let resource_metrics = vec![ResourceMetrics { resource, scope_metrics, ..ResourceMetrics::default() }];
    store.ingest_metrics(&encoded(&ExportMetricsServiceRequest { resource_metrics })).expect("OTLP");
    assert_eq!(
        rows(
            &store,
            "SELECT name, kind, temporality, value, count, sum, detail, \"pool\" FROM metrics
             WHERE service = 'catalog' ORDER BY name, kind"
        ),
        json!([
            ["used", "gauge", null, 3, null, null, null, "orders"],
            ["used", "gauge", null, 4.5, null, null, null, "orders"],
            ["used", "gauge", null, null, null, null, null, "orders"],
            ["wait", "histogram", "cumulative", null, 3, 6.5, "{\"bounds\":[2.0],\"counts\":[1,2]}", null]
        ])
    );
}

#[test]
fn an_attribute_that_never_came_is_null_and_a_misspelt_one_is_a_mistake() {
    let store = shop();
    let never = "SELECT count(*), count(\"db.connection.pool.exhausted\"), max(\"db.system.version\") FROM spans";
    assert_eq!(rows(&store, never), json!([[2500, 0, null]]));
    assert_eq!(rows(&Store::new(StoreLimits::default(), Default::default()), never), json!([[0, 0, null]]));
    let error = store.sql("SELECT \"db.index_usd\" FROM spans", SqlLimits::default()).expect_err("misspelt");
    assert!(error.to_string().contains("did you mean \"db.index_used\"?"), "{error}");
    let named = "SELECT service AS \"a.service\", count(*) FROM spans GROUP BY \"a.service\" ORDER BY 1";
    assert_eq!(rows(&store, named), json!([["catalog", 1500], ["frontend", 1000]]));
}
