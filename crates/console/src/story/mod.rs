//! A run's story: what a finished run leaves for people to read, in the console's own words.
//!
//! The conductor writes it ([`write`](fn@write)), because it alone knows the scenario; the Runs pages, reports and consoles that are opened on a
//! run read it ([`read`]). Figures that every reader wants are worked out here ([`headline`](RunStory::headline)), and so is what two
//! runs have in common ([`compare`]). Nothing here judges: the verdict is the scenario's.

mod compare;
mod curves;
mod files;
mod folder;
mod headline;
mod listing;
mod model;
mod traces;

pub use compare::{
    ComparedAlert, ComparedCurve, ComparedExpectation, ComparedFigure, ComparedSetting, RunComparison, compare,
};
pub use curves::MeasuredCurve;
pub use files::{RunFile, files};
pub use folder::{StoryError, read, read_traces, write, write_traces};
pub use headline::{Headline, WorstErrors};
pub use listing::{ListedRun, RunList, list};
pub use model::{
    AlertTiming, AlertWindow, Breakdown, Cost, Ended, Expectation, FORMAT, Outcome, PhaseFootprint, PredictionGap,
    Restoration, RowOutcome, RunFacts, RunStory, ServiceTimes,
};
pub use traces::{EvidenceTrace, EvidenceTraces, MOST_SPANS, MOST_TRACES};

pub(crate) use listing::{ListingCache, is_run_id};
