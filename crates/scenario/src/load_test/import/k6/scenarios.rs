//! k6's scenarios as streams.

use serde_json::{Map, Value, json};

use super::literal::Options;
use super::units::{number, seconds};
use crate::Mistake;
use crate::load_test::import::mistake;
use crate::load_test::import::names::{Names, word};

/// Most visits under way at once that a file may ask for.
pub(super) const MOST_IN_FLIGHT: u64 = 1_000_000;

/// Why virtual users are refused.
const CLOSED_MODEL: &str = "a fixed number of users is a closed model: they wait for slow answers and then arrive less often, \
     so there is no rate to take over, and what they measure hides the waiting. Say what you expect to arrive: \
     `executor: 'constant-arrival-rate', rate: 50, timeUnit: '1s', duration: '5m'`, or ramping-arrival-rate with stages";

/// One scenario.
#[derive(Debug)]
pub(super) struct Imported {
    /// As k6 calls it.
    pub(super) scenario: String,
    /// As the file calls it.
    pub(super) name: String,
    pub(super) journey: String,
    /// `(second, arrivals a second)`; two at one second are a step.
    points: Vec<(f64, f64)>,
    pub(super) ends_minute: f64,
    pub(super) most_users: Option<u64>,
}

impl Imported {
    /// As it stands in the file of a test of `minutes`: the rate falls to 0 where the stream ends before the test does.
    pub(super) fn document(&self, minutes: f64) -> Value {
        let mut points = self.points.clone();
        if let Some(last) = points.last().copied().filter(|last| last.1 > 0.0 && self.ends_minute < minutes) {
            points.push((last.0, 0.0));
        }
        let is_constant = self.ends_minute >= minutes
            && points.first().is_some_and(|first| first.0 == 0.0)
            && points.windows(2).all(|pair| pair[0].1 == pair[1].1);
        let rate = match points.first().filter(|_| is_constant) {
            Some(first) => number(first.1),
            None => points.iter().map(|(second, rate)| json!([number(second / 60.0), number(*rate)])).collect(),
        };
        // k6 spaces arrivals evenly.
        json!({"name": self.name, "arrivals_per_second": rate, "spacing": "uniform", "journeys": {&self.journey: 1}})
    }
}

/// Every scenario of `options`, or every mistake in them.
pub(super) fn read(
    text: &str,
    found: &Options,
    options: &Map<String, Value>,
    left_out: &mut Vec<String>,
) -> Result<Vec<Imported>, Vec<Mistake>> {
    let none = Map::new();
    let scenarios = options.get("scenarios").and_then(Value::as_object).unwrap_or(&none);
    if scenarios.is_empty() {
        let counts_users = ["vus", "stages", "iterations", "duration"]
            .iter()
            .any(|key| options.get(*key).is_some_and(|v| !v.is_null()));
        let message = if counts_users { "the options count virtual users" } else { "the options have no scenarios" };
        return Err(vec![mistake(text, found.at, message, CLOSED_MODEL)]);
    }
    let mut reader = Reader { text, at: found.at, mistakes: Vec::new(), left_out };
    let mut names = Names::default();
    let streams: Vec<Imported> =
        scenarios.iter().filter_map(|(name, scenario)| reader.scenario(name, scenario, &mut names)).collect();
    if reader.mistakes.is_empty() { Ok(streams) } else { Err(reader.mistakes) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    mistakes: Vec<Mistake>,
    left_out: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn scenario(&mut self, scenario: &str, value: &Value, names: &mut Names) -> Option<Imported> {
        let Some(map) = value.as_object() else {
            self.wrong(scenario, "is no object".to_owned(), "give it an executor");
            return None;
        };
        let points = match map.get("executor").and_then(Value::as_str) {
            Some("constant-arrival-rate") => self.constant(scenario, map),
            Some("ramping-arrival-rate") => self.ramping(scenario, map),
            Some(
                executor @ ("constant-vus"
                | "ramping-vus"
                | "per-vu-iterations"
                | "shared-iterations"
                | "externally-controlled"),
            ) => {
                self.wrong(scenario, format!("counts virtual users ({executor})"), CLOSED_MODEL);
                None
            }
            Some(executor) => {
                self.wrong(
                    scenario,
                    format!("has the unknown executor {executor:?}"),
                    "use ramping-arrival-rate or constant-arrival-rate",
                );
                None
            }
            None => {
                self.wrong(scenario, "has no executor".to_owned(), "use ramping-arrival-rate or constant-arrival-rate");
                None
            }
        };
        let starts = self.duration(scenario, map, "startTime", Some(0.0));
        let (points, starts) = (points?, starts?);
        self.say_what_was_left_out(scenario, map);
        let ends = starts + points.last().map_or(0.0, |last| last.0);
        if ends <= 0.0 {
            self.wrong(scenario, "takes no time".to_owned(), "give it a duration, or stages with durations");
            return None;
        }
        let users = |key: &str| map.get(key).and_then(Value::as_u64);
        Some(Imported {
            scenario: scenario.to_owned(),
            name: names.give(scenario, "visitors"),
            journey: word(map.get("exec").and_then(Value::as_str).unwrap_or("default"), "default"),
            points: points.into_iter().map(|(second, rate)| (starts + second, rate)).collect(),
            ends_minute: ends / 60.0,
            most_users: users("maxVUs").or_else(|| users("preAllocatedVUs")),
        })
    }

    fn constant(&mut self, scenario: &str, map: &Map<String, Value>) -> Option<Vec<(f64, f64)>> {
        let unit = self.unit(scenario, map);
        let rate = self.number(scenario, map, "rate", None);
        let lasts = self.duration(scenario, map, "duration", None);
        let (rate, unit, lasts) = (rate?, unit?, lasts?);
        Some(vec![(0.0, rate / unit), (lasts, rate / unit)])
    }

    fn ramping(&mut self, scenario: &str, map: &Map<String, Value>) -> Option<Vec<(f64, f64)>> {
        let unit = self.unit(scenario, map);
        let start = self.number(scenario, map, "startRate", Some(0.0));
        let stages = map.get("stages").and_then(Value::as_array).filter(|stages| !stages.is_empty());
        let Some(stages) = stages else {
            self.wrong(scenario, "has no stages".to_owned(), "give it stages: [{target: 100, duration: '1m'}]");
            return None;
        };
        let read: Vec<Option<(f64, f64)>> = stages
            .iter()
            .map(|stage| {
                let none = Map::new();
                let stage = stage.as_object().unwrap_or(&none);
                let target = self.number(scenario, stage, "target", None);
                let lasts = self.duration(scenario, stage, "duration", None);
                Some((target?, lasts?))
            })
            .collect();
        let (unit, start) = (unit?, start?);
        let mut points = vec![(0.0, start / unit)];
        let mut second = 0.0;
        for stage in read {
            let (target, lasts) = stage?;
            second += lasts;
            points.push((second, target / unit));
        }
        // A stage of no length first is where the rate begins.
        if points.get(1).is_some_and(|next| next.0 == 0.0) {
            points.remove(0);
        }
        Some(points)
    }

    fn unit(&mut self, scenario: &str, map: &Map<String, Value>) -> Option<f64> {
        let unit = self.duration(scenario, map, "timeUnit", Some(1.0))?;
        if unit > 0.0 {
            return Some(unit);
        }
        self.wrong(scenario, "has a timeUnit of no length".to_owned(), "give a timeUnit such as '1s'");
        None
    }

    fn number(&mut self, scenario: &str, map: &Map<String, Value>, key: &str, otherwise: Option<f64>) -> Option<f64> {
        match map.get(key).filter(|value| !value.is_null()) {
            None if otherwise.is_some() => otherwise,
            Some(value) if value.as_f64().is_some_and(|n| n.is_finite() && n >= 0.0) => value.as_f64(),
            found => {
                let is = found.map_or_else(|| "missing".to_owned(), Value::to_string);
                self.wrong(scenario, format!("has a {key} that is {is}"), "give a number from 0");
                None
            }
        }
    }

    fn duration(&mut self, scenario: &str, map: &Map<String, Value>, key: &str, otherwise: Option<f64>) -> Option<f64> {
        match map.get(key).filter(|value| !value.is_null()) {
            None if otherwise.is_some() => otherwise,
            Some(value) if seconds(value).is_some() => seconds(value),
            found => {
                let is = found.map_or_else(|| "missing".to_owned(), Value::to_string);
                self.wrong(scenario, format!("has a {key} that is {is}"), "give a duration such as '1m30s'");
                None
            }
        }
    }

    fn say_what_was_left_out(&mut self, scenario: &str, map: &Map<String, Value>) {
        const TAKEN: [&str; 11] = [
            "executor",
            "startTime",
            "timeUnit",
            "rate",
            "startRate",
            "stages",
            "duration",
            "exec",
            "preAllocatedVUs",
            "maxVUs",
            "gracefulStop",
        ];
        let is_set = |value: &Value| !value.is_null() && value.as_object().is_none_or(|map| !map.is_empty());
        let others: Vec<&str> = map
            .iter()
            .filter(|(key, value)| !TAKEN.contains(&key.as_str()) && is_set(value))
            .map(|(key, _)| key.as_str())
            .collect();
        if !others.is_empty() {
            self.left_out.push(format!("of scenario {scenario}: {}", others.join(", ")));
        }
        if map.get("gracefulStop").is_some_and(|value| !value.is_null()) {
            self.left_out.push(format!(
                "gracefulStop of scenario {scenario}: every answer is waited for, until its step's timeout_ms"
            ));
        }
    }

    /// Places a mistake where the scenario's name first stands in the options, or else at their beginning.
    fn wrong(&mut self, scenario: &str, what: String, remedy: &str) {
        let options = self.text.get(self.at..).unwrap_or_default();
        let at = self.at + options.find(scenario).unwrap_or(0);
        self.mistakes.push(mistake(self.text, at, format!("scenario {scenario} {what}"), remedy));
    }
}
