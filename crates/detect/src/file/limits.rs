//! The limits of a threshold in the file: numbers, or multiples of a baseline that is learned.

use std::time::Duration;

use saphyr::YamlData;

use crate::file::reader::{Node, Object, Reader};
use crate::monitor::{Bounds, Direction, Limit};
use crate::signal::{Signal, SpanMeasure};

impl Reader {
    /// `above` or `below`, and `recover`.
    pub(crate) fn limits(
        &mut self,
        object: &Object<'_, '_>,
        signal: Option<&Signal>,
        window: Option<Duration>,
    ) -> Option<(Direction, Limit)> {
        let (name, direction) = match (object.get("above"), object.get("below")) {
            (Some(_), None) => ("above", Direction::Above),
            (None, Some(_)) => ("below", Direction::Below),
            _ => {
                self.mistake(
                    object.node,
                    "a condition needs either `above` or `below`",
                    "write the limit as `above: 500`",
                );
                return None;
            }
        };
        let node = object.get(name)?;
        let limit = match &node.data {
            YamlData::Mapping(_) => self.of_baseline(object, node, (name, direction), window)?,
            _ => Limit::Fixed(self.fixed(object, node, (name, direction), signal)?),
        };
        Some((direction, limit))
    }

    fn fixed(
        &mut self,
        object: &Object<'_, '_>,
        node: &Node<'_>,
        limit: (&str, Direction),
        signal: Option<&Signal>,
    ) -> Option<Bounds> {
        let fire = self.number(node, &format!("`{}`", limit.0))?;
        let is_share = matches!(
            signal,
            Some(Signal::Spans {
                measure: SpanMeasure::ErrorRate | SpanMeasure::HttpErrorRate | SpanMeasure::Share { .. },
                ..
            })
        );
        if is_share && fire > 1.0 {
            self.mistake(node, format!("a share of {fire} is more than everything"), "write 20 % as 0.2");
        }
        let Some(node) = object.get("recover") else {
            return Some(Bounds { fire, recover: fire });
        };
        if let YamlData::Mapping(_) = &node.data {
            let remedy = "write it as a number too, or make the limit a multiple of the baseline";
            self.mistake(node, format!("`{}` is a number and `recover` is not", limit.0), remedy);
            return None;
        }
        let recover = self.number(node, "`recover`")?;
        self.beyond(node, limit, fire, recover);
        Some(Bounds { fire, recover })
    }

    /// `{times_baseline: 3, learn: 2m}`.
    fn of_baseline(
        &mut self,
        object: &Object<'_, '_>,
        node: &Node<'_>,
        limit: (&str, Direction),
        window: Option<Duration>,
    ) -> Option<Limit> {
        let what = format!("`{}`", limit.0);
        let fields = self.object(node, &what, &["times_baseline", "learn"])?;
        let learn = self
            .required(&fields, "learn", &what, "2m")
            .and_then(|node| Some((node, self.duration(node, "`learn`")?)))
            .filter(|(node, learn)| {
                let is_long = window.is_none_or(|window| *learn >= window);
                if !is_long {
                    self.mistake(node, "`learn` is shorter than `window`", "learn for several windows: 2m or so");
                }
                is_long
            });
        let factor = self.factor(&fields, &what);
        let fire = factor.filter(|fire| {
            let (fits, remedy) = match limit.1 {
                Direction::Above => (*fire > 1.0, "use more than 1"),
                Direction::Below => (*fire < 1.0, "use less than 1"),
            };
            if !fits {
                self.mistake(node, format!("{what} {fire} times the baseline holds at the baseline itself"), remedy);
            }
            fits
        });
        let recover = match object.get("recover") {
            None => fire,
            Some(node) => {
                let recover = match &node.data {
                    YamlData::Mapping(_) => self
                        .object(node, "`recover`", &["times_baseline"])
                        .and_then(|fields| self.factor(&fields, "`recover`")),
                    _ => {
                        let message = format!("{what} is a multiple of the baseline and `recover` is not");
                        self.mistake(node, message, "write it as `recover: {times_baseline: 2}`");
                        None
                    }
                };
                if let (Some(fire), Some(recover)) = (fire, recover) {
                    self.beyond(node, limit, fire, recover);
                }
                recover
            }
        };
        let factors = Bounds { fire: fire?, recover: recover? };
        Some(Limit::TimesBaseline { factors, learn: learn?.1 })
    }

    fn factor(&mut self, fields: &Object<'_, '_>, what: &str) -> Option<f64> {
        let node = self.required(fields, "times_baseline", what, "3")?;
        let factor = self.number(node, "`times_baseline`")?;
        if factor == 0.0 {
            self.mistake(node, "`times_baseline` of zero is no multiple", "write a factor such as 3 or 0.5");
            return None;
        }
        Some(factor)
    }

    /// Notes a `recover` that is worse than the limit itself.
    fn beyond(&mut self, node: &Node<'_>, (name, direction): (&str, Direction), fire: f64, recover: f64) {
        let is_beyond = match direction {
            Direction::Above => recover > fire,
            Direction::Below => recover < fire,
        };
        if is_beyond {
            let remedy = "put it on the healthy side of the limit, or leave it out";
            self.mistake(node, format!("`recover: {recover}` lies beyond `{name}: {fire}`"), remedy);
        }
    }
}
