//! How two traces differ, in sentences. Every number in them is worked out of the two traces.

use std::collections::BTreeMap;

use detect::SpanKind;
use serde_json::Value;

use crate::pages::format::{count, duration};
use crate::traces::compare::{ComparedRow, Half, Side};
use crate::traces::differences::AttributeDifference;

/// A row explains the difference if it makes up this share of it.
const WORTH_NAMING: f64 = 0.10;
/// Rows, spans and attributes that one sentence names.
const MOST_NAMED: usize = 3;

/// Sentences, the weightiest first.
pub(crate) fn summary(a: &Side, b: &Side, rows: &[ComparedRow]) -> Vec<String> {
    let mut sentences = vec![headline(a, b)];
    sentences.extend(where_it_went(b.duration_ms - a.duration_ms, rows));
    sentences.extend(failures(rows));
    sentences.extend(repeats(rows));
    sentences.extend(only_in(rows));
    sentences
}

/// Whether two durations are far enough apart to speak of.
fn is_difference(a_ms: f64, b_ms: f64) -> bool {
    (b_ms - a_ms).abs() >= (a_ms.max(b_ms) * 0.02).max(0.5)
}

fn headline(a: &Side, b: &Side) -> String {
    let (a_ms, b_ms) = (a.duration_ms, b.duration_ms);
    if !is_difference(a_ms, b_ms) {
        return format!("Both took about as long: {} and {}.", duration(a_ms), duration(b_ms));
    }
    let word = if b_ms > a_ms { "longer" } else { "less" };
    format!("B took {} {word} than A: {} instead of {}.", duration((b_ms - a_ms).abs()), duration(b_ms), duration(a_ms))
}

/// The rows whose time on the critical path makes up the difference.
fn where_it_went(difference_ms: f64, rows: &[ComparedRow]) -> Vec<String> {
    if difference_ms.abs() < 0.5 {
        return Vec::new();
    }
    let share = |row: &&ComparedRow| row.critical_difference_ms / difference_ms;
    let mut guilty: Vec<&ComparedRow> = rows.iter().filter(|row| share(row) >= WORTH_NAMING).collect();
    guilty.sort_by(|a, b| share(b).total_cmp(&share(a)));
    let sentence = |row: &ComparedRow| {
        let place = format!("{} of it is in {}", duration(row.critical_difference_ms.abs()), name(row));
        match (&row.a, &row.b) {
            (None, _) => format!("{place}, which A does not have."),
            (_, None) => format!("{place}, which B does not have."),
            _ => {
                let telling = row.attributes.iter().filter(|difference| difference.is_telling).take(MOST_NAMED);
                let changes: Vec<String> = telling.map(change).collect();
                if changes.is_empty() { format!("{place}.") } else { format!("{place}: {}.", changes.join(", ")) }
            }
        }
    };
    guilty.into_iter().take(MOST_NAMED).map(sentence).collect()
}

fn name(row: &ComparedRow) -> String {
    match (&row.a, &row.b) {
        (Some(a), Some(b)) if a.operation != b.operation => {
            format!("{} {} (in B {})", row.service, a.operation, b.operation)
        }
        _ => format!("{} {}", row.service, row.operation),
    }
}

/// The name of a row that only one side has: of a call, what was called, if that is known.
fn name_of_lone(row: &ComparedRow, next: Option<&ComparedRow>) -> String {
    let answered = next
        .filter(|next| row.kind == SpanKind::Client && next.kind == SpanKind::Server && next.depth == row.depth + 1);
    name(answered.unwrap_or(row))
}

/// `db.index_used: idx → NONE`.
fn change(difference: &AttributeDifference) -> String {
    format!("{} {} → {}", difference.key, value(difference.a.as_ref()), value(difference.b.as_ref()))
}

/// A value for people.
pub(crate) fn value(value: Option<&Value>) -> String {
    match value {
        None => "not there".into(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => match number.as_u64() {
            Some(whole) => count(whole),
            None => number.as_f64().map_or_else(|| number.to_string(), rounded),
        },
        Some(other) => other.to_string(),
    }
}

/// A number with two decimals at most.
fn rounded(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Where errors began: the first span with an error below which none has one.
fn failures(rows: &[ComparedRow]) -> Vec<String> {
    let origin = |of: fn(&ComparedRow) -> Option<&Half>| {
        let failed: Vec<(usize, &ComparedRow, &Half)> = rows
            .iter()
            .enumerate()
            .filter_map(|(at, row)| of(row).filter(|half| half.is_error).map(|half| (at, row, half)))
            .collect();
        failed
            .iter()
            .position(|(at, row, _)| {
                let below = rows[at + 1..].iter().take_while(|below| below.depth > row.depth);
                !below.clone().any(|below| of(below).is_some_and(|half| half.is_error))
            })
            .map(|at| {
                let (_, row, half) = failed[at];
                let said = if half.status_message.is_empty() {
                    String::new()
                } else {
                    format!(" (“{}”)", half.status_message)
                };
                (failed.len(), format!("{} {}{said}", row.service, half.operation))
            })
    };
    let spans = |number: usize| if number == 1 { "1 span".to_owned() } else { format!("{number} spans") };
    match (origin(|row| row.a.as_ref()), origin(|row| row.b.as_ref())) {
        (None, None) => Vec::new(),
        (None, Some((failed, place))) => {
            vec![format!("B failed in {}, first in {place}; A has no error.", spans(failed))]
        }
        (Some((failed, place)), None) => {
            vec![format!("A failed in {}, first in {place}; B has no error.", spans(failed))]
        }
        (Some((in_a, first_a)), Some((in_b, first_b))) if first_a == first_b => {
            vec![format!("Both failed, first in {first_a}: A in {}, B in {}.", spans(in_a), spans(in_b))]
        }
        (Some((_, first_a)), Some((_, first_b))) => {
            vec![format!("Both failed: A first in {first_a}, B first in {first_b}.")]
        }
    }
}

/// How often each operation ran on either side.
fn runs(rows: &[ComparedRow]) -> BTreeMap<(&str, &str), (usize, usize)> {
    let mut runs: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for row in rows {
        if let Some(half) = &row.a {
            runs.entry((&row.service, &half.operation)).or_default().0 += 1;
        }
        if let Some(half) = &row.b {
            runs.entry((&row.service, &half.operation)).or_default().1 += 1;
        }
    }
    runs
}

/// Whether an operation ran far more often on one side: a loop over single queries, or tries again and again.
fn is_repeat(a: usize, b: usize) -> bool {
    let (less, more) = (a.min(b), a.max(b));
    less >= 1 && more >= less * 2 && more - less >= 3
}

fn repeats(rows: &[ComparedRow]) -> Vec<String> {
    let mut repeats: Vec<_> = runs(rows).into_iter().filter(|(_, (a, b))| is_repeat(*a, *b)).collect();
    repeats.sort_by_key(|(_, (a, b))| std::cmp::Reverse(a.abs_diff(*b)));
    let sentence =
        |((service, operation), (a, b))| format!("{service} {operation} ran {a} times in A and {b} times in B.");
    repeats.into_iter().take(MOST_NAMED).map(sentence).collect()
}

/// What only one side did, by its topmost spans.
fn only_in(rows: &[ComparedRow]) -> Vec<String> {
    let runs = runs(rows);
    let only = |is_here: fn(&ComparedRow) -> bool, word: &str| {
        let mut names: Vec<String> = Vec::new();
        let mut below: Option<usize> = None;
        for (at, row) in rows.iter().enumerate() {
            if below.is_some_and(|depth| row.depth > depth) {
                continue;
            }
            below = None;
            if is_here(row) {
                below = Some(row.depth);
                let often = runs.get(&(row.service.as_str(), row.operation.as_str())).copied().unwrap_or_default();
                let name = name_of_lone(row, rows.get(at + 1));
                if !is_repeat(often.0, often.1) && !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        let more = names.len().saturating_sub(MOST_NAMED);
        names.truncate(MOST_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!names.is_empty()).then(|| format!("Only {word} has {}{more}.", names.join(", ")))
    };
    [only(|row| row.b.is_none(), "A"), only(|row| row.a.is_none(), "B")].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use crate::traces::compare;
    use crate::traces::made::{called, failed, span, trace, with};
    use store::SpanView;

    fn words(a: Vec<SpanView>, b: Vec<SpanView>) -> Vec<String> {
        compare(&trace(a), &trace(b)).summary
    }

    /// A checkout that asks the catalogue; the statement takes this long and has these attributes.
    fn checkout(select_ms: u64, index: &str, rows: u64) -> Vec<SpanView> {
        let select = called(span("3", "2", 4, select_ms), "product-catalog", "SELECT recommendable_products");
        vec![
            called(span("1", "", 0, select_ms + 10), "frontend", "POST /api/checkout"),
            called(span("2", "1", 2, select_ms + 4), "product-catalog", "GET /products/recommendations"),
            with(with(select, "db.index_used", index), "db.rows_scanned", rows),
        ]
    }

    #[test]
    fn the_missing_index_is_named_with_what_it_cost() {
        let found = words(checkout(20, "idx_products_recommendation", 10), checkout(2720, "NONE", 500_000));
        let expected = [
            "B took 2.70 s longer than A: 2.73 s instead of 30 ms.",
            "2.70 s of it is in product-catalog SELECT recommendable_products: db.index_used idx_products_recommendation → \
             NONE, db.rows_scanned 10 → 500\u{2009}000.",
        ];
        assert_eq!(found, expected);
        let turned = words(checkout(2720, "NONE", 500_000), checkout(20, "idx_products_recommendation", 10));
        assert_eq!(turned[0], "B took 2.70 s less than A: 30 ms instead of 2.73 s.");
    }

    #[test]
    fn traces_that_are_alike_are_said_to_be() {
        assert_eq!(words(checkout(20, "i", 10), checkout(20, "i", 10)), ["Both took about as long: 30 ms and 30 ms."]);
    }

    #[test]
    fn errors_are_traced_to_where_they_began_and_what_is_missing_is_named() {
        let mut good = checkout(20, "i", 10);
        good.push(called(span("4", "1", 28, 1), "payment-service", "POST /api/payment/process"));
        good.push(called(span("5", "4", 28, 1), "payment-service", "charge"));
        let mut bad = checkout(20, "i", 10);
        bad = bad.into_iter().map(|span| failed(span, "no connection within 2100 ms")).collect();
        let found = words(good, bad);
        assert_eq!(
            found[1..],
            [
                "B failed in 3 spans, first in product-catalog SELECT recommendable_products (“no connection within 2100 ms”); \
                 A has no error.",
                "Only A has payment-service POST /api/payment/process.",
            ]
        );
    }

    #[test]
    fn a_loop_over_single_queries_is_counted_not_listed() {
        let with_queries = |number: u64| {
            let mut spans = vec![called(span("r", "", 0, 100), "cart", "GET /cart")];
            let query = |n| called(span(&format!("q{n}"), "r", n, 1), "cart", "SELECT price");
            spans.extend((0..number).map(query));
            spans
        };
        let found = words(with_queries(2), with_queries(40));
        assert_eq!(found[1..], ["cart SELECT price ran 2 times in A and 40 times in B."]);
    }
}
