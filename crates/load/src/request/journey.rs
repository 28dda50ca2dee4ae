//! Journeys made ready for the targets of a run.

use std::time::Duration;

use indexmap::IndexMap;
use scenario::{Arrival, DataSource, Journey, Step, Stream, TemplateMistake, ThinkTime};
use telemetry::http_client::CallDurations;

use super::expect::Expectation;
use super::message::{Message, Text};
use super::sources::{Filler, INDEX, SESSION, Sources, USER, UnknownSlot};
use super::values::Values;
use crate::target::Target;

/// Headers that the engine writes itself, or that would break its framing.
const OWN_HEADERS: [&str; 7] =
    ["connection", "content-length", "transfer-encoding", "upgrade", "traceparent", "tracestate", "baggage"];

/// A journey that can't be played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrepareError {
    /// A stream names a journey that is not there.
    #[error("stream {stream:?} has the journey {journey:?}, which does not exist: there are {known}")]
    UnknownJourney {
        /// The stream's name.
        stream: String,
        /// The journey's.
        journey: String,
        /// What there is, separated by commas.
        known: String,
    },
    /// A step goes where nobody said where that is.
    #[error("journey {journey:?} goes to the target {target:?}, which has no URL")]
    UnknownTarget {
        /// The journey's name.
        journey: String,
        /// The target's.
        target: String,
    },
    /// A slot that nothing fills.
    #[error("journey {journey:?} has the slot ${{{slot}}}, which nothing fills")]
    UnknownSlot {
        /// The journey's name.
        journey: String,
        /// The slot's.
        slot: String,
    },
    /// A text that is no template.
    #[error("journey {journey:?}: {mistake}")]
    Template {
        /// The journey's name.
        journey: String,
        /// What is wrong.
        mistake: TemplateMistake,
    },
}

/// What all journeys of a run have in common.
#[derive(Debug)]
pub(crate) struct Preparing<'a> {
    pub(crate) seed: u64,
    /// When the run begins, in Unix milliseconds.
    pub(crate) start_ms: u64,
    /// `scenario.run` in the baggage.
    pub(crate) run_id: &'a str,
    pub(crate) journeys: &'a IndexMap<String, Journey>,
    /// By name; the first is that of steps which name none.
    pub(crate) targets: &'a IndexMap<String, Target>,
    pub(crate) data: &'a IndexMap<String, DataSource>,
}

/// A journey made ready.
#[derive(Debug)]
pub(crate) struct PreparedJourney {
    pub(crate) name: String,
    /// `user_journey.NAME`
    pub(crate) span_name: String,
    filler: Filler,
    /// `tracestate` and `baggage`, which are of the visit; `traceparent` is of the request and written with it.
    context: Text,
    pub(crate) steps: Vec<PreparedStep>,
}

/// A step made ready.
#[derive(Debug)]
pub(crate) struct PreparedStep {
    /// `POST /api/checkout`, or its own name.
    pub(crate) label: String,
    pub(crate) method: String,
    /// The path as the file has it, without the query.
    pub(crate) path: String,
    pub(crate) url: Text,
    /// Position among the run's targets.
    pub(crate) target: usize,
    /// The target's name.
    pub(crate) service: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) message: Message,
    pub(crate) timeout: Duration,
    pub(crate) think: ThinkTime,
    pub(crate) expect: Expectation,
    pub(crate) durations: CallDurations,
}

impl Preparing<'_> {
    /// The journeys of stream number `position`, in the order in which arrivals number them.
    ///
    /// # Errors
    /// The first journey that can't be played.
    pub(crate) fn stream(&self, position: usize, stream: &Stream) -> Result<Vec<PreparedJourney>, PrepareError> {
        let prepare = |name: &String| {
            let journey = self.journeys.get(name).ok_or_else(|| PrepareError::UnknownJourney {
                stream: stream.name.clone(),
                journey: name.clone(),
                known: self.journeys.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
            })?;
            self.journey(name, journey, position, stream)
        };
        stream.journeys.keys().map(prepare).collect()
    }

    fn journey(
        &self,
        name: &str,
        journey: &Journey,
        position: usize,
        stream: &Stream,
    ) -> Result<PreparedJourney, PrepareError> {
        let mut sources = Sources::new(self.seed, self.start_ms, position, &stream.name, self.data);
        let steps = journey.iter().map(|step| self.step(name, step, stream, &mut sources)).collect::<Result<_, _>>()?;
        Ok(PreparedJourney {
            name: name.to_owned(),
            span_name: format!("user_journey.{name}"),
            filler: sources.finish(),
            context: context_headers(self.run_id, stream),
            steps,
        })
    }

    fn step(
        &self,
        journey: &str,
        step: &Step,
        stream: &Stream,
        sources: &mut Sources<'_>,
    ) -> Result<PreparedStep, PrepareError> {
        let no_template = |mistake| PrepareError::Template { journey: journey.to_owned(), mistake };
        let no_slot = |UnknownSlot(slot)| PrepareError::UnknownSlot { journey: journey.to_owned(), slot };
        let (position, service, target) = self.target(journey, step)?;
        let path = step.path_template().map_err(no_template)?;

        let origin = format!("{}://{}", target.scheme(), target.authority);
        let mut url = Text::default();
        url.push(format!("{origin}{}", target.base_path).as_bytes());
        url.push_template(&path, |name| sources.number(name)).map_err(no_slot)?;

        let mut head = Text::default();
        head.push(format!("{} {}", step.method, target.base_path).as_bytes());
        head.push_template(&path, |name| sources.number(name)).map_err(no_slot)?;
        head.push(b" HTTP/1.1\r\n");
        let mut headers = step.header_templates().map_err(no_template)?;
        for (name, value) in stream.header_templates().map_err(no_template)? {
            if headers.iter().all(|(known, _)| *known != name) {
                headers.push((name, value));
            }
        }
        headers.retain(|(name, _)| !OWN_HEADERS.contains(&name.as_str()));
        for (name, value) in default_headers(step, target) {
            if headers.iter().all(|(known, _)| *known != name) {
                head.push(format!("{name}: {value}\r\n").as_bytes());
            }
        }
        for (name, value) in &headers {
            head.push(format!("{name}: ").as_bytes());
            head.push_template(value, |name| sources.number(name)).map_err(no_slot)?;
            head.push(b"\r\n");
        }

        let mut body = None;
        if let Some(template) = step.body_template().map_err(no_template)? {
            let mut text = Text::default();
            text.push_template(&template, |name| sources.number(name)).map_err(no_slot)?;
            body = Some(text);
        } else if matches!(step.method.as_str(), "POST" | "PUT" | "PATCH") {
            // RFC 9110: such a request says that it has no body.
            body = Some(Text::default());
        }
        // After the request: what a step extracts is for those that follow.
        let extract = step.extract.iter().map(|(name, pointer)| (pointer.0.clone(), sources.extracted(name)));
        let expect = Expectation::new(&step.success, extract.collect());
        let path = step.path.split('?').next().unwrap_or_default().to_owned();
        let tag = stream.tag.as_ref().unwrap_or(&stream.name);
        Ok(PreparedStep {
            label: step.label(),
            durations: CallDurations::new(&target.host, target.port, &step.method, &path, tag),
            method: step.method.clone(),
            path,
            url,
            target: position,
            service: service.to_owned(),
            host: target.host.clone(),
            port: target.port,
            message: Message { head, has_traceparent: telemetry::context::carries_trace_context(), body },
            timeout: Duration::from_nanos((step.timeout_ms * 1e6) as u64),
            think: step.think_ms,
            expect,
        })
    }

    fn target(&self, journey: &str, step: &Step) -> Result<(usize, &str, &Target), PrepareError> {
        let found = match &step.target {
            Some(name) => self.targets.get_full(name),
            None => self.targets.get_index(0).map(|(name, target)| (0, name, target)),
        };
        let unknown = || PrepareError::UnknownTarget {
            journey: journey.to_owned(),
            target: step.target.clone().unwrap_or_default(),
        };
        found.map(|(position, name, target)| (position, name.as_str(), target)).ok_or_else(unknown)
    }
}

impl PreparedJourney {
    /// What the visit of `arrival` begins with.
    pub(crate) fn begin(&self, arrival: &Arrival, values: &mut Values) {
        self.filler.fill(arrival, values);
        let mut context = std::mem::take(&mut values.context);
        context.clear();
        self.context.write(&mut context, values);
        values.context = context;
    }
}

fn context_headers(run_id: &str, stream: &Stream) -> Text {
    let mut head = Text::default();
    if telemetry::context::carries_trace_context() {
        head.push(b"tracestate: doorbuster=");
        head.push_number(INDEX);
        head.push(b"\r\n");
    }
    if telemetry::context::carries_baggage() {
        let tag = stream.tag.as_ref().unwrap_or(&stream.name);
        head.push(format!("baggage: traffic.type={},session.id=", encoded(tag)).as_bytes());
        head.push_number(SESSION);
        head.push(b",user.id=");
        head.push_number(USER);
        head.push(format!(",scenario.run={}", encoded(run_id)).as_bytes());
        for (key, value) in &stream.baggage {
            head.push(format!(",{key}={}", encoded(value)).as_bytes());
        }
        head.push(b"\r\n");
    }
    head
}

/// All but what every receiver takes as it is.
const IN_BAGGAGE: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

fn encoded(text: &str) -> percent_encoding::PercentEncode<'_> {
    percent_encoding::utf8_percent_encode(text, IN_BAGGAGE)
}

/// What is sent where the file says nothing else.
fn default_headers(step: &Step, target: &Target) -> Vec<(&'static str, String)> {
    let agent = concat!("doorbuster-load/", env!("CARGO_PKG_VERSION"));
    let mut headers = vec![
        ("host", target.authority.clone()),
        ("user-agent", agent.to_owned()),
        ("accept", "application/json, */*;q=0.5".to_owned()),
    ];
    if step.json.is_some() {
        headers.push(("content-type", "application/json".to_owned()));
    } else if step.body.is_some() {
        headers.push(("content-type", "text/plain; charset=utf-8".to_owned()));
    }
    headers
}

impl PreparedStep {
    /// The whole URL of a visit's request.
    pub(crate) fn url(&self, values: &Values) -> String {
        self.url.fill(values)
    }
}
