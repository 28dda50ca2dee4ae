//! A column of moments in microseconds, UTC.

use arrow_array::builder::TimestampMicrosecondBuilder;

/// Builds a column of moments.
#[derive(Debug)]
pub(crate) struct MomentBuilder(pub(crate) TimestampMicrosecondBuilder);

impl Default for MomentBuilder {
    fn default() -> Self {
        Self(TimestampMicrosecondBuilder::new().with_timezone("UTC"))
    }
}

impl MomentBuilder {
    /// Appends Unix nanoseconds, rounded down to a microsecond.
    pub(crate) fn append_ns(&mut self, ns: u64) {
        self.0.append_value((ns / 1000).cast_signed());
    }
}
