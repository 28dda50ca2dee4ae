//! The tracer and meter of this process.
//!
//! Held as concrete SDK types instead of through `opentelemetry::global`: its boxed tracer costs an allocation and a
//! virtual call per span.

use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use std::sync::OnceLock;

/// Instrumentation scope of everything this crate records.
pub(crate) const SCOPE: &str = "doorbuster";

static TRACER: OnceLock<SdkTracer> = OnceLock::new();
static METER: OnceLock<Meter> = OnceLock::new();

/// The process's tracer, or `None` before set-up and with the SDK disabled.
pub(crate) fn tracer() -> Option<&'static SdkTracer> {
    TRACER.get()
}

/// The process's meter, or `None` before set-up and with the SDK disabled.
pub(crate) fn meter() -> Option<&'static Meter> {
    METER.get()
}

/// Makes `traces` the source of this process's spans; `false` if there was one already.
pub(crate) fn install_tracer(traces: &SdkTracerProvider) -> bool {
    TRACER.set(traces.tracer(SCOPE)).is_ok()
}

/// Makes `metrics` the source of this process's instruments; `false` if there was one already.
pub(crate) fn install_meter(metrics: &SdkMeterProvider) -> bool {
    METER.set(metrics.meter(SCOPE)).is_ok()
}
