//! Load tests of anybody's system: the same streams, curves and schedule as a scenario's, with journeys, targets and
//! thresholds of the file's own.
//!
//! Pure, like everything here: [`parse_load_test`] turns text into a [`LoadTest`], the engine of the `load` crate plays it
//! and writes a [`LoadTestReport`], which merges with those of other workers and is held against the test's thresholds.
mod draw;
mod import;
mod inbox;
mod journey;
mod merge;
mod model;
#[cfg(test)]
mod properties;
mod report;
mod request;
mod shop;
mod template;
#[cfg(test)]
mod testing;
mod thresholds;

pub(crate) use draw::MOST_STEPS;
pub use draw::{BUILT_IN_SLOTS, BuiltInSlot, DataDraw, RequestPlace, TamperingDraw, ThinkDraw};
pub use import::{HarOptions, Imported, import_har, import_k6};
pub(crate) use inbox::inbox_data;
pub use inbox::{INBOX_MAILS, MAIL_SLOT, inbox_journeys, inbox_mails};
pub use journey::{Extraction, Journey, Step, Success, ThinkTime};
pub use merge::MergeMistake;
pub use model::{DataSource, LoadTest, SpanSampling, Target, Threshold};
pub use report::{
    GENERATOR_LIMIT, GeneratorCost, JourneyMeasured, LoadTestReport, OutcomeMeasured, Second, StepMeasured,
    StreamMeasured,
};
pub use shop::shop_journeys;
pub(crate) use template::is_slot_name;
pub use template::{Piece, Slot, SlotForm, Template, TemplateMistake};
pub use thresholds::{Limit, ThresholdResult, thresholds};
