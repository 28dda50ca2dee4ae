//! `doorbuster load merge`: the reports of workers that shared a schedule, as one.

use std::path::PathBuf;

use crate::arguments::Merge;
use crate::commands::load::outputs::Files;
use crate::exit::{self, Exit, UsageError};
use crate::output::load::{Judged, Origin, document};

pub(super) fn run(merge: &Merge) -> anyhow::Result<Exit> {
    let files = Files::open(&merge.outputs, merge.reports.iter().map(PathBuf::as_path))?;
    let mut reports = merge.reports.iter();
    let first = reports.next().ok_or_else(|| UsageError("give the reports".to_owned()))?;
    let (mut whole, thresholds) = document::read(first)?;
    for path in reports {
        let (report, others) = document::read(path)?;
        let refused = |problem: String| {
            UsageError(format!("{} can't be added to {}: {problem}", path.display(), first.display()))
        };
        if others != thresholds {
            return Err(refused("its thresholds are others".to_owned()).into());
        }
        whole.merge(report).map_err(|error| refused(error.to_string()))?;
    }
    let judged = Judged::new(whole, thresholds, Origin::Merge);
    files.write(&judged)?;
    Ok(exit::of_verdict(judged.outcome))
}
