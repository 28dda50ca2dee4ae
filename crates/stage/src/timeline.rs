//! When the conductor does what: the faults of a scenario as cues in order of time. Pure.

use scenario::{Fault, Scenario};

/// Something to do to a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Undo it. Comes before an apply at the same minute.
    Undo,
    /// Apply it.
    Apply,
}

/// An act, its fault and its minute.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cue {
    /// Scenario minute at which it is due.
    pub(crate) minute: f64,
    /// What to do.
    pub(crate) act: Act,
    /// Index into [`Scenario::faults`].
    pub(crate) fault: usize,
}

/// All cues of `scenario`, in the order in which they are due.
///
/// At one minute undos come first, in reverse order of the file, so that faults unwind like a stack.
pub(crate) fn cues(scenario: &Scenario) -> Vec<Cue> {
    let undo = |(i, f): (usize, &Fault)| Cue { minute: f.until.min(scenario.minutes), act: Act::Undo, fault: i };
    let apply = |(i, f): (usize, &Fault)| Cue { minute: f.from, act: Act::Apply, fault: i };
    let faults = || scenario.faults.iter().enumerate();
    let mut cues: Vec<Cue> = faults().rev().map(undo).chain(faults().map(apply)).collect();
    cues.sort_by(|a, b| a.minute.total_cmp(&b.minute).then((a.act as u8).cmp(&(b.act as u8))));
    cues
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(id: &str, from: f64, until: f64) -> Fault {
        Fault { id: id.into(), kind: "drop_index".into(), from, until, args: serde_json::json!({}), proof: vec![] }
    }

    fn order(faults: Vec<Fault>) -> Vec<String> {
        let text = scenario::shipped().iter().find(|(name, _)| *name == "black-friday").expect("shipped").1;
        let mut scenario = scenario::parse(text, &faults::Kinds).expect("the shipped file is right");
        scenario.faults = faults;
        cues(&scenario).iter().map(|c| format!("{} {:?} {}", c.minute, c.act, scenario.faults[c.fault].id)).collect()
    }

    #[test]
    fn faults_are_applied_in_order_and_unwound_like_a_stack() {
        let seen = order(vec![fault("index", 15.0, 30.0), fault("storage", 15.0, 30.0)]);
        assert_eq!(seen, ["15 Apply index", "15 Apply storage", "30 Undo storage", "30 Undo index"]);
    }

    #[test]
    fn an_undo_comes_before_an_apply_at_the_same_minute() {
        let seen = order(vec![fault("second", 20.0, 25.0), fault("first", 15.0, 20.0)]);
        assert_eq!(seen, ["15 Apply first", "20 Undo first", "20 Apply second", "25 Undo second"]);
    }

    #[test]
    fn a_fault_that_outlasts_the_scenario_is_undone_at_its_end() {
        assert_eq!(order(vec![fault("late", 30.0, 99.0)]), ["30 Apply late", "33 Undo late"]);
    }
}
