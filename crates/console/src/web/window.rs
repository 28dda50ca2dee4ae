//! Stretches of time that pages offer, and that their JSON twins take in `window`.

use store::RedFilter;

use crate::state::State;
use crate::web::Fields;
use crate::web::query::BadField;

/// A stretch of time up to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Window {
    /// The last so many milliseconds.
    Last(u64),
    /// Since the play began, or since what is kept begins.
    All,
}

impl Window {
    /// What is offered: the value of the field, in words, the stretch.
    pub(crate) const ALL: [(&'static str, &'static str, Self); 5] = [
        ("1m", "1 min", Self::Last(60_000)),
        ("5m", "5 min", Self::Last(5 * 60_000)),
        ("15m", "15 min", Self::Last(15 * 60_000)),
        ("1h", "1 h", Self::Last(60 * 60_000)),
        ("all", "all of it", Self::All),
    ];

    /// Its first moment, Unix milliseconds, by the console's clock.
    pub(crate) fn start(self, state: &State) -> u64 {
        match self {
            // As `RedFilter` has it: whole seconds, of which the last is the one under way.
            Self::Last(ms) => (state.now().0 + 1000).saturating_sub(ms),
            Self::All => {
                let began = state.play().map_or(0, |play| (play.start_unix * 1000.0).max(0.0) as u64);
                began.max(state.store().stats().oldest_second_unix_ms)
            }
        }
    }
}

impl Fields {
    /// The stretch that is asked for, if one is.
    pub(crate) fn window(&self) -> Result<Option<Window>, BadField> {
        let asked = self.window.trim();
        match Window::ALL.iter().find(|(value, ..)| *value == asked) {
            Some((.., window)) => Ok(Some(*window)),
            None if asked.is_empty() => Ok(None),
            None => Err(BadField::new("window", asked, "use 1m, 5m, 15m, 1h or all")),
        }
    }

    /// What RED figures are asked for, with `window` where there is no first moment.
    pub(crate) fn red_within(&self, state: &State) -> Result<RedFilter, BadField> {
        let mut filter = self.red()?;
        if let (None, Some(window)) = (filter.from_unix_ms, self.window()?) {
            filter.from_unix_ms = Some(window.start(state));
        }
        Ok(filter)
    }

    /// The same address with some fields changed.
    pub(crate) fn address(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let kept: Vec<(String, String)> = match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(fields)) => {
                fields.into_iter().map(|(name, value)| (name, value.as_str().unwrap_or_default().to_owned())).collect()
            }
            _ => Vec::new(),
        };
        let kept = kept.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let unchanged = kept.filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        crate::pages::link(path, unchanged.chain(changes.iter().copied()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_and_others_named_with_a_remedy() {
        let fields = |window: &str| Fields { window: window.into(), ..Fields::default() };
        assert_eq!(fields("").window(), Ok(None));
        assert_eq!(fields("15m").window(), Ok(Some(Window::Last(900_000))));
        let mistake = fields("ever").window().expect_err("no window").to_string();
        assert_eq!(mistake, "`window` cannot be `ever`: use 1m, 5m, 15m, 1h or all");
    }

    #[test]
    fn an_address_keeps_the_fields_that_are_not_changed() {
        let fields = Fields { service: "cart".into(), window: "5m".into(), ..Fields::default() };
        assert_eq!(
            fields.address("/services", &[("traffic_type", "demo")]),
            "/services?service=cart&window=5m&traffic_type=demo"
        );
        assert_eq!(fields.address("/services", &[("service", "")]), "/services?window=5m");
    }
}
