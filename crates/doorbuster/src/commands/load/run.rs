//! `doorbuster load FILE`: a run, watched, and its report.

use std::path::Path;
use std::time::Duration;

use indexmap::IndexMap;
use load::{LoadTestOptions, LoadTestRun};
use scenario::{LoadTest, LoadTestReport};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::outputs::Files;
use crate::arguments::LoadRun;
use crate::commands::{generator_telemetry, runtime};
use crate::exit::{self, Exit, UsageError};
use crate::output;
use crate::output::load::{Judged, Origin, Watcher};

/// How often the watcher is shown where the test is.
const LOOK: Duration = Duration::from_secs(1);
/// How long outstanding answers are waited for after Ctrl-C.
const PATIENCE: Duration = Duration::from_secs(5);
pub(super) fn run(arguments: &LoadRun) -> anyhow::Result<Exit> {
    let file = arguments.file.as_deref().expect("clap asks for it where there is no subcommand");
    let test = adapted(super::load(file)?, file, arguments.duration)?;
    let options = options(&test, arguments)?;
    let files = Files::open(&arguments.outputs, [file])?;
    let telemetry = generator_telemetry(arguments.otlp_endpoint.as_deref())?;
    let thresholds = test.thresholds.clone();
    let (report, interrupted) = runtime()?.block_on(play(test, &options, arguments.no_tui))?;
    if let Some(telemetry) = telemetry {
        telemetry.shutdown();
    }
    let judged = Judged::new(report, thresholds, Origin::Run);
    files.write(&judged)?;
    Ok(if interrupted { Exit::Interrupted } else { exit::of_verdict(judged.outcome) })
}

/// The test as the command line changes it. Certificates are beside the file that names them.
fn adapted(mut test: LoadTest, file: &Path, duration: Option<Duration>) -> Result<LoadTest, UsageError> {
    if let Some(duration) = duration {
        super::duration::change(&mut test, duration)?;
    }
    let folder = file.parent().unwrap_or(Path::new(""));
    for target in test.targets.values_mut() {
        target.ca_file = target.ca_file.take().map(|file| folder.join(file).to_string_lossy().into_owned());
    }
    Ok(test)
}

fn options(test: &LoadTest, arguments: &LoadRun) -> Result<LoadTestOptions, UsageError> {
    let mut targets = IndexMap::new();
    for given in &arguments.target {
        let name = match (&given.name, test.targets.len()) {
            (Some(name), _) => name.clone(),
            (None, 1) => test.targets.keys().next().cloned().unwrap_or_default(),
            (None, _) => {
                let names: Vec<&str> = test.targets.keys().map(String::as_str).collect();
                return Err(UsageError(format!(
                    "the file has several targets: say which with --target NAME={}, NAME being one of {}",
                    given.url,
                    names.join(", ")
                )));
            }
        };
        if targets.insert(name.clone(), given.url.clone()).is_some() {
            return Err(UsageError(format!("--target is given twice for {name}: keep one")));
        }
    }
    Ok(LoadTestOptions {
        targets,
        allow_targets: arguments.allow_target.clone(),
        worker: arguments.worker.unwrap_or(0),
        workers: arguments.workers.unwrap_or(1),
        threads: arguments.threads.into(),
        seed: arguments.seed,
        max_rate_per_second: arguments.max_rate,
        max_duration: arguments.max_duration,
        closed: arguments.closed.map(|visitors| visitors as usize),
        start_at: arguments.start_at,
        ..LoadTestOptions::default()
    })
}

/// What was measured, and whether somebody interrupted it.
async fn play(test: LoadTest, options: &LoadTestOptions, plain: bool) -> anyhow::Result<(LoadTestReport, bool)> {
    let mut interrupts = Interrupts::new()?;
    let title = format!("{} · seed {}", test.title, options.seed);
    let run = load::start_load_test(test, options).await.map_err(|error| {
        // Its text says all that its causes would say again.
        if error.is_usage() { UsageError(error.to_string()).into() } else { anyhow::anyhow!("{error}") }
    })?;
    let mut watcher = output::load::watcher(plain, &title, options.workers);
    let interrupted = watch(&run, watcher.as_mut(), &mut interrupts).await;
    // The live view must be gone before anything else is printed.
    drop(watcher);
    Ok((run.report(), interrupted))
}

/// Until nothing is outstanding. The first interrupt ends arrivals, the second, or [`PATIENCE`], the wait for answers.
async fn watch(run: &LoadTestRun, watcher: &mut dyn Watcher, interrupts: &mut Interrupts) -> bool {
    let mut given_up_at: Option<Instant> = None;
    let mut is_given_up = false;
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let patience_ends = sleep_until(given_up_at.unwrap_or_else(Instant::now));
        tokio::select! {
            () = run.ended() => break,
            _ = looks.tick() => watcher.show(&run.progress()),
            () = interrupts.next() => match given_up_at {
                None => {
                    run.stop();
                    given_up_at = Some(Instant::now() + PATIENCE);
                }
                Some(_) => given_up_at = Some(Instant::now()),
            },
            () = patience_ends, if given_up_at.is_some() && !is_given_up => {
                run.abandon();
                is_given_up = true;
            }
        }
    }
    watcher.show(&run.progress());
    given_up_at.is_some()
}

/// Ctrl-C, SIGTERM and SIGHUP, each time.
struct Interrupts([Signal; 3]);

impl Interrupts {
    fn new() -> std::io::Result<Self> {
        Ok(Self([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?]))
    }

    async fn next(&mut self) {
        let [int, term, hang_up] = &mut self.0;
        tokio::select! {
            _ = int.recv() => {}
            _ = term.recv() => {}
            _ = hang_up.recv() => {}
        }
    }
}
