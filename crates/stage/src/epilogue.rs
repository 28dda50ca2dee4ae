//! What is done when a run is over: its story is told while the console still knows everything, its telemetry is kept once the services
//! have sent their last of it. Nothing here can change a verdict: what fails is said, and that is all.

use std::path::Path;
use std::time::Duration;

use console::api::{Exported, Monitors};
use console::story::{EvidenceTraces, RunStory};
use scenario::World;
use tokio::time::{Instant, interval};

use crate::load_client::get_json;
use crate::run_folder::RunFolder;
use crate::story::{self, Account};
use crate::{Event, Observer, StageError};

/// Three million spans take a few seconds; a disk that is slower than this is not waited for.
const EXPORT_WITHIN: Duration = Duration::from_secs(120);
/// Between two words about how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// What it takes to end a run well.
pub(crate) struct Epilogue<'a> {
    pub(crate) client: &'a reqwest::Client,
    /// The console's base URL.
    pub(crate) console: String,
    pub(crate) folder: &'a RunFolder,
    pub(crate) observer: &'a dyn Observer,
}

/// What there is to read of a run.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    story: RunStory,
    traces: EvidenceTraces,
}

impl Epilogue<'_> {
    /// Monitors and flows as they are now; none where the console is gone.
    pub(crate) async fn detection(&self) -> Monitors {
        get_json(self.client, &format!("{}/api/monitors", self.console)).await.unwrap_or_default()
    }

    /// Tells the story, looks for traces that show it, and keeps both with the report.
    pub(crate) async fn tell(&self, account: Account<'_>) -> Kept {
        let begun = self.begin("story and evidence");
        let story = story::tell(account);
        let traces = story::gather(self.client, &self.console, &story).await;
        for lack in &traces.not_found {
            self.observer.hear(&Event::StepProgress(format!("no trace of {lack}")));
        }
        let kept = Kept { story, traces };
        let found = kept.traces.traces.len();
        self.write(&kept, begun, format!("story, report and {found} evidence traces written"));
        kept
    }

    /// Has the console write all it keeps into the run's folder, and says in the story what that was.
    pub(crate) async fn keep_telemetry(&self, mut kept: Kept) {
        let begun = self.begin("spans, logs and metrics");
        match self.export().await {
            Ok(exported) => {
                let words = in_words(&exported);
                kept.story.telemetry = Some(exported);
                self.write(&kept, begun, words);
            }
            Err(why) => self.note(format!("spans, logs and metrics were not kept: {why}")),
        }
    }

    fn begin(&self, step: &str) -> Instant {
        self.observer.hear(&Event::StepStarted(step.to_owned()));
        Instant::now()
    }

    fn note(&self, text: String) {
        self.observer.hear(&Event::Note(text));
    }

    fn write(&self, kept: &Kept, begun: Instant, done: String) {
        match self.folder.write_story(&kept.story, &kept.traces) {
            Ok(()) => self.observer.hear(&Event::StepDone(done, begun.elapsed())),
            Err(error) => self.note(format!("the story could not be written: {error}")),
        }
    }

    async fn export(&self) -> Result<Exported, String> {
        let url = format!("{}/api/export", self.console);
        let asked = self.client.post(url).timeout(EXPORT_WITHIN).json(&serde_json::json!({})).send();
        tokio::pin!(asked);
        let mut progress = interval(PROGRESS_EVERY);
        progress.tick().await;
        let answer = loop {
            tokio::select! {
                answer = &mut asked => break answer,
                _ = progress.tick() => {
                    let written = parquet_bytes(self.folder.path());
                    self.observer.hear(&Event::StepProgress(format!("{} written", mib(written))));
                }
            }
        };
        let answer = answer.map_err(|error| match error.is_timeout() {
            true => format!("the console was not done within {} s", EXPORT_WITHIN.as_secs()),
            false => error.to_string(),
        })?;
        if !answer.status().is_success() {
            return Err(refusal(answer).await);
        }
        answer.json().await.map_err(|error| error.to_string())
    }
}

/// What the console said instead.
async fn refusal(answer: reqwest::Response) -> String {
    #[derive(serde::Deserialize)]
    struct Refusal {
        error: Said,
    }
    #[derive(serde::Deserialize)]
    struct Said {
        message: String,
    }
    let status = answer.status();
    answer.json::<Refusal>().await.map_or_else(|_| status.to_string(), |refusal| refusal.error.message)
}

fn in_words(exported: &Exported) -> String {
    format!(
        "{} spans, {} log records, {} points of metrics kept, {}",
        exported.spans,
        exported.logs,
        exported.metric_points,
        mib(exported.bytes)
    )
}

fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

/// What the export has written so far.
fn parquet_bytes(folder: &Path) -> u64 {
    let files = console::story::files(folder);
    files.iter().filter(|file| file.name.contains(".parquet")).map(|file| file.bytes).sum()
}

/// Keeps the text of the monitors that watch in the run's folder.
pub(crate) fn keep_monitors(folder: &RunFolder, own: Option<&Path>, world: World) -> Result<(), StageError> {
    match own {
        None => folder.write_monitors(match world {
            World::Shop => console::SHOP_MONITORS,
            World::Inbox => console::INBOX_MONITORS,
        }),
        Some(path) => {
            folder.write_monitors(&std::fs::read_to_string(path).map_err(|source| StageError::file(path, source))?)
        }
    }
}
