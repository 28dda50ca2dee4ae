//! `h2load` of nghttp2, with HTTP/1.1: closed; a rate is kept by each connection for itself. It says no percentiles.

use std::path::Path;

use super::{Call, Generator, Load, Shape, url};
use crate::stall_truth::Percentiles;

#[derive(Debug)]
pub(super) struct H2load;

/// Connections that share a rate: as many as of the closed runs.
const CONNECTIONS: u32 = 50;

impl Generator for H2load {
    fn name(&self) -> &'static str {
        "h2load"
    }

    fn remedy(&self) -> &'static str {
        "Debian: nghttp2-client"
    }

    fn call(&self, load: &Load, port: u16) -> Option<Call> {
        let (connections, rate) = match load.shape {
            Shape::Closed { connections } => (connections, String::new()),
            Shape::Open { per_second } => {
                (CONNECTIONS, format!("--rps {} ", f64::from(per_second) / f64::from(CONNECTIONS)))
            }
        };
        Some(Call::with(format!("--h1 -t1 -c{connections} -m1 {rate}-D {} {}", load.seconds, url(port))))
    }

    fn reported(&self, _: &str, _: &Path) -> Result<Percentiles, String> {
        // Only least, mean and greatest.
        Ok(Percentiles::default())
    }
}
