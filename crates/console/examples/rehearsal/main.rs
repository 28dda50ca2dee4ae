//! A rehearsal: a console with made-up telemetry and a made-up play, for looking at pages.
//!
//! `cargo run -p console --example rehearsal -- [MINUTE] [SPEED] [PORT]` shows black-friday as if it had reached
//! MINUTE (22.4), at SPEED (10), and goes on from there. Everything goes in through OTLP and the API, as in a real run:
//! `journeys` makes spans, `logs` and `metrics` what goes with them, `story` the play, all along one `course`.

mod course;
mod journeys;
mod logs;
mod metrics;
mod otlp;
mod spans;
mod story;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio_util::sync::CancellationToken;

use crate::course::{Course, MINUTES};
use crate::metrics::Meters;
use crate::otlp::Sender;
use crate::spans::Batch;

type Failed = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let minute: f64 = arguments.next().map_or(Ok(22.4), |text| text.parse())?;
    let speed: f64 = arguments.next().map_or(Ok(10.0), |text| text.parse())?;
    let port: u16 = arguments.next().map_or(Ok(8080), |text| text.parse())?;
    let shutdown = CancellationToken::new();
    let options = console::ConsoleOptions {
        http_port: port,
        otlp_grpc_port: port + 1,
        otlp_http_port: port + 2,
        time_scale: speed,
        ..Default::default()
    };
    let console = tokio::spawn(console::serve(options, shutdown.clone()));
    let course = Course { start: now() - minute * 60.0 / speed, speed };
    let mut rehearsal = Rehearsal { sender: Sender::new(port, port + 2), meters: Meters::new(course.start), course };
    tokio::select! {
        ended = console => ended??,
        played = rehearsal.play() => played?,
        _ = tokio::signal::ctrl_c() => shutdown.cancel(),
    }
    Ok(())
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

struct Rehearsal {
    sender: Sender,
    course: Course,
    meters: Meters,
}

impl Rehearsal {
    async fn play(&mut self) -> Result<(), Failed> {
        // The past first, as if it had happened. Alerts of the past cannot be made up: monitors look at now.
        tokio::time::sleep(Duration::from_millis(300)).await;
        // Making it up takes a while, which is past too when it is done.
        let mut at = self.course.start;
        while at < now() {
            self.second(at).await?;
            at += 1.0;
        }
        let mut ticks = tokio::time::interval(Duration::from_secs(1));
        loop {
            ticks.tick().await;
            let at = now();
            let minute = self.course.minute(at);
            self.sender.tell(&story::story(&self.course, minute)).await?;
            if minute < MINUTES {
                self.second(at).await?;
            }
        }
    }

    /// What happened in the second before `at`.
    async fn second(&mut self, at: f64) -> Result<(), Failed> {
        let mut batch = Batch::default();
        let demo = self.course.demo(at);
        for n in 0..(demo.rate / 60.0) as u64 {
            batch.take(journeys::demo(&demo, at, n));
        }
        for n in 0..2 {
            batch.take(journeys::baseline(at, n));
        }
        self.meters.count(&demo, &batch);
        self.sender.logs(logs::records(&batch)).await?;
        self.sender.metrics(self.meters.export(&demo, at)).await?;
        self.sender.traces(batch.into_request()).await
    }
}
