//! The field: how each generator is called for a load, and where it says what latency it saw.
//!
//! Each plays with the settings its own documentation recommends for such a load, on one core. A generator that can't do a
//! load says so by returning nothing: it is left out of that table rather than bent into it. Adding one: a file here,
//! a line in [`field`], a sample of what it prints in `tests/samples`.
mod ab;
mod artillery;
mod autocannon;
mod calibrator;
mod doorbuster;
mod goose;
mod h2load;
mod hey;
mod k6;
mod locust;
mod oha;
mod search;
mod vegeta;
mod wrk;

use std::path::Path;

use crate::stall_truth::Percentiles;

pub(crate) use self::calibrator::Calibrator;
pub(crate) use self::search::{Places, Search};

/// What load is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// So many connections, each with the next request as soon as it has its answer.
    Closed { connections: u32 },
    /// So many requests a second, evenly spaced, whether or not the server answers.
    Open { per_second: u32 },
}

/// A load and what there is to know of it beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Load {
    pub(crate) shape: Shape,
    pub(crate) seconds: u32,
    /// How many requests will be under way at once: k6 and oha want to be told.
    pub(crate) in_flight: u32,
}

/// How a program is called.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Call {
    /// Its arguments, separated by blanks: none of them holds one.
    pub(crate) arguments: String,
    pub(crate) environment: Vec<(&'static str, String)>,
    /// Files that it reads, by the name under which they have to lie in its directory.
    pub(crate) files: Vec<(&'static str, String)>,
}

impl Call {
    fn with(arguments: String) -> Self {
        Self { arguments, ..Self::default() }
    }
}

/// A load generator.
pub(crate) trait Generator {
    /// Its name in the tables; of variants, with what is different.
    fn name(&self) -> &'static str;

    /// The program.
    fn program(&self) -> &'static str {
        self.name()
    }

    /// How one gets it.
    fn remedy(&self) -> &'static str;

    /// What prints its version.
    fn version_arguments(&self) -> &'static str {
        "--version"
    }

    /// Whether it says anything of latencies.
    fn measures_latency(&self) -> bool {
        true
    }

    /// Whether requests start by the clock alone, as many at once as it takes.
    fn is_open(&self) -> bool {
        false
    }

    /// How to call it for this load against `http://127.0.0.1:port`; `None` if it can't do that.
    ///
    /// It is run in a directory of its own: whatever it writes beside its output it writes there.
    fn call(&self, load: &Load, port: u16) -> Option<Call>;

    /// The latencies it reported, in milliseconds, from its output and its directory.
    ///
    /// # Errors
    /// Text that says what is missing.
    fn reported(&self, stdout: &str, directory: &Path) -> Result<Percentiles, String>;
}

/// Everybody, doorbuster first.
pub(crate) fn field() -> Vec<Box<dyn Generator>> {
    vec![
        Box::new(Calibrator::JOURNEY),
        Box::new(doorbuster::Doorbuster::JOURNEY),
        Box::new(doorbuster::Doorbuster::STEP),
        Box::new(ab::Ab),
        Box::new(wrk::Wrk),
        Box::new(oha::Oha::DEFAULT),
        Box::new(oha::Oha::CORRECTED),
        Box::new(h2load::H2load),
        Box::new(hey::Hey),
        Box::new(vegeta::Vegeta),
        Box::new(autocannon::Autocannon),
        Box::new(goose::Goose),
        Box::new(k6::K6),
        Box::new(locust::Locust::FAST),
        Box::new(locust::Locust::REQUESTS),
        Box::new(artillery::Artillery),
    ]
}

/// The path that is asked for: a server that answers everything alike does not mind.
const PATH: &str = "/products";

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}{PATH}")
}

/// A number at a JSON pointer, times `scale`.
fn number_at(json: &serde_json::Value, pointer: &str, scale: f64) -> Option<f64> {
    json.pointer(pointer)?.as_f64().map(|number| number * scale)
}

fn json(text: &str) -> Result<serde_json::Value, String> {
    serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))
}

fn read(directory: &Path, name: &str) -> Result<String, String> {
    std::fs::read_to_string(directory.join(name)).map_err(|error| format!("{name}: {error}"))
}

/// At least p50 has to be there: otherwise it was read wrongly.
fn some(percentiles: Percentiles) -> Result<Percentiles, String> {
    if percentiles.p50_ms.is_some() { Ok(percentiles) } else { Err("no percentiles in its output".to_owned()) }
}

/// p50, p90, p95 and p99 in whole microseconds: what parsers are held to.
#[cfg(test)]
fn whole_microseconds(said: Percentiles) -> [Option<u64>; 4] {
    [said.p50_ms, said.p90_ms, said.p95_ms, said.p99_ms].map(|ms| ms.map(|ms| (ms * 1000.0).round() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_nobody_has_an_argument_for_what_it_cannot_do() {
        let field = field();
        let names: std::collections::BTreeSet<&str> = field.iter().map(|generator| generator.name()).collect();
        assert_eq!(names.len(), field.len());
        let open = Load { shape: Shape::Open { per_second: 70 }, seconds: 5, in_flight: 50 };
        for name in ["ab", "wrk"] {
            let closed_only = field.iter().find(|generator| generator.name() == name).expect("it is there");
            assert_eq!(closed_only.call(&open, 1), None, "{name}");
        }
    }

    #[test]
    fn every_call_goes_to_the_servers_port() {
        for generator in field() {
            for shape in [Shape::Closed { connections: 50 }, Shape::Open { per_second: 2000 }] {
                let Some(call) = generator.call(&Load { shape, seconds: 5, in_flight: 50 }, 43210) else { continue };
                let said = format!("{call:?}");
                assert!(said.contains("43210"), "{}: {said}", generator.name());
            }
        }
    }
}
