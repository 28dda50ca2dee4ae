//! The command line of `consolebench`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Benchmark of the console: what a span costs it, what it keeps in how much memory, how fast it answers.
///
/// Without a command: all of it.
#[derive(Debug, Parser)]
#[command(name = "consolebench", args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// A server that reads what it gets and keeps nothing, until it is killed
    Sink(SinkOptions),
}

#[derive(Debug, Args)]
pub(crate) struct SinkOptions {
    /// Port on 127.0.0.1
    #[arg(long)]
    pub(crate) port: u16,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct RunOptions {
    /// Spans that queries are asked over; memory is looked at once more at half as many again [default: 2000000]
    #[arg(long, value_parser = clap::value_parser!(u64).range(10_000..=50_000_000))]
    pub(crate) spans: Option<u64>,
    /// Spans of each run of each protocol [default: 1000000]
    #[arg(long, value_parser = clap::value_parser!(u64).range(10_000..=50_000_000))]
    pub(crate) throughput_spans: Option<u64>,
    /// Spans of a batch, at most
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=8192))]
    pub(crate) batch: u32,
    /// Connections that batches are sent over
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) connections: u32,
    /// Runs of each protocol; the table has their median [default: 3]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub(crate) repetitions: Option<u32>,
    /// How often each question is asked [default: 30]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) questions: Option<u32>,
    /// The console's memory budget, in MiB
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u32).range(16..=65_536))]
    pub(crate) memory: u32,
    /// Seed of the made-up traffic
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// 100,000 spans, once: whether it works, not what it is
    #[arg(long)]
    pub(crate) quick: bool,
    /// Only what a span costs, or only memory and questions
    #[arg(long, value_enum)]
    pub(crate) only: Option<Only>,
    /// Also write all figures here
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// The doorbuster to measure [default: beside this program]
    #[arg(long, value_name = "FILE")]
    pub(crate) doorbuster: Option<PathBuf>,
}

/// A part of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Only {
    /// What a span costs over each protocol
    Throughput,
    /// Memory, time until visible, questions
    Questions,
}

impl RunOptions {
    fn or(&self, given: Option<u64>, whole: u64, quick: u64) -> u64 {
        given.unwrap_or(if self.quick { quick } else { whole })
    }

    pub(crate) fn spans(&self) -> u64 {
        self.or(self.spans, 2_000_000, 100_000)
    }

    pub(crate) fn throughput_spans(&self) -> u64 {
        self.or(self.throughput_spans, 1_000_000, 50_000)
    }

    pub(crate) fn repetitions(&self) -> u64 {
        self.or(self.repetitions.map(u64::from), 3, 1)
    }

    pub(crate) fn questions(&self) -> u64 {
        self.or(self.questions.map(u64::from), 30, 5)
    }

    pub(crate) fn does(&self, part: Only) -> bool {
        self.only.is_none_or(|only| only == part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }
}
