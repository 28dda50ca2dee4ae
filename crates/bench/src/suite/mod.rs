//! The suite: who is here, what is measured, in which order, and what is printed at the end.
//!
//! Repetitions are the outermost loop, so that everybody's first runs lie close together, and everybody's last.
mod bench_server;
mod closed;
mod measure;
mod memory;
mod open;
mod pace;
mod report;
mod stall;
mod table;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};

use self::bench_server::{Behaviour, BenchServer};
use self::measure::{Installed, Run, measure};
use self::pace::Pace;
use self::report::{Here, Report};
use crate::arguments::{Measure, RunOptions};
use crate::generators::{Calibrator, Generator, Load, Places, Search, Shape, field};
use crate::machine::{Cores, description, say, stay_on};
use crate::process::{Child, on_core};

pub(crate) use self::measure::PROGRAM_FILE;

/// Runs what is asked for and prints it.
pub(crate) fn run(options: &RunOptions) -> anyhow::Result<ExitCode> {
    let cores = match Cores::pick() {
        Ok(cores) => cores,
        Err(error) => {
            say(&format!("loadbench: {error:#}"));
            return Ok(ExitCode::from(3));
        }
    };
    stay_on(cores.suite)?;
    let kept = match &options.keep {
        Some(directory) => {
            fs::create_dir_all(directory).with_context(|| format!("make {}", directory.display()))?;
            Kept::Here(std::path::absolute(directory)?)
        }
        None => Kept::NoLonger(tempfile::tempdir().context("make a directory for what generators write")?),
    };
    let mut bench = Bench::gather(options, cores, kept.path())?;
    if bench.generators.is_empty() {
        bail!("none of the generators is here: build doorbuster, or run `make bench-peers`");
    }
    let wanted = |measure| options.only.is_empty() || options.only.contains(&measure);
    let mut report =
        Report { machine: description(), here: bench.versions(), missing: bench.missing(), ..Report::default() };
    for line in &report.missing {
        say(line);
    }
    if wanted(Measure::Closed) {
        report.closed = closed::run(&mut bench)?;
    }
    if wanted(Measure::Open) {
        report.open = open::run(&mut bench, &open::RATES)?;
    }
    if wanted(Measure::Memory) {
        report.memory = memory::run(&mut bench)?;
    }
    if wanted(Measure::Stall) {
        report.stall = stall::run(&mut bench)?;
    }
    if wanted(Measure::Demo) {
        report.demo = open::run(&mut bench, &[open::DEMO_PER_SECOND])?;
    }
    report.problems = bench.problems;
    writeln!(io::stdout(), "{}", table::text(&report))?;
    if let Some(file) = &options.json {
        let json = serde_json::to_string_pretty(&report)?;
        fs::write(file, json + "\n").with_context(|| format!("write {}", file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the runs' files are.
enum Kept {
    Here(PathBuf),
    NoLonger(tempfile::TempDir),
}

impl Kept {
    fn path(&self) -> &Path {
        match self {
            Self::Here(path) => path,
            Self::NoLonger(directory) => directory.path(),
        }
    }
}

/// What every measure needs.
struct Bench<'a> {
    cores: Cores,
    pace: Pace,
    calibrator: Installed,
    generators: Vec<Installed>,
    absent: Vec<Box<dyn Generator>>,
    directory: &'a Path,
    runs: u32,
    /// What went wrong, in the order in which it did; the suite goes on without it.
    problems: Vec<String>,
}

impl<'a> Bench<'a> {
    fn gather(options: &RunOptions, cores: Cores, directory: &'a Path) -> anyhow::Result<Self> {
        let places = Places::new(&options.peers, options.doorbuster.as_deref())?;
        let this = std::env::current_exe()?.into_os_string();
        let calibrator = Installed { generator: Box::new(Calibrator::BARE), program: this };
        let (mut generators, mut absent) = (Vec::new(), Vec::new());
        let known: Vec<&str> = field().iter().map(|generator| generator.name()).collect();
        if let Some(unknown) = options.generators.iter().find(|name| !known.contains(&name.as_str())) {
            bail!("there is no generator '{unknown}'; there are {}", known.join(", "));
        }
        for generator in field() {
            if !options.generators.is_empty() && !options.generators.iter().any(|name| name == generator.name()) {
                continue;
            }
            match places.find(generator.as_ref()) {
                Search::Found(path) => generators.push(Installed { generator, program: path.into_os_string() }),
                Search::Missing => absent.push(generator),
            }
        }
        let pace = Pace::new(options);
        Ok(Self { cores, pace, calibrator, generators, absent, directory, runs: 0, problems: Vec::new() })
    }

    /// One line for each program that is not here, and how one gets it.
    fn missing(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for generator in &self.absent {
            let line = format!("{} is not here: {}", generator.program(), generator.remedy());
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }

    fn versions(&self) -> Vec<Here> {
        let version = |installed: &Installed| Here {
            generator: installed.generator.name(),
            version: self.version(installed).unwrap_or_default(),
        };
        self.generators.iter().map(version).collect()
    }

    /// The first line of what it says of its version; nothing if it says nothing within ten seconds.
    fn version(&self, installed: &Installed) -> Option<String> {
        let arguments = installed.generator.version_arguments();
        if arguments.is_empty() {
            return None;
        }
        let file = self.directory.join("version.txt");
        let out = fs::File::create(&file).ok()?;
        let mut command: Command = on_core(self.cores.generator, &installed.program).ok()?;
        command.args(arguments.split(' ')).stdin(Stdio::null()).stdout(out.try_clone().ok()?).stderr(out);
        let mut child = Child::start(&mut command).ok()?;
        child.wait_for(Duration::from_secs(10)).ok()?;
        let said = fs::read_to_string(file).ok()?;
        let line = said.lines().map(str::trim).find(|line| line.contains(|c: char| c.is_ascii_digit()))?;
        Some(line.chars().take(60).collect())
    }

    fn server(&self, behaviour: Behaviour) -> anyhow::Result<BenchServer> {
        BenchServer::start(self.cores, behaviour)
    }

    /// Runs the `index`th generator. `None` if it can't do that load, or if it went wrong, which is noted.
    fn measure(&mut self, index: usize, load: &Load, server: &mut BenchServer) -> Option<Run> {
        self.measure_one(Some(index), load, server)
    }

    fn calibrate(&mut self, load: &Load, server: &mut BenchServer) -> anyhow::Result<Run> {
        let before = self.problems.len();
        let run = self.measure_one(None, load, server);
        run.with_context(|| self.problems.drain(before..).collect::<Vec<_>>().join("; "))
    }

    /// `None` is the calibrator.
    fn measure_one(&mut self, index: Option<usize>, load: &Load, server: &mut BenchServer) -> Option<Run> {
        let installed = index.map_or(&self.calibrator, |index| &self.generators[index]);
        let name = installed.generator.name();
        self.runs += 1;
        let directory = self.directory.join(format!("{:03}-{}", self.runs, name.replace([' ', '(', ')'], "")));
        match measure(installed, load, server, self.cores, &directory) {
            Ok(run) => {
                if let Some(run) = &run {
                    say(&format!("  {name}: {} requests in {:.1} s", run.requests, run.seconds));
                    if run.exit_code != Some(0) {
                        let code = run.exit_code.map_or("a signal".to_owned(), |code| format!("code {code}"));
                        self.problem(format!("{name} at {} ended with {code}", said(load.shape)));
                    }
                }
                run
            }
            Err(error) => {
                self.problem(format!("{name} at {}: {error:#}", said(load.shape)));
                None
            }
        }
    }

    fn problem(&mut self, line: String) {
        say(&format!("  {line}"));
        if !self.problems.contains(&line) {
            self.problems.push(line);
        }
    }
}

/// A load in words.
fn said(shape: Shape) -> String {
    match shape {
        Shape::Closed { connections } => format!("{connections} connections"),
        Shape::Open { per_second } => format!("{per_second}/s"),
    }
}
