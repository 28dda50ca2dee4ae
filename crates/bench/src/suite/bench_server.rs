//! The server of one case, as a child on its core, and the questions it is asked.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdin, ChildStdout, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::de::DeserializeOwned;

use crate::machine::Cores;
use crate::process::{Child, on_core};
use crate::server::{Arrivals, Stall, Stats, Word};

/// How the server of a case behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behaviour {
    /// It never sleeps. Waking a sleeping core costs whoever sends, and the more often the slower it is itself: a generator's
    /// own cost would not be told apart from that.
    Awake,
    /// It remembers when the first so many requests came.
    Records(u32),
    Stalls {
        stall: Duration,
        every: Duration,
    },
    Holds(Duration),
}

/// A running server. It ends when this is dropped.
pub(super) struct BenchServer {
    _child: Child,
    words: ChildStdin,
    lines: BufReader<ChildStdout>,
    pub(super) port: u16,
}

impl BenchServer {
    pub(super) fn start(cores: Cores, behaviour: Behaviour) -> anyhow::Result<Self> {
        let this = std::env::current_exe().context("find this program's own file")?;
        let mut command = on_core(cores.server, this.as_os_str())?;
        command.args(["server", "--control"]);
        let ms = |duration: Duration| format!("{}ms", duration.as_millis());
        match behaviour {
            Behaviour::Awake => drop(command.arg("--awake")),
            Behaviour::Records(most) => drop(command.args(["--record", &most.to_string()])),
            Behaviour::Stalls { stall, every } => drop(command.args(["--stall", &ms(stall), "--every", &ms(every)])),
            Behaviour::Holds(hold) => drop(command.args(["--hold", &ms(hold)])),
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = Child::start(&mut command).context("start the server")?;
        let words = child.process().stdin.take().expect("it was asked for");
        let mut lines = BufReader::new(child.process().stdout.take().expect("it was asked for"));
        let mut url = String::new();
        lines.read_line(&mut url).context("hear where the server listens")?;
        let Some(port) = url.trim().rsplit_once(':').and_then(|(_, port)| port.parse().ok()) else {
            bail!("the server said '{}' instead of where it listens", url.trim());
        };
        Ok(Self { _child: child, words, lines, port })
    }

    pub(super) fn stats(&mut self) -> anyhow::Result<Stats> {
        self.ask(Word::Stats)
    }

    pub(super) fn stalls(&mut self) -> anyhow::Result<Vec<Stall>> {
        self.ask(Word::Stalls)
    }

    pub(super) fn arrivals(&mut self) -> anyhow::Result<Arrivals> {
        self.ask(Word::Arrivals)
    }

    fn ask<T: DeserializeOwned>(&mut self, word: Word) -> anyhow::Result<T> {
        let mut line = String::new();
        writeln!(self.words, "{}", word.as_str()).context("ask the server")?;
        self.lines.read_line(&mut line).context("hear the server")?;
        serde_json::from_str(&line).with_context(|| format!("understand the server's {}", word.as_str()))
    }
}
