//! Functions that SQLite lacks, and the list of those that questions may use.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, Error, Result};

use crate::sql::percentile::{self, mistake, number};
use crate::sql::scan::Shared;

/// Ours, for people: how they are called and what they give.
pub(super) const OURS: &[(&str, &str)] = &[
    ("p50(value)", "aggregate: the median; also p75, p90, p95 and p99. Exact, nearest rank"),
    ("percentile(value, p)", "aggregate: any percentile, p from 0 to 100"),
    ("bucket(unix_ms, seconds)", "start of the stretch of so many seconds that a moment is in, Unix milliseconds"),
    ("attr(attributes, key)", "one value of a JSON column; a column of the key's own name in double quotes is quicker"),
    ("text REGEXP pattern", "whether a pattern is found in a text; (?i) in front ignores letter case"),
    ("floor(x), ceil(x), sqrt(x), exp(x), ln(x), log10(x), pow(x, y)", "as usual; NULL where there is no such number"),
];

/// What of SQLite's own may be used: nothing that reads files, loads code or changes anything.
const ALLOWED: &str = "\
    -> ->> abs avg char coalesce concat concat_ws count cume_dist current_date current_time current_timestamp date \
    datetime dense_rank first_value format glob group_concat hex if ifnull iif instr json json_array \
    json_array_length json_each json_error_position json_extract json_group_array json_group_object json_insert \
    json_object json_patch json_pretty json_quote json_remove json_replace json_set json_tree json_type json_valid \
    julianday lag last_value lead length like likelihood likely lower ltrim max min nth_value ntile nullif \
    octet_length percent_rank printf quote random rank replace round row_number rtrim sign soundex strftime \
    string_agg substr substring subtype sum time timediff total trim typeof unhex unicode unixepoch unlikely upper \
    zeroblob";

/// Names of ours.
const NAMES: &str = "\
    attr bucket ceil ceiling exp floor ln log10 p50 p75 p90 p95 p99 percentile pow power regexp sqrt";

/// Every name that may be used.
pub(super) fn allowed() -> impl Iterator<Item = &'static str> {
    ALLOWED.split_ascii_whitespace().chain(NAMES.split_ascii_whitespace())
}

/// Makes ours known to a connection.
pub(super) fn register(connection: &Connection, shared: &Arc<Shared>) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    percentile::register(connection, shared)?;
    connection.create_scalar_function("bucket", 2, flags, bucket)?;
    connection.create_scalar_function("attr", 2, flags, attr)?;
    connection.create_scalar_function("regexp", 2, flags, regexp)?;
    /// A function of one number.
    type Unary = (&'static str, fn(f64) -> f64);
    let unary: [Unary; 7] = [
        ("floor", f64::floor),
        ("ceil", f64::ceil),
        ("ceiling", f64::ceil),
        ("sqrt", f64::sqrt),
        ("exp", f64::exp),
        ("ln", f64::ln),
        ("log10", f64::log10),
    ];
    for (name, of) in unary {
        // SQLite makes NULL of what is no number.
        connection.create_scalar_function(name, 1, flags, move |context| Ok(number(context.get_raw(0)).map(of)))?;
    }
    for name in ["pow", "power"] {
        connection.create_scalar_function(name, 2, flags, |context| {
            Ok(number(context.get_raw(0)).zip(number(context.get_raw(1))).map(|(x, y)| x.powf(y)))
        })?;
    }
    Ok(())
}

fn bucket(context: &Context<'_>) -> Result<Option<i64>> {
    let Some(seconds) = number(context.get_raw(1)).filter(|seconds| *seconds > 0.0) else {
        return Err(mistake("bucket(unix_ms, seconds) takes a number of seconds above zero, for instance 60"));
    };
    let step = seconds * 1000.0;
    Ok(number(context.get_raw(0)).map(|at| ((at / step).floor() * step) as i64))
}

fn attr(context: &Context<'_>) -> Result<ToSqlOutput<'static>> {
    let text = |index| match context.get_raw(index) {
        ValueRef::Text(text) => std::str::from_utf8(text).ok(),
        _ => None,
    };
    let (Some(json), Some(key)) = (text(0), text(1)) else { return Ok(ToSqlOutput::Owned(Value::Null)) };
    let fields: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(json).map_err(|_| mistake("attr(attributes, key) takes a column of JSON objects"))?;
    Ok(ToSqlOutput::Owned(match fields.get(key) {
        None | Some(serde_json::Value::Null) => Value::Null,
        Some(serde_json::Value::Bool(is)) => Value::Integer((*is).into()),
        Some(serde_json::Value::Number(number)) => match number.as_i64() {
            Some(whole) => Value::Integer(whole),
            None => Value::Real(number.as_f64().unwrap_or(f64::NAN)),
        },
        Some(serde_json::Value::String(text)) => Value::Text(text.clone()),
        Some(other) => Value::Text(other.to_string()),
    }))
}

/// `text REGEXP pattern` is `regexp(pattern, text)`.
fn regexp(context: &Context<'_>) -> Result<Option<bool>> {
    /// A compiled pattern's bytes: patterns that multiply themselves end here.
    const MOST_BYTES: usize = 1 << 20;
    let pattern = context.get_or_create_aux(0, |value| -> std::result::Result<Regex, Error> {
        let pattern = value.as_str().map_err(|_| mistake("REGEXP takes a pattern that is a text"))?;
        let compiled = RegexBuilder::new(pattern).size_limit(MOST_BYTES).dfa_size_limit(MOST_BYTES).build();
        compiled.map_err(|error| mistake(&error.to_string()))
    })?;
    Ok(match context.get_raw(1) {
        ValueRef::Text(text) => std::str::from_utf8(text).ok().map(|text| pattern.is_match(text)),
        _ => None,
    })
}
