//! One run, from preflight to verdict.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use parts::{Cache, Exit};
use scenario::{Clock, Evidence, Prediction, RestoreRecord, Verdict};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::backing::BackingParts;
use crate::cast::{Cast, console_url};
use crate::control::Control;
use crate::epilogue::{Epilogue, keep_monitors};
use crate::load_client::http_client;
use crate::performance::Performance;
use crate::processes::StageProcesses;
use crate::run_folder::{Ended, Monitored, RunFolder, RunRecord};
use crate::stage_folder::StageFolder;
use crate::story::Account;
use crate::{Event, Observer, Options, StageError, preflight, recovery, services};

/// How far ahead minute 0 is set when the services start: on an idle machine they are ready in less than half of it.
const LEAD: Duration = Duration::from_millis(2000);
/// Services that are slower get twice the lead, so often.
const LEAD_ATTEMPTS: u32 = 5;

/// How a run went.
#[derive(Debug)]
pub struct Outcome {
    /// The verdict; none where the run was cut short.
    pub verdict: Option<Verdict>,
    /// Why it ended.
    pub ended: Ended,
    /// What was put back.
    pub restored: Vec<RestoreRecord>,
    /// Its folder; none where it was cut short before there was anything to keep.
    pub folder: Option<RunFolder>,
    /// What stands in its `run.json`.
    pub record: Option<RunRecord>,
}

/// Stages `options.scenario` and judges it.
///
/// Cancelling `interrupt` puts everything back, stops all processes and returns what there is. Dropping the future kills the processes
/// and leaves the faults to the journal; the next run, or [`crate::rollback`], undoes them.
///
/// # Errors
/// [`StageError::Preflight`] with everything that is missing, before anything was started; others where a part broke.
pub async fn run(
    options: Options,
    observer: Arc<dyn Observer>,
    interrupt: CancellationToken,
) -> Result<Outcome, StageError> {
    let begun = Instant::now();
    let lacks = preflight(&options);
    let take = || StageFolder::take(&Cache::locate()?, options.port_offset, options.database_url.as_deref());
    if !lacks.is_empty() {
        // Ports that another run of this stage has taken are that run's affair: one line says it better than twelve.
        return Err(take().err().filter(StageError::is_busy).unwrap_or(StageError::Preflight(lacks)));
    }
    let cache = Cache::locate()?;
    let stage = take()?;
    recovery::before_a_run(&options, &cache, &stage, observer.as_ref()).await?;

    let folder = RunFolder::create(&options.runs_dir, &options.scenario.name, jiff::Timestamp::now())?;
    folder.write_scenario(&options.scenario, &options.scenario_text)?;
    keep_monitors(&folder, options.monitors.as_deref(), options.scenario.world)?;
    let set = tokio::select! {
        set = Set::build(&options, &cache, &stage, &folder, observer.as_ref(), begun) => set?,
        () = interrupt.cancelled() => {
            // Nothing was broken yet: dropping what was started ends it.
            return Ok(Outcome { verdict: None, ended: Ended::Interrupted, restored: Vec::new(), folder: None, record: None });
        }
    };
    perform(&options, set, &stage, folder, observer, interrupt).await
}

/// Everything that runs.
struct Set {
    clock: Clock,
    client: reqwest::Client,
    backing: BackingParts,
    console: Cast,
    services: Arc<Cast>,
    ready_seconds: f64,
    begun: Instant,
}

impl Set {
    async fn build(
        options: &Options,
        cache: &Cache,
        stage: &StageFolder,
        folder: &RunFolder,
        observer: &dyn Observer,
        begun: Instant,
    ) -> Result<Self, StageError> {
        let client = http_client();
        let stores = async {
            if !options.scenario.world.has_stores() {
                return Ok(BackingParts::default());
            }
            let starting = BackingParts::start(options, cache, stage.path(), observer);
            step(observer, "PostgreSQL and Redis", starting).await
        };
        let (backing, console) = tokio::try_join!(
            stores,
            step(observer, "console", Cast::console(options, stage.path(), folder.path(), &client)),
        )?;
        let scenario_file = folder.path().join("scenario.yaml");
        let scenario_file = scenario_file.canonicalize().map_err(|source| StageError::file(&scenario_file, source))?;
        let (clock, services) = step(observer, &crew(options), async {
            let mut lead = LEAD;
            let mut attempt = 1;
            loop {
                let start_unix = unix_now() + lead.as_secs_f64();
                let clock = Clock { start_unix: (start_unix * 1000.0).round() / 1000.0, speed: options.speed };
                let services = Cast::services(options, backing.urls.as_ref(), clock, stage.path(), &scenario_file)?;
                match services.ready(options.port_offset, &client, Instant::now() + lead).await {
                    Ok(()) => return Ok((clock, Arc::new(services))),
                    Err(error) if attempt == LEAD_ATTEMPTS || !services.broken().is_empty() => return Err(error),
                    Err(_) => services.stop().await,
                }
                attempt += 1;
                lead *= 2;
            }
        })
        .await?;
        let ready_seconds = begun.elapsed().as_secs_f64();
        observer.hear(&Event::Ready { console_url: console_url(options), took: begun.elapsed() });
        Ok(Self { clock, client, backing, console, services, ready_seconds, begun })
    }

    /// What faults act on.
    fn target(&self, options: &Options) -> faults::Target {
        let processes = StageProcesses {
            services: Arc::clone(&self.services),
            redis: self.backing.redis(),
            client: self.client.clone(),
            port_offset: options.port_offset,
            world: options.scenario.world,
        };
        let urls = self.backing.urls.as_ref();
        let target = recovery::target(options.port_offset, urls.map_or("", |urls| &urls.database_url));
        let target = match urls {
            Some(urls) => target.redis(&urls.redis_url),
            None => target,
        };
        target.processes(Arc::new(processes))
    }

    /// Processes that have ended, though nobody asked them to.
    fn broken(&self) -> Vec<Exit> {
        [self.services.broken(), self.console.broken(), self.backing.broken()].concat()
    }

    /// Ends what is left once the services have ended.
    async fn stop(self) {
        self.console.stop().await;
        self.backing.stop().await;
    }
}

/// Who is waited for, in words.
fn crew(options: &Options) -> String {
    match services::of(options.scenario.world) {
        all @ [_, _, _, ..] => format!("{} services", all.len()),
        few => few.iter().map(|service| service.name).collect::<Vec<_>>().join(" and "),
    }
}

async fn perform(
    options: &Options,
    set: Set,
    stage: &StageFolder,
    folder: RunFolder,
    observer: Arc<dyn Observer>,
    interrupt: CancellationToken,
) -> Result<Outcome, StageError> {
    let prediction = crate::judge_again::prediction(&options.scenario, options.seed, options.speed);
    let injector = Arc::new(faults::Injector::open(&stage.journal(), set.target(options))?);
    // A run does not depend on orders by hand: a path too long for a socket is no reason to give up.
    let mut control = Control::listen(stage.path(), Arc::clone(&injector), set.clock, Arc::clone(&observer))
        .map_err(|error| observer.hear(&Event::Note(format!("no faults by hand in this run: {error}"))))
        .ok();
    let mut performance = Performance::new(
        options,
        set.clock,
        &prediction,
        injector,
        set.client.clone(),
        Arc::clone(&observer),
        set.begun,
        folder.id(),
    );
    // A defect of our own must not leave the index missing either.
    let played = AssertUnwindSafe(performance.play(&|| set.broken(), &interrupt)).catch_unwind().await;
    let ended = played.unwrap_or_else(|panic| performance.note_panic(panic.as_ref()));
    let ended_minute = set.clock.minute_at(unix_now()).min(options.scenario.minutes);

    let is_left_up = options.keep_running && ended == Ended::Finished;
    if !is_left_up {
        close(&mut control).await;
    }
    performance.restore().await;
    let evidence = performance.evidence();
    let verdict =
        (ended == Ended::Finished).then(|| scenario::judge(&options.scenario, &evidence, &prediction, options.speed));
    let record =
        keep(options, &set, &folder, (ended, ended_minute), &performance, &evidence, &prediction, verdict.as_ref())?;
    performance.show_verdict(verdict.as_ref()).await;
    let client = set.client.clone();
    let epilogue =
        Epilogue { client: &client, console: console_url(options), folder: &folder, observer: observer.as_ref() };
    let kept = epilogue
        .tell(Account {
            record: &record,
            scenario: &options.scenario,
            text: &options.scenario_text,
            folder: folder.path(),
            evidence: &evidence,
            prediction: &prediction,
            verdict: verdict.as_ref(),
            alerts: performance.heard().to_vec(),
            detection: epilogue.detection().await,
        })
        .await;
    if is_left_up {
        observer.hear(&Event::Note(format!("everything is left up, see {}; Ctrl-C ends it", console_url(options))));
        interrupt.cancelled().await;
        close(&mut control).await;
        // What was put in by hand meanwhile.
        performance.restore().await;
    }
    let restored = performance.restored().to_vec();
    // They send their last telemetry before they end.
    set.services.stop().await;
    epilogue.keep_telemetry(kept).await;
    step(observer.as_ref(), "all processes stopped", async {
        set.stop().await;
        Ok(())
    })
    .await?;
    Ok(Outcome { verdict, ended, restored, folder: Some(folder), record: Some(record) })
}

/// From here on nobody puts a fault in by hand, and none that was asked for is still on its way.
async fn close(control: &mut Option<Control>) {
    if let Some(control) = control.take() {
        control.close().await;
    }
}

#[expect(clippy::too_many_arguments, reason = "the run's record draws on all of them, and has no other reader")]
fn keep(
    options: &Options,
    set: &Set,
    folder: &RunFolder,
    (ended, ended_minute): (Ended, f64),
    performance: &Performance<'_>,
    evidence: &Evidence,
    prediction: &Prediction,
    verdict: Option<&Verdict>,
) -> Result<RunRecord, StageError> {
    let started = jiff::Timestamp::from_microsecond((set.clock.start_unix * 1e6) as i64).unwrap_or_default();
    let record = RunRecord {
        id: folder.id(),
        doorbuster: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: options.scenario.name.clone(),
        speed: options.speed,
        seed: options.seed,
        calibration: options.calibration.name().to_owned(),
        start_unix: set.clock.start_unix,
        started_at: started.to_string(),
        request_digest: evidence.load.request_digest.clone(),
        first_trace_seconds: performance.first_trace_seconds(),
        ready_seconds: set.ready_seconds,
        footprint_by_phase: performance.footprint_by_phase().clone(),
        calibration_looks: performance.calibration_looks().to_vec(),
        checkouts: performance.checkouts().cloned(),
        incidents: performance.incidents().to_vec(),
        monitors: if options.monitors.is_some() { Monitored::Own } else { Monitored::Shipped },
        ended,
        ended_minute: Some(ended_minute),
    };
    folder.write_outcome(&record, evidence, prediction, verdict)?;
    Ok(record)
}

/// Tells the observer of a step's beginning and end.
async fn step<T>(
    observer: &dyn Observer,
    name: &str,
    work: impl Future<Output = Result<T, StageError>>,
) -> Result<T, StageError> {
    observer.hear(&Event::StepStarted(name.to_owned()));
    let begun = Instant::now();
    let outcome = work.await?;
    observer.hear(&Event::StepDone(name.to_owned(), begun.elapsed()));
    Ok(outcome)
}

/// Unix time in seconds.
pub(crate) fn unix_now() -> f64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64())
}
