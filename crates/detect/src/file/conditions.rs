//! Conditions in the file: thresholds over spans and logs, other monitors, and all, any, not.

use std::time::Duration;

use crate::file::reader::{Node, Object, Reader};
use crate::monitor::{Threshold, When};
use crate::signal::{LogFilter, Quantile, Signal, SpanFilter, SpanKind, SpanMeasure, SpanStatus};

/// The fields of which a condition has exactly one.
const HEADS: [&str; 6] = ["spans", "logs", "monitor", "all", "any", "not"];

/// The fields that go with `spans` and `logs`.
const THRESHOLD_FIELDS: [&str; 8] =
    ["measure", "flag", "attribute", "window", "above", "below", "recover", "min_samples"];

/// How deep conditions may nest.
const DEEPEST: usize = 8;

/// What conditions may stand on, here.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Leaves {
    /// Thresholds and monitors.
    Any,
    /// Monitors only, as in a flow.
    MonitorsOnly,
}

impl Reader {
    /// A condition; a bare word is the key of a monitor.
    pub(crate) fn condition(&mut self, node: &Node<'_>, what: &str, leaves: Leaves) -> Option<When> {
        self.nested(node, what, leaves, DEEPEST)
    }

    fn nested(&mut self, node: &Node<'_>, what: &str, leaves: Leaves, depth: usize) -> Option<When> {
        if depth == 0 {
            self.mistake(node, format!("{what} nests too deeply"), format!("at most {DEEPEST} levels"));
            return None;
        }
        if node.data.is_string() {
            return self.key(node, "monitor").map(When::Monitor);
        }
        let known: Vec<&str> = HEADS.iter().chain(&THRESHOLD_FIELDS).copied().collect();
        let object = self.object(node, what, &known)?;
        let heads = object.present(&HEADS);
        let [head] = heads[..] else {
            let found = if heads.is_empty() { "none".to_owned() } else { heads.join(" and ") };
            let message = format!("{what} needs exactly one of {}, found {found}", HEADS.join(", "));
            self.mistake(node, message, "keep one of them; join several with `all: [..]` or `any: [..]`");
            return None;
        };
        let value = object.get(head)?;
        match head {
            "monitor" => self.key(value, "monitor").map(When::Monitor),
            "not" => self.nested(value, what, leaves, depth - 1).map(|inner| When::Not(Box::new(inner))),
            "all" => self.parts(value, what, leaves, depth).map(When::All),
            "any" => self.parts(value, what, leaves, depth).map(When::Any),
            _ if leaves == Leaves::MonitorsOnly => {
                self.mistake(value, format!("{what} may only name monitors"), "make it a monitor and name its key");
                None
            }
            _ => self.threshold(&object, head, value).map(When::Threshold),
        }
    }

    fn parts(&mut self, node: &Node<'_>, what: &str, leaves: Leaves, depth: usize) -> Option<Vec<When>> {
        let items = self.list(node, what)?;
        // Every part is read before any failure counts, so that all mistakes come out at once.
        let parts: Vec<Option<When>> = items.iter().map(|item| self.nested(item, what, leaves, depth - 1)).collect();
        parts.into_iter().collect()
    }

    fn threshold(&mut self, object: &Object<'_, '_>, head: &str, filter: &Node<'_>) -> Option<Threshold> {
        let signal = if head == "logs" { self.logs(object, filter) } else { self.spans(object, filter) };
        let window = self
            .required(object, "window", "a condition", "30s")
            .and_then(|node| self.duration(node, "`window`"))
            .filter(|window| {
                let fits = (1..=3600).contains(&window.as_secs());
                if !fits {
                    let remedy = "use 1s to 1h";
                    self.mistake(object.get("window").unwrap_or(object.node), "`window` is out of range", remedy);
                }
                fits
            });
        let limits = self.limits(object, signal.as_ref(), window);
        let min_samples = match object.get("min_samples") {
            Some(node) => self.whole(node, "`min_samples`")?,
            None => 1,
        };
        let (direction, limit) = limits?;
        Some(Threshold { signal: signal?, window: window?, direction, limit, min_samples })
    }

    fn spans(&mut self, object: &Object<'_, '_>, node: &Node<'_>) -> Option<Signal> {
        let what = "`spans`";
        let fields = self.object(node, what, &["service", "operation", "kind", "status", "traffic_type"])?;
        let filter = SpanFilter {
            service: self.optional_text(&fields, "service", what),
            operation: self.optional_text(&fields, "operation", what),
            kind: fields.get("kind").and_then(|node| self.choice(node, "`kind`", &SpanKind::ALL)),
            status: fields.get("status").and_then(|node| {
                self.choice(node, "`status`", &[("ok", SpanStatus::Ok), ("error", SpanStatus::Error)])
            }),
            traffic_type: self.optional_text(&fields, "traffic_type", what),
        };
        let node = self.required(object, "measure", "a condition on spans", "p95_ms")?;
        let measures = [
            SpanMeasure::Count,
            SpanMeasure::RatePerMinute,
            SpanMeasure::ErrorRate,
            SpanMeasure::QuantileMs(Quantile::P50),
            SpanMeasure::QuantileMs(Quantile::P95),
            SpanMeasure::QuantileMs(Quantile::P99),
            SpanMeasure::HttpErrorRate,
            SpanMeasure::Share { flag: String::new() },
            SpanMeasure::Mean { attribute: String::new() },
        ]
        .map(|measure| (measure.word(), measure));
        let chosen = self.choice(node, "`measure`", &measures)?;
        for (field, belongs, measure) in [
            ("flag", matches!(chosen, SpanMeasure::Share { .. }), "share"),
            ("attribute", matches!(chosen, SpanMeasure::Mean { .. }), "mean"),
        ] {
            if let Some(node) = object.get(field).filter(|_| !belongs) {
                self.mistake(node, format!("`{field}` goes with `measure: {measure}` only"), "leave it out");
            }
        }
        let measure = match chosen {
            SpanMeasure::Share { .. } => {
                let flag = self.required(object, "flag", "a share", "db.connection.pool.exhausted")?;
                SpanMeasure::Share { flag: self.text(flag, "`flag`")?.to_owned() }
            }
            SpanMeasure::Mean { .. } => {
                let attribute = self.required(object, "attribute", "a mean", "llm.usage.total_tokens")?;
                SpanMeasure::Mean { attribute: self.text(attribute, "`attribute`")?.to_owned() }
            }
            measure => measure,
        };
        Some(Signal::Spans { filter, measure })
    }

    fn logs(&mut self, object: &Object<'_, '_>, node: &Node<'_>) -> Option<Signal> {
        let what = "`logs`";
        let fields = self.object(node, what, &["service", "event", "severity", "traffic_type"])?;
        for key in ["measure", "flag", "attribute"] {
            if let Some(node) = object.get(key) {
                self.mistake(node, format!("logs are counted: `{key}` has no meaning"), "leave it out");
            }
        }
        let severities = [("debug", 5), ("info", 9), ("warn", 13), ("error", 17), ("fatal", 21)];
        let filter = LogFilter {
            service: self.optional_text(&fields, "service", what),
            event: self.optional_text(&fields, "event", what),
            severity_at_least: fields.get("severity").and_then(|node| self.choice(node, "`severity`", &severities)),
            traffic_type: self.optional_text(&fields, "traffic_type", what),
        };
        Some(Signal::Logs { filter })
    }

    /// An optional duration field, zero without it.
    pub(crate) fn duration_or_zero(&mut self, object: &Object<'_, '_>, key: &str, what: &str) -> Duration {
        self.optional_duration(object, key, what).unwrap_or_default()
    }
}
