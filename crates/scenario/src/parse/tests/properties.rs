//! Whatever is given to the parser, it answers, and where it finds mistakes it says them all in order.

use proptest::prelude::*;

use crate::testing::Kinds;
use crate::{LoadTest, Mistake, Scenario, parse, parse_load_test, shipped};

const LOAD_TEST: &str = include_str!("everything.yaml");

/// What breaks files, and what only looks as if it did.
const SNIPPETS: [&str; 24] = [
    "", " ", "\n", "\n\n  ", "\t", ":", ": ", "- ", "[", "]", "{", "}", "\"", "'", "${", "}", "&a ", "*a", "!!x ", "~",
    "-1", "1e999", "\u{feff}", "é",
];

/// `text` with some stretches of it replaced.
fn mutated(text: &'static str) -> impl Strategy<Value = String> {
    let edit = (0.0..1.0_f64, 0_usize..12, prop::sample::select(&SNIPPETS[..]));
    prop::collection::vec(edit, 1..4).prop_map(move |edits| {
        let mut text = text.to_owned();
        for (place, length, snippet) in edits {
            let boundary =
                |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let from = boundary((place * text.len() as f64) as usize);
            let to = boundary(from + length).max(from);
            text.replace_range(from..to, snippet);
        }
        text
    })
}

fn in_order_and_with_remedies(text: &str, mistakes: &[Mistake]) -> Result<(), TestCaseError> {
    prop_assert!(!mistakes.is_empty());
    prop_assert!(mistakes.windows(2).all(|pair| (pair[0].line, pair[0].column) <= (pair[1].line, pair[1].column)));
    // The end of the file may stand one line below the last.
    let lines = text.split(['\n', '\r']).count() + 1;
    for mistake in mistakes {
        prop_assert!((1..=lines).contains(&mistake.line) && mistake.column >= 1, "{mistake} of {lines} lines");
        prop_assert!(!mistake.message.is_empty() && !mistake.remedy.is_empty());
    }
    Ok(())
}

fn scenario(text: &str) -> Result<(), TestCaseError> {
    match parse(text, &Kinds) {
        Err(mistakes) => in_order_and_with_remedies(text, &mistakes),
        Ok(scenario) => {
            let json = serde_json::to_value(&scenario).expect("serializable");
            let again: Scenario = serde_json::from_value(json.clone()).expect("the same types");
            prop_assert_eq!(serde_json::to_value(again).expect("serializable"), json);
            Ok(())
        }
    }
}

fn load_test(text: &str) -> Result<(), TestCaseError> {
    match parse_load_test(text) {
        Err(mistakes) => in_order_and_with_remedies(text, &mistakes),
        Ok(test) => {
            let json = serde_json::to_value(&test).expect("serializable");
            prop_assert_eq!(serde_json::from_value::<LoadTest>(json).expect("the same types"), test.clone());
            for step in test.journeys.values().flatten() {
                prop_assert!(
                    step.path_template().is_ok() && step.header_templates().is_ok() && step.body_template().is_ok()
                );
            }
            prop_assert!(test.streams.iter().all(|stream| stream.header_templates().is_ok()));
            Ok(())
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        scenario(&text)?;
        load_test(&text)?;
    }

    #[test]
    fn any_damage_to_a_load_test_is_answered(text in mutated(LOAD_TEST)) {
        load_test(&text)?;
    }

    #[test]
    fn any_damage_to_a_scenario_is_answered(text in mutated(shipped()[0].1)) {
        scenario(&text)?;
    }
}
