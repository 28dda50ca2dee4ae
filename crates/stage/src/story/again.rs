//! The story of a finished run, from its folder: as it was written, or told again where a version before stories ran it.

use std::path::Path;

use console::api::{Alert, Monitors, TransitionState};
use console::story::{self, EvidenceTraces, RunStory, StoryError};
use scenario::{AlertEvent, AlertState, Clock, Evidence, Prediction, Verdict};

use crate::StageError;
use crate::judge_again::{prediction, scenario_of};
use crate::run_folder::{Ended, RunFolder, RunRecord};
use crate::story::facts;
use crate::story::told::{Account, tell};

/// A run's story and traces.
#[derive(Debug)]
pub struct Told {
    /// What there is to say of it.
    pub story: RunStory,
    /// Traces that tell what happened.
    pub traces: EvidenceTraces,
    /// Why the story had to be told again from the evidence; `None` where it was kept.
    pub told_again: Option<String>,
}

/// The story of the run in `folder`. Changes nothing.
///
/// # Errors
/// [`StageError::NotARun`] where there is neither a story nor evidence, [`StageError::Story`] where one of a later version is, others
/// where a file can't be read.
pub fn tell_again(folder: &Path) -> Result<Told, StageError> {
    let traces = story::read_traces(folder)?;
    let lack = match story::read(folder) {
        Ok(story) => return Ok(Told { story, traces, told_again: None }),
        Err(error @ StoryError::Newer { .. }) => return Err(error.into()),
        Err(error) if error.is_missing() => "it was run by a version that kept no story.json".to_owned(),
        Err(error) => error.to_string(),
    };
    let folder = RunFolder::open(folder)?;
    let record: RunRecord = folder.read_json("run.json")?;
    let evidence: Evidence = folder.read_json("evidence.json")?;
    let text = folder.scenario_text()?;
    let scenario = scenario_of(&record, &text)?;
    let predicted: Prediction = match folder.read_json("prediction.json") {
        Ok(kept) => kept,
        Err(_) => prediction(&scenario, record.seed, record.speed),
    };
    let verdict: Option<Verdict> = match folder.read_json("verdict.json") {
        Ok(kept) => Some(kept),
        Err(_) if record.ended == Ended::Finished => Some(crate::validate(folder.path())?),
        Err(_) => None,
    };
    let story = tell(Account {
        record: &record,
        scenario: &scenario,
        text: &text,
        folder: folder.path(),
        evidence: &evidence,
        prediction: &predicted,
        verdict: verdict.as_ref(),
        alerts: alerts(&evidence.alerts, facts::clock(&record)),
        detection: Monitors::default(),
    });
    Ok(Told { story, traces, told_again: Some(lack) })
}

/// What evidence keeps of alerts: not what was measured when they came.
fn alerts(events: &[AlertEvent], clock: Clock) -> Vec<Alert> {
    let alert = |(index, event): (usize, &AlertEvent)| Alert {
        seq: index as u64 + 1,
        monitor: event.monitor.clone(),
        state: match event.state {
            AlertState::Firing => TransitionState::Firing,
            AlertState::Resolved => TransitionState::Resolved,
        },
        at_unix_ms: (clock.unix_at(event.minute) * 1000.0).max(0.0) as u64,
        traffic_type: event.stream.clone(),
        value: None,
        threshold: None,
        summary: String::new(),
    };
    events.iter().enumerate().map(alert).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::told::testing;
    use console::story::Outcome;

    fn old_run(runs: &Path) -> RunFolder {
        let folder = RunFolder::create(runs, "black-friday", jiff::Timestamp::UNIX_EPOCH).expect("a folder");
        let text = scenario::shipped().iter().find(|(name, _)| *name == "black-friday").expect("shipped").1;
        let scenario = scenario::parse(text, &faults::Kinds).expect("the shipped file is right");
        folder.write_scenario(&scenario, text).expect("written");
        let evidence = testing::evidence();
        let predicted = prediction(&scenario, 7, 10.0);
        let verdict = scenario::judge(&scenario, &evidence, &predicted, 10.0);
        folder.write_outcome(&testing::record(), &evidence, &predicted, Some(&verdict)).expect("written");
        folder
    }

    #[test]
    fn a_run_from_before_stories_is_told_from_its_evidence() {
        let runs = tempfile::tempdir().expect("a temporary folder");
        let folder = old_run(runs.path());
        // What older versions did not write.
        let path = folder.path().join("run.json");
        let mut record: serde_json::Value = folder.read_json("run.json").expect("JSON");
        let fields = record.as_object_mut().expect("an object");
        fields.remove("monitors");
        fields.remove("ended_minute");
        std::fs::write(&path, record.to_string()).expect("written");

        let told = tell_again(folder.path()).expect("its evidence is there");
        assert!(told.told_again.is_some_and(|why| why.contains("kept no story")));
        assert_eq!(told.story.outcome(), Outcome::Invalid);
        assert_eq!(told.story.alerts.len(), 2);
        assert_eq!(told.story.minute_at(told.story.alerts[0].at_unix_ms as f64).round(), 22.0);
        assert_eq!(told.traces, EvidenceTraces::default());

        console::story::write(folder.path(), &told.story).expect("written");
        let kept = tell_again(folder.path()).expect("it is there");
        assert!(kept.told_again.is_none() && kept.story == told.story, "what is kept is what was told");
    }

    #[test]
    fn a_run_that_was_cut_short_has_a_story_without_a_verdict() {
        let runs = tempfile::tempdir().expect("a temporary folder");
        let folder = old_run(runs.path());
        let record = RunRecord { ended: Ended::Interrupted, ended_minute: Some(17.25), ..testing::record() };
        std::fs::write(folder.path().join("run.json"), serde_json::to_string(&record).expect("JSON")).expect("written");
        std::fs::remove_file(folder.path().join("verdict.json")).expect("removed");
        let story = tell_again(folder.path()).expect("its evidence is there").story;
        assert_eq!((story.outcome(), story.facts.ended_minute), (Outcome::Interrupted, 17.25));
        assert!(story.expectations.is_empty() && story.play.verdict.is_none());
    }

    #[test]
    fn a_folder_that_is_no_run_is_refused_and_so_is_a_story_of_tomorrow() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert!(matches!(tell_again(folder.path()), Err(StageError::NotARun { .. })));
        std::fs::write(folder.path().join("story.json"), r#"{"format": 2}"#).expect("written");
        let refused = tell_again(folder.path()).expect_err("it is of tomorrow");
        assert!(refused.to_string().contains("newer Doorbuster"), "{refused}");
    }
}
