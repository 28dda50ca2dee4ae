//! `doorbuster traffic`: mails for the e-mail classifier, tagged by what is done to them.
//!
//! The open-model engine sends them ([`plan`] says what); a wait inside the service is a fault of the service's own
//! ([`upstream`]). Everything is checked before anything is sent.
mod plan;
mod play;
mod samples;
mod upstream;

use load::LoadTestOptions;

use self::plan::SlowShares;
use self::play::{Played, play};
use self::upstream::Upstream;
use crate::arguments::{Traffic, TrafficMode};
use crate::commands::{generator_telemetry, interrupted, runtime};
use crate::exit::{Exit, Missing, UsageError};
use crate::output;
use crate::output::traffic::{Facts, Summary};

pub(crate) fn run(arguments: &Traffic) -> anyhow::Result<Exit> {
    let modes = plan::modes(&arguments.mode)?;
    let mails = samples::mails(arguments.samples.as_deref())?;
    let telemetry = generator_telemetry(arguments.otlp_endpoint.as_deref())?;
    let summary = runtime()?.block_on(send(arguments, &modes, mails));
    if let Some(telemetry) = telemetry {
        telemetry.shutdown();
    }
    let summary = summary?;
    if arguments.json {
        output::json(&summary)?;
    } else {
        output::result(&output::traffic::render(&summary))?;
    }
    Ok(summary.exit())
}

/// Sends it all, and takes out of the service whatever was put into it, however that ended.
async fn send(arguments: &Traffic, modes: &[TrafficMode], mails: Vec<String>) -> anyhow::Result<Summary> {
    let interrupted = interrupted()?;
    let test = plan::test(arguments, modes, mails);
    let options = plan::options(arguments, modes);
    load::check_load_test(&test, &options).await.map_err(refused)?;
    reachable(&arguments.url).await?;

    let mut notes = Vec::new();
    let (upstream, shares) = if modes.contains(&TrafficMode::LatencyInjection) {
        slow(arguments, &mut notes).await
    } else {
        (None, SlowShares::default())
    };
    let options = LoadTestOptions { tampering: plan::tampering(modes, shares), ..options };
    let played = play(test, options, modes, arguments, &interrupted).await;
    let waited = match upstream {
        Some(upstream) => Some(upstream.take_out(&mut notes).await),
        None => None,
    };
    let Played { report, changed, unread } = played?;
    if unread > 0 {
        notes.push(format!("{unread} requests have no line: there were more than could be written"));
    }
    let facts = Facts {
        url: format!("{}{}", arguments.url.trim_end_matches('/'), plan::PATH),
        rate: arguments.rate,
        modes: modes.to_vec(),
        interrupted: interrupted.is_cancelled(),
        waited,
        notes,
    };
    Ok(Summary::new(facts, &report, changed))
}

/// Decides where requests are slow, and puts the wait into the service where it takes one.
async fn slow(arguments: &Traffic, notes: &mut Vec<String>) -> (Option<Upstream>, SlowShares) {
    let shares = SlowShares::of(arguments.slow);
    if shares.upstream == 0.0 {
        return (None, shares);
    }
    match Upstream::put_in(&arguments.url, shares.upstream, arguments.duration).await {
        Ok(upstream) => (Some(upstream), shares),
        Err(reason) => {
            let note = format!(
                "no wait inside the service: {reason}; so all slow requests of latency_injection upload their bodies slowly"
            );
            output::note(&note);
            notes.push(note);
            (None, SlowShares::upload_only())
        }
    }
}

/// What keeps a test from beginning, as an error of the command line.
fn refused(error: load::LoadTestError) -> anyhow::Error {
    // Its text says all that its causes would say again, and names a target that the user does not know.
    match error {
        load::LoadTestError::Target { source: source @ load::TargetError::Resolve { .. }, .. } => {
            Missing(format!("--url: {source}")).into()
        }
        load::LoadTestError::Target { source, .. } => UsageError(format!("--url: {source}")).into(),
        error if error.is_usage() => UsageError(error.to_string()).into(),
        error => anyhow::anyhow!("{error}"),
    }
}

/// Whether anybody listens there: nobody should wait for the end of a run to hear that.
async fn reachable(url: &str) -> anyhow::Result<()> {
    let parsed = reqwest::Url::parse(url).map_err(|error| UsageError(format!("--url {url}: {error}")))?;
    let (host, port) = (parsed.host_str().unwrap_or_default(), parsed.port_or_known_default().unwrap_or(80));
    let address = (host.trim_matches(['[', ']']).to_owned(), port);
    let connecting = tokio::time::timeout(upstream::ANSWER_WITHIN, tokio::net::TcpStream::connect(address)).await;
    let reason = match connecting {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no connection within {} s", upstream::ANSWER_WITHIN.as_secs()),
    };
    Err(Missing(away(url, &reason)).into())
}

/// What to do about a service that is not there.
pub(crate) fn away(url: &str, reason: &str) -> String {
    let url = url.trim_end_matches('/');
    format!(
        "nothing answers at {url} ({reason}): is it running? `doorbuster serve inbox` starts it, GET {url}/health/live asks it"
    )
}
