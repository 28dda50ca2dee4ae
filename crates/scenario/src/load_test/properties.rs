//! What must hold of every report and every template.

use proptest::prelude::*;
use serde_json::Value;

use super::testing::{Visit, report_of};
use super::{LoadTestReport, Piece, Slot, SlotForm, Step, Template};

fn visits() -> impl Strategy<Value = Vec<Visit>> {
    let visit = (0_usize..2, 0_usize..20, 1_u64..10_000_000, any::<bool>(), prop::bool::weighted(0.1));
    prop::collection::vec(visit, 0..200).prop_map(|visits| {
        let all = visits.into_iter().enumerate();
        all.map(|(index, (stream, second, micros, failed, dropped))| Visit {
            stream,
            index: index as u64,
            second,
            micros,
            failed,
            dropped,
        })
        .collect()
    })
}

/// `first` with all of `others`.
fn sum(mut first: LoadTestReport, others: impl IntoIterator<Item = LoadTestReport>) -> LoadTestReport {
    for other in others {
        first.merge(other).expect("shares of one test");
    }
    first
}

/// What is neither of all workers together nor of the split.
fn measured(report: LoadTestReport) -> LoadTestReport {
    LoadTestReport {
        workers: 1,
        shares: vec![0],
        most_in_flight: 0,
        generator: super::GeneratorCost::default(),
        ..report
    }
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,8}"
}

/// Texts with whatever could be taken for the beginning of a slot.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![Just("$".to_owned()), Just("{".to_owned()), Just("}".to_owned()), "[a-zä\"\\\\ ]{1,3}"],
        1..8,
    )
    .prop_map(|parts| parts.concat())
}

/// No two texts side by side: those would be one.
fn template() -> impl Strategy<Value = Template> {
    let piece = prop_oneof![
        text().prop_map(Piece::Text),
        name().prop_map(|name| Piece::Slot(Slot { name, form: SlotForm::Plain })),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|mut pieces| {
        pieces.dedup_by(|after, before| matches!((after, before), (Piece::Text(_), Piece::Text(_))));
        Template(pieces)
    })
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9_f64).prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// `json` with its texts written so that nothing in them is a slot.
fn without_slots(json: &Value) -> Value {
    let literal = |text: &String| Template(vec![Piece::Text(text.clone())]).to_string();
    match json {
        Value::String(text) => Value::from(literal(text)),
        Value::Array(items) => items.iter().map(without_slots).collect(),
        Value::Object(entries) => entries.iter().map(|(key, value)| (literal(key), without_slots(value))).collect(),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn the_reports_of_all_workers_are_that_of_one(visits in visits(), workers in 1_u64..6, first in 0_u64..6) {
        let share = |worker: u64| report_of(&visits, workers, worker % workers);
        // From any worker on, forwards and backwards: the order of adding changes nothing.
        let forwards = sum(share(first), (1..workers).map(|step| share(first + step)));
        let backwards = sum(share(first), (1..workers).rev().map(|step| share(first + step)));
        prop_assert_eq!(&forwards, &backwards);
        let from_the_end = sum(share(workers - 1), (0..workers - 1).map(share));
        prop_assert_eq!(&forwards, &from_the_end);
        prop_assert_eq!(forwards.missing_shares(), Vec::<u64>::new());
        prop_assert_eq!(measured(forwards), measured(report_of(&visits, 1, 0)));
    }

    #[test]
    fn it_does_not_matter_which_workers_are_added_first(visits in visits()) {
        let share = |worker| report_of(&visits, 3, worker);
        let left = sum(sum(share(0), [share(1)]), [share(2)]);
        let right = sum(share(0), [sum(share(1), [share(2)])]);
        prop_assert_eq!(left, right);
    }

    #[test]
    fn a_report_survives_the_wire(visits in visits()) {
        let report = report_of(&visits, 2, 1);
        let json = serde_json::to_string(&report).expect("serializable");
        prop_assert_eq!(serde_json::from_str::<LoadTestReport>(&json).expect("the same types"), report);
    }

    #[test]
    fn a_template_is_read_as_it_was_written(template in template()) {
        let written = template.to_string();
        prop_assert_eq!(Template::parse(&written, SlotForm::Plain), Ok(template), "{}", written);
    }

    #[test]
    fn what_can_be_read_is_written_as_it_was(text in text()) {
        if let Ok(template) = Template::parse(&text, SlotForm::Url) {
            prop_assert_eq!(template.to_string(), text);
        }
    }

    #[test]
    fn a_json_body_without_slots_is_sent_as_it_is(json in json()) {
        let step = serde_json::json!({"path": "/", "json": without_slots(&json)});
        let step: Step = serde_json::from_value(step).expect("a step");
        let template = step.body_template().expect("a template").unwrap_or_default();
        let expected = if json.is_null() { vec![] } else { vec![Piece::Text(json.to_string())] };
        prop_assert_eq!(template.0, expected);
    }
}
