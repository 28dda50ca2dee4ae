//! What is asked of a console that has millions of spans: how much memory it has then, and how soon it answers.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use serde_json::Value;

use super::arguments::RunOptions;
use super::batches::{Batches, RARE_VALUE};
use super::http::Connection;
use super::report::{Kind, MemoryRow, QuestionRow, VisibleRow};
use super::run::{now_ns, traffic};
use super::send::{Protocol, send};
use super::subject::Subject;
use super::visible;
use crate::machine::say;
use crate::spread::Spread;

/// Marked traces while nothing else is sent.
const VISIBLE_IDLE: u64 = 10;
/// How long between marked traces under load.
const BETWEEN: Duration = Duration::from_millis(100);
/// Other traffic than that of `throughput`.
const FIRST: u64 = 101;
const MORE: u64 = 102;

type Answers = (Vec<MemoryRow>, Vec<VisibleRow>, Vec<QuestionRow>);

pub(super) fn run(options: &RunOptions, program: &Path) -> anyhow::Result<Answers> {
    let connections = usize::try_from(options.connections).unwrap_or(usize::MAX);
    let mut console = Subject::console(program, options.memory)?;
    let batches = traffic(options, options.spans(), FIRST);
    let numbers = batches.numbers_of(options.spans());
    let sent = send(Protocol::Http, console.ports, connections, &batches, 0..numbers)?;
    console.wait_until_stored(sent.spans)?;
    let mut memory = vec![memory_now(&mut console)?];

    let idle = (0..VISIBLE_IDLE).map(|number| visible::once(&console, number)).collect::<anyhow::Result<Vec<_>>>()?;
    let questions = ask_all(options, &console, &batches, numbers)?;

    // Half as many again, as fast as it goes, and marked traces among them.
    let more = traffic(options, options.spans() / 2, MORE);
    let more_numbers = more.numbers_of(options.spans() / 2);
    let (ports, mut under_load) = (console.ports, Vec::new());
    let sent_more = thread::scope(|scope| {
        let sender = scope.spawn(|| send(Protocol::Http, ports, connections, &more, 0..more_numbers));
        while !sender.is_finished() {
            under_load.push(visible::once(&console, 1000 + under_load.len() as u64)?);
            thread::sleep(BETWEEN);
        }
        sender.join().map_err(|_| anyhow!("the sender panicked"))?
    })?;
    console.wait_until_stored(sent.spans + sent_more.spans)?;
    memory.push(memory_now(&mut console)?);
    let visible = [("idle", idle), ("under load", under_load)]
        .into_iter()
        .filter_map(|(when, ms)| Some(VisibleRow { when, traces: ms.len(), ms: Spread::of(ms)? }))
        .collect();
    Ok((memory, visible, questions))
}

fn memory_now(console: &mut Subject) -> anyhow::Result<MemoryRow> {
    let health = console.health()?;
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    Ok(MemoryRow {
        spans: health.spans_received,
        kept_at_hand: health.store.spans_kept,
        evicted: health.store.spans_evicted,
        store_mib: mib(health.store.bytes_kept),
        peak_mib: mib(console.child.peak_memory()),
    })
}

/// A question, asked again and again; what it asks for may differ each time.
struct Question<'a> {
    what: String,
    kind: Kind,
    path: Box<dyn Fn(usize) -> String + 'a>,
    /// How many things an answer must have in it; 0 if it is only to be an answer.
    least: usize,
    most: usize,
}

fn ask_all(
    options: &RunOptions,
    console: &Subject,
    batches: &Batches,
    numbers: usize,
) -> anyhow::Result<Vec<QuestionRow>> {
    let times = usize::try_from(options.questions()).unwrap_or(usize::MAX);
    let rounds = (numbers / batches.len()).max(1) as u64;
    let ids: Vec<String> =
        (0..rounds).flat_map(|round| batches.trace_ids(round, times.div_ceil(rounds as usize))).collect();
    let to_ms = now_ns() / 1_000_000;
    let from_ms = to_ms - 3_600_000;
    let fixed = |path: String| Box::new(move |_| path.clone()) as Box<dyn Fn(usize) -> String>;
    let ids = &ids;
    let by_id = |before: &'static str| Box::new(move |n: usize| format!("{before}{}", ids[n % ids.len()]));
    let mut questions = vec![
        Question {
            what: "trace by id".into(),
            kind: Kind::TraceById,
            path: by_id("/api/traces/"),
            least: 1,
            most: usize::MAX,
        },
        Question {
            what: "newest 50 with an error in payment".into(),
            kind: Kind::Question,
            path: fixed("/api/traces?service=payment&status=error&limit=50".into()),
            least: 50.min(batches.spans_of(0..numbers) as usize / 5_000),
            most: 50,
        },
        Question {
            what: "rate, errors, duration of the last hour".into(),
            kind: Kind::Question,
            path: fixed(format!("/api/red?from_unix_ms={from_ms}&to_unix_ms={to_ms}")),
            least: 20,
            most: usize::MAX,
        },
        Question {
            what: "top statements of the last hour".into(),
            kind: Kind::Question,
            path: fixed(format!("/api/statements?from_unix_ms={from_ms}&to_unix_ms={to_ms}")),
            least: 8,
            most: usize::MAX,
        },
        Question {
            what: "a rare attribute".into(),
            kind: Kind::Question,
            path: fixed(format!("/api/traces?attributes=order.note%3D{RARE_VALUE}00000000")),
            least: 1,
            most: 1,
        },
    ];
    let mut pages = console.pages();
    let nothing =
        |what: String, path: String| Question { what, kind: Kind::Page, path: fixed(path), least: 0, most: 0 };
    for path in pages_of(&mut pages)? {
        questions.push(nothing(format!("page {path}"), path));
    }
    questions.push(Question {
        what: "page of a trace".into(),
        kind: Kind::Page,
        path: by_id("/traces/"),
        least: 0,
        most: 0,
    });
    for path in twins_of(&mut pages)? {
        questions.push(nothing(path.clone(), path));
    }
    questions.iter().map(|question| ask(question, times, &mut pages)).collect()
}

fn ask(question: &Question<'_>, times: usize, pages: &mut Connection) -> anyhow::Result<QuestionRow> {
    say(&format!("  {}", question.what));
    let (mut ms, mut found, mut lack) = (Vec::new(), 0, None);
    for number in 0..times {
        let path = (question.path)(number);
        let began = Instant::now();
        let answer = pages.get(&path)?;
        ms.push(began.elapsed().as_secs_f64() * 1000.0);
        if answer.status != 200 {
            lack = Some(format!("status {}", answer.status));
        } else if question.least > 0 {
            found = serde_json::from_slice(&answer.body).map_or(0, |value| things(&value));
            if !(question.least..=question.most).contains(&found) {
                lack = Some(format!("{found} found instead of {} or more", question.least));
            }
        }
    }
    let ms = Spread::of(ms).context("a question that was never asked")?;
    Ok(QuestionRow { question: question.what.clone(), kind: question.kind, found, ms, lack })
}

/// What an answer has in it: the entries of the list that it is, or of the first list in it.
fn things(answer: &Value) -> usize {
    match answer {
        Value::Array(list) => list.len(),
        Value::Object(map) => map.values().find_map(Value::as_array).map_or(0, Vec::len),
        _ => 0,
    }
}

/// The pages in the bar above every page.
fn pages_of(pages: &mut Connection) -> anyhow::Result<Vec<String>> {
    let html = String::from_utf8_lossy(&pages.get("/")?.body).into_owned();
    let bar = html.split_once("<nav").and_then(|(_, rest)| rest.split_once("</nav>")).map_or("", |(bar, _)| bar);
    let links = bar.split("href=\"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(link, _)| link.to_owned());
    Ok(links.filter(|link| link.starts_with('/')).collect())
}

/// The paths that the console's own description says can be asked without anything more.
fn twins_of(pages: &mut Connection) -> anyhow::Result<Vec<String>> {
    let answer = pages.get("/api/openapi.json")?;
    if answer.status != 200 || !answer.content_type.contains("json") {
        return Ok(Vec::new());
    }
    let described: Value = serde_json::from_slice(&answer.body).context("read /api/openapi.json")?;
    let Some(paths) = described["paths"].as_object() else { return Ok(Vec::new()) };
    let is_plain = |path: &str, operations: &Value| {
        let get = &operations["get"];
        let parameters = get["parameters"].as_array();
        let needs_more = parameters.is_some_and(|list| list.iter().any(|parameter| parameter["required"] == true));
        // A stream of events has no end.
        get.is_object() && !path.contains('{') && !needs_more && !path.ends_with("/events")
    };
    Ok(paths.iter().filter(|(path, operations)| is_plain(path, operations)).map(|(path, _)| path.clone()).collect())
}
