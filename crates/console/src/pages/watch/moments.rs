//! Moments as people read them: the minute of the play, if one is on, and the time of day.

use maud::{Markup, html};

use crate::api::StagePlay;
use crate::pages::format::{stretch, time_of_day};

/// How moments are told.
pub(super) struct Moments {
    now_unix_ms: u64,
    /// Minute 0 in Unix seconds, and scenario minutes per real minute.
    play: Option<(f64, f64)>,
}

impl Moments {
    pub(super) fn new(play: Option<&StagePlay>, now_unix_ms: u64) -> Self {
        Self { now_unix_ms, play: play.filter(|play| play.speed > 0.0).map(|play| (play.start_unix, play.speed)) }
    }

    /// `minute 22.4 · 12:03:59`.
    pub(super) fn at(&self, unix_ms: u64) -> Markup {
        html! {
            @if let Some((start, speed)) = self.play {
                b { "minute " (format!("{:.1}", (unix_ms as f64 / 1000.0 - start) / 60.0 * speed)) } " · "
            }
            (time_of_day(unix_ms as f64))
        }
    }

    /// How long it is so: `48 s`.
    pub(super) fn since(&self, unix_ms: u64) -> String {
        stretch(self.now_unix_ms.saturating_sub(unix_ms) as f64 / 1000.0)
    }
}
