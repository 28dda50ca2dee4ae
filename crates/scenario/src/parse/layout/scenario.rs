//! The shape of a scenario file.
//!
//! Bounds keep later arithmetic finite and a prediction's memory small; they are far beyond what one machine can stage.

use super::super::keys::WORDS;
use super::super::shape::{Bounds, Field, LONGEST_LIST, MINUTE, Shape, bounds, optional, refused, required, whole};
use super::traffic::{
    BAGGAGE, HEADERS, JOURNEYS, MILLISECONDS, MOST_STREAMS, SHARE, SPACING, STREAM_NAME, per_minute, per_second,
};

/// Arrivals per minute: more than one machine's shop is built for.
const RATE: Bounds = bounds(0.0, 1e6);
/// The same a second.
const RATE_PER_SECOND: Bounds = bounds(0.0, 16_666.0);
/// More than 0, so that capacity is finite.
const SERVICE_TIME: Bounds = bounds(0.01, 600_000.0);
const CONNECTIONS: Bounds = whole(1.0, 10_000.0);
/// Every row looks at every queue; no stream needs more than a few.
const MOST_QUEUES: usize = 16;
/// Every request looks at all the faults on its way, and waits are crossed with the faults that drop their index.
const MOST_FAULTS: usize = 100;

pub(in super::super) const SCENARIO: Shape = Shape::Map(&[
    required("name", Shape::Word, "Identifier of the scenario."),
    optional("title", Shape::Text, "One line for people; the name where absent."),
    required("world", Shape::OneOf(&["shop", "inbox"]), "The subject that it happens to."),
    required("minutes", Shape::Number(bounds(1.0, 1440.0)), "Length in scenario minutes."),
    required(
        "phases",
        Shape::List { least: 1, most: LONGEST_LIST, of: &PHASE },
        "Named stretches in order; each ends where the next begins.",
    ),
    required("streams", Shape::List { least: 1, most: MOST_STREAMS, of: &STREAM }, "Tagged traffic."),
    optional(
        "queues",
        Shape::List { least: 0, most: MOST_QUEUES, of: &QUEUE },
        "What limits the subject, for the prediction.",
    ),
    optional(
        "queries",
        Shape::Table { keys: &WORDS, least: 0, most: LONGEST_LIST, of: &Shape::Text },
        "Statements that `plan` proofs explain; literals instead of parameters.",
    ),
    optional("faults", Shape::List { least: 0, most: MOST_FAULTS, of: &FAULT }, "What is broken when."),
    optional("expect", EXPECT, "What the verdict checks."),
    optional("truth", TRUTH, "The answer, for scoring investigators."),
]);

const PHASE: Shape = Shape::Map(&[
    required("name", Shape::Word, "Shown on spans as demo.phase."),
    required("from", Shape::Number(MINUTE), "First scenario minute."),
]);

const STREAM: Shape = Shape::Map(&[
    STREAM_NAME,
    per_minute(RATE),
    per_second(RATE_PER_SECOND),
    SPACING,
    JOURNEYS,
    HEADERS,
    BAGGAGE,
    optional(
        "elsewhere_ms",
        Shape::Number(MILLISECONDS),
        "What a request takes whose journey waits in no queue, for the prediction.",
    ),
    refused(
        "tag",
        "remove it: a scenario's stream is tagged with its name, which is what alerts and the verdict go by",
    ),
]);

const QUEUE: Shape = Shape::Map(&[
    required("name", Shape::Word, "The pool's name, as its service reports it; faults and proofs name it."),
    required("stream", Shape::Word, "The stream whose arrivals use it."),
    required(
        "journeys",
        Shape::List { least: 1, most: LONGEST_LIST, of: &Shape::Word },
        "The journeys of that stream which use it.",
    ),
    required("connections", Shape::Number(CONNECTIONS), "Servers."),
    required("acquire_timeout_ms", Shape::Number(SERVICE_TIME), "How long an arrival waits before it gives up."),
    required("service_time_ms", Shape::Number(SERVICE_TIME), "How long a connection is held while nothing is wrong."),
    optional("elsewhere_ms", Shape::Number(MILLISECONDS), "What a request takes outside this queue."),
]);

const FAULT: Shape = Shape::Map(&[
    required("id", Shape::Word, "Identifier of the fault."),
    required("kind", Shape::FaultKind, "What is done; see `doorbuster fault list`."),
    required("from", Shape::Number(MINUTE), "Scenario minute at which it is applied."),
    required("until", Shape::Number(MINUTE), "Scenario minute at which it is undone."),
    required("args", Shape::FaultArgs, "The kind's own arguments."),
    optional(
        "proof",
        Shape::List { least: 0, most: LONGEST_LIST, of: &PROOF },
        "What must hold while it is applied; else the run is INVALID.",
    ),
]);

const PROOF: Shape = Shape::Kinds(&[
    ("plan", PLAN),
    ("index_absent", &[required("index", Shape::Text, "An index by name, without schema.")]),
    ("pool_waiters", POOL_WAITERS),
    ("pool_size", POOL_SIZE),
    ("pool_leaked", POOL_LEAKED),
    ("table_locked", &[required("table", Shape::Text, "A table by name, without schema.")]),
    ("lock_waiters", LOCK_WAITERS),
    ("unreachable", &[required("part", Shape::Word, "A service, or redis: nothing answers.")]),
    ("filter_hits", FILTER_HITS),
    ("retries_sent", RETRIES_SENT),
    ("requests_changed", REQUESTS_CHANGED),
]);

const PLAN: &[Field] = &[
    required("query", Shape::Word, "Key of `queries`."),
    required("is", Shape::OneOf(&["seq_scan", "index_scan"]), "The access path of its plan."),
];

const POOL: &str = "Name of a pool, as its service reports it.";
/// More of anything than one machine sends in a scenario.
const COUNT: Bounds = whole(1.0, 1e9);

const POOL_WAITERS: &[Field] = &[
    required("pool", Shape::Word, POOL),
    required("at_least", Shape::Number(CONNECTIONS), "So many acquires waited at once, at some moment."),
];

const POOL_SIZE: &[Field] = &[
    required("pool", Shape::Word, POOL),
    required("is", Shape::Number(CONNECTIONS), "So many connections it has now."),
];

const POOL_LEAKED: &[Field] = &[
    required("pool", Shape::Word, POOL),
    required("at_least", Shape::Number(CONNECTIONS), "So many sessions were taken and not given back, at some moment."),
];

const LOCK_WAITERS: &[Field] = &[
    required("table", Shape::Text, "A table by name, without schema."),
    required(
        "at_least",
        Shape::Number(CONNECTIONS),
        "So many sessions waited for a lock on it at once, at some moment.",
    ),
];

const FILTER_HITS: &[Field] = &[
    required("service", Shape::Word, "A service's name."),
    required("at_least", Shape::Number(COUNT), "So many of its requests were delayed or refused."),
];

const RETRIES_SENT: &[Field] = &[
    required("stream", Shape::Word, "The stream's name."),
    required("at_least", Shape::Number(COUNT), "So many of its failed requests were sent again."),
];

const REQUESTS_CHANGED: &[Field] = &[
    required("stream", Shape::Word, "The stream's name."),
    required("at_least", Shape::Number(COUNT), "So many of its requests were changed on their way out."),
];

const EXPECT: Shape = Shape::Map(&[
    optional(
        "checkpoints",
        Shape::List { least: 0, most: LONGEST_LIST, of: &CHECKPOINT },
        "A stream from a minute on.",
    ),
    optional(
        "always",
        Shape::List { least: 0, most: LONGEST_LIST, of: &ALWAYS },
        "A stream over the whole run and in each phase.",
    ),
    optional("alerts", Shape::List { least: 0, most: LONGEST_LIST, of: &ALERT }, "Alerts that must fire."),
    optional("quiet", Shape::List { least: 0, most: LONGEST_LIST, of: &QUIET }, "Stretches in which nothing may fire."),
]);

const CHECKPOINT: Shape = Shape::Map(&[
    required("at", Shape::Number(MINUTE), "Scenario minute."),
    optional("over", Shape::Number(bounds(0.25, 1440.0)), "How many scenario minutes are measured; 1 where absent."),
    required("stream", Shape::Word, "The stream's name."),
    optional("journey", Shape::Word, "Only arrivals on this journey of the stream."),
    optional(
        "error_rate",
        Shape::Band(SHARE),
        "Share of arrivals that fail, after the last retry: [low, high], or `predicted +- 0.04`.",
    ),
    optional(
        "request_error_rate",
        Shape::Band(SHARE),
        "Share of requests that fail, retries included: [low, high], or `predicted +- 0.04`.",
    ),
    optional(
        "p95_ms",
        Shape::Band(MILLISECONDS),
        "95th percentile of latency from the intended start: [low, high], or `predicted +- 300`.",
    ),
]);

const ALWAYS: Shape = Shape::Map(&[
    required("stream", Shape::Word, "The stream's name."),
    optional("error_rate_max", Shape::Number(SHARE), "Greatest share of failed arrivals."),
    optional("p95_ms_max", Shape::Number(MILLISECONDS), "Greatest 95th percentile of latency."),
    optional("arrivals_per_minute", Shape::Range(RATE), "Arrivals per real minute over the run: [low, high]."),
]);

const ALERT: Shape = Shape::Map(&[
    required("monitor", Shape::Word, "The monitor's key."),
    required(
        "fires",
        Shape::Range(MINUTE),
        "Scenario minutes, first and last, in which it must fire for the first time.",
    ),
    optional("resolves_by", Shape::Number(MINUTE), "Scenario minute by which it must have resolved."),
    optional("stream", Shape::Word, "Only alerts that carry this traffic.type."),
]);

const QUIET: Shape = Shape::Map(&[
    required("from", Shape::Number(MINUTE), "First scenario minute."),
    required("until", Shape::Number(MINUTE), "Last scenario minute, not included."),
    optional("stream", Shape::Word, "Only alerts that carry this traffic.type."),
]);

const TRUTH: Shape = Shape::Map(&[
    required("root_cause", ROOT_CAUSE, "Where it began."),
    optional(
        "propagation",
        Shape::List { least: 0, most: LONGEST_LIST, of: &Shape::Text },
        "How it spread, one step a line.",
    ),
]);

const ROOT_CAUSE: Shape = Shape::Map(&[
    required("component", Shape::Text, "The part, such as postgresql."),
    required("object", Shape::Text, "The thing in it, such as an index."),
    required("mechanism", Shape::Text, "What went wrong with it."),
]);
