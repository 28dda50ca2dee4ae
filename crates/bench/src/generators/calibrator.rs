//! The calibrator as one of the field: measured like everybody else.

use std::path::Path;

use super::{Call, Generator, Load, Shape};
use crate::stall_truth::Percentiles;

/// This program's own bare epoll loop.
#[derive(Debug)]
pub(crate) struct Calibrator {
    name: &'static str,
    request_bytes: Option<u16>,
}

impl Calibrator {
    /// With the shortest request that there is: the measure of all others.
    pub(crate) const BARE: Self = Self { name: "calibrator", request_bytes: None };
    /// With requests as long as those of `bench/doorbuster/journey.yaml` are on average, ids, trace context and baggage
    /// included: copying them into the kernel is part of what they cost.
    pub(crate) const JOURNEY: Self = Self { name: "calibrator (368 bytes)", request_bytes: Some(368) };
}

impl Generator for Calibrator {
    fn name(&self) -> &'static str {
        self.name
    }

    fn program(&self) -> &'static str {
        "loadbench"
    }

    fn measures_latency(&self) -> bool {
        false
    }

    fn version_arguments(&self) -> &'static str {
        ""
    }

    fn remedy(&self) -> &'static str {
        "it is a part of loadbench"
    }

    fn call(&self, load: &Load, port: u16) -> Option<Call> {
        let Shape::Closed { connections } = load.shape else { return None };
        let seconds = load.seconds;
        let bytes = self.request_bytes.map(|bytes| format!(" --request-bytes {bytes}")).unwrap_or_default();
        Some(Call::with(format!("calibrate --port {port} --connections {connections} --length {seconds}s{bytes}")))
    }

    fn reported(&self, _: &str, _: &Path) -> Result<Percentiles, String> {
        Err("it measures no latency".to_owned())
    }
}
