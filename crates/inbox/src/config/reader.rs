//! Single variables, and a list of what is wrong with them.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::model::BaseUrl;
use crate::secret::Secret;

/// Longest timeout that may be asked for: nobody waits longer than ten minutes.
const MAX_TIMEOUT_MS: u64 = 600_000;

/// Reads variables and gathers the mistakes.
pub(super) struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    pub(super) mistakes: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        let mistakes = Vec::new();
        Self { lookup, mistakes }
    }

    /// An empty variable counts as unset.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let value = (self.lookup)(name)?;
        let trimmed = value.trim();
        (!trimmed.is_empty()).then(|| trimmed.to_owned())
    }

    /// One of `choices`.
    pub(super) fn choice(&mut self, name: &str, choices: &[&'static str]) -> Option<&'static str> {
        let text = self.text(name)?;
        let chosen = choices.iter().find(|choice| choice.eq_ignore_ascii_case(&text)).copied();
        if chosen.is_none() {
            self.mistakes.push(format!("{name} is {text:?}; give one of {}", choices.join(", ")));
        }
        chosen
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        matches!(
            self.choice(name, &["1", "true", "yes", "on", "0", "false", "no", "off"]),
            Some("1" | "true" | "yes" | "on")
        )
    }

    pub(super) fn number(&mut self, name: &str, default: u64, range: RangeInclusive<u64>) -> u64 {
        let Some(text) = self.text(name) else {
            return default;
        };
        text.parse().ok().filter(|number| range.contains(number)).unwrap_or_else(|| {
            let (least, most) = (range.start(), range.end());
            self.mistakes.push(format!("{name} is {text:?}; give a whole number from {least} to {most}"));
            default
        })
    }

    pub(super) fn timeout(&mut self, name: &str, default: Duration) -> Duration {
        Duration::from_millis(self.number(name, default.as_millis() as u64, 1..=MAX_TIMEOUT_MS))
    }

    pub(super) fn url(&mut self, name: &str) -> Option<BaseUrl> {
        let text = self.text(name)?;
        BaseUrl::parse(&text).map_err(|wrong| self.mistakes.push(format!("{name} {wrong}"))).ok()
    }

    /// Mistakes in it are told without what it is.
    pub(super) fn secret(&mut self, name: &str) -> Option<Secret> {
        let text = self.text(name)?;
        Secret::parse(&text).map_err(|wrong| self.mistakes.push(format!("{name} can't be used: {wrong}"))).ok()
    }

    /// A part of a path: what Google's names are made of.
    pub(super) fn name(&mut self, name: &str, example: &str) -> Option<String> {
        let text = self.text(name)?;
        let is_plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b':'));
        if !is_plain || text.len() > 128 || text.starts_with('.') {
            self.mistakes.push(format!("{name} is {text:?}; give a name such as {example}"));
            return None;
        }
        Some(text)
    }

    /// By the rules of OpenTelemetry's GenAI instrumentations: `true`, and the newer names for "on spans".
    pub(super) fn captures_content(&self) -> bool {
        let text = self.text("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT").unwrap_or_default();
        ["true", "span_only", "span_and_event"].iter().any(|on| on.eq_ignore_ascii_case(&text))
    }
}
