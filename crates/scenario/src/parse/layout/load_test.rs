//! The shape of a load test file.

use super::super::keys::{POINTERS, SLOTS, WORDS};
use super::super::shape::{
    Bounds, Field, LONGEST_LIST, Shape, at_most_one_of, bounds, optional, refused, required, whole,
};
use super::traffic::{
    BAGGAGE, HEADERS, JOURNEYS, MILLISECONDS, MOST_STREAMS, SHARE, SPACING, STREAM_NAME, per_minute, per_second,
};
use crate::load_test::MOST_STEPS;

/// From 0.3 seconds to a day.
const LENGTH: Bounds = bounds(0.005, 1440.0);
/// A million a second: what several machines send together.
const RATE: Bounds = bounds(0.0, 60e6);
const RATE_PER_SECOND: Bounds = bounds(0.0, 1e6);
/// A request takes some time.
const TIMEOUT: Bounds = bounds(1.0, 600_000.0);
/// What a floating point number, and so JSON elsewhere, still counts one by one.
const COUNT: Bounds = whole(0.0, 9e15);
/// Each has a pool of connections on every thread.
const MOST_TARGETS: usize = 16;
/// Each is formatted beforehand for every stream that takes it.
const MOST_JOURNEYS: usize = 64;
/// Each needs a place in every visit's memory.
const MOST_SLOTS: usize = 64;
const MOST_THRESHOLDS: usize = 100;
/// A visit under way takes some kilobytes and most often a socket.
const IN_FLIGHT: Bounds = whole(1.0, 1e6);

pub(in super::super) const LOAD_TEST: Shape = Shape::Map(&[
    required("name", Shape::Word, "Identifier of the test."),
    optional("title", Shape::Text, "One line for people; the name where absent."),
    required("minutes", Shape::Number(LENGTH), "Length in minutes."),
    required(
        "targets",
        Shape::Table { keys: &WORDS, least: 1, most: MOST_TARGETS, of: &TARGET },
        "Where requests go, by name; the first is that of steps which name none.",
    ),
    required("streams", Shape::List { least: 1, most: MOST_STREAMS, of: &STREAM }, "Tagged traffic."),
    required("journeys", JOURNEYS_FILE, "What visitors do, by name."),
    optional(
        "data",
        Shape::Table { keys: &SLOTS, least: 0, most: MOST_SLOTS, of: &DATA },
        "Values for slots, besides the built-in ones.",
    ),
    optional(
        "thresholds",
        Shape::List { least: 0, most: MOST_THRESHOLDS, of: &THRESHOLD },
        "What is good enough; the exit code says whether it was.",
    ),
    optional(
        "max_in_flight",
        Shape::Number(IN_FLIGHT),
        "Most visits under way at once, 20000 where absent; what is due beyond is dropped, and the run is INVALID.",
    ),
    optional("spans", SPANS, "Which visits are recorded as spans."),
]);

/// Journeys alone.
pub(in super::super) const JOURNEYS_FILE: Shape = Shape::Table {
    keys: &WORDS,
    least: 1,
    most: MOST_JOURNEYS,
    of: &Shape::List { least: 1, most: MOST_STEPS, of: &STEP },
};

const TARGET: Shape = Shape::Either(&[
    Shape::Text,
    Shape::Map(&[
        required("url", Shape::Text, "http://HOST[:PORT][/PATH] or https://..."),
        optional("http2", Shape::Boolean, "HTTP/2 with prior knowledge where the URL is plain http."),
        optional("ca_file", Shape::Text, "File with the certificates (PEM) that sign the server's."),
        optional("insecure", Shape::Boolean, "Accept any certificate."),
    ]),
]);

const STREAM: Shape = Shape::Map(&[
    STREAM_NAME,
    per_minute(RATE),
    per_second(RATE_PER_SECOND),
    SPACING,
    JOURNEYS,
    optional("tag", Shape::Word, "traffic.type of its requests; its name where absent."),
    HEADERS,
    BAGGAGE,
    refused("elsewhere_ms", "remove it: it is for the prediction of a scenario"),
]);

const STEP: Shape = Shape::Map(&[
    optional("name", Shape::Line, "What it is called in reports; `METHOD path` without the query where absent."),
    optional("target", Shape::Word, "Key of `targets`; the first where absent."),
    optional(
        "method",
        Shape::OneOf(&["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]),
        "GET where absent.",
    ),
    required("path", Shape::Text, "Path and query, beginning with a slash; may have slots such as ${user_id}."),
    HEADERS,
    at_most_one_of(
        "json",
        Shape::Json,
        "Body as JSON; its texts may have slots. A text that is one slot keeps its kind.",
    ),
    at_most_one_of("body", Shape::Document, "Body as it is; may have slots."),
    optional(
        "timeout_ms",
        Shape::Number(TIMEOUT),
        "Longest that it may take, connecting included; 10000 where absent.",
    ),
    optional(
        "think_ms",
        Shape::Either(&[Shape::Number(MILLISECONDS), Shape::Range(MILLISECONDS)]),
        "Pause before it is sent: so long, or evenly from the least to the most.",
    ),
    optional("success", SUCCESS, "When an answer counts as a success."),
    optional(
        "extract",
        Shape::Table { keys: &SLOTS, least: 0, most: MOST_SLOTS, of: &Shape::Text },
        "What later steps need of the answer, by slot: JSON pointers such as /items/0/id.",
    ),
]);

const STATUS: Bounds = whole(100.0, 599.0);

const SUCCESS: Shape = Shape::Map(&[
    optional(
        "status",
        Shape::Either(&[Shape::Number(STATUS), Shape::Range(STATUS)]),
        "One status, or the first and the last; [200, 399] where absent.",
    ),
    optional(
        "json",
        Shape::Table { keys: &POINTERS, least: 0, most: MOST_SLOTS, of: &Shape::Scalar },
        "JSON pointers, and what must stand there.",
    ),
    optional("contains", Shape::Text, "Text that the body must contain."),
]);

const NUMBERS: &[Field] = &[
    required("from", Shape::Number(COUNT), "Smallest."),
    required("to", Shape::Number(COUNT), "Greatest."),
    optional("prefix", Shape::Line, "Text before the number."),
    optional("digits", Shape::Number(whole(0.0, 20.0)), "At least so many digits."),
];

const ONE_OF: &[Field] = &[required(
    "one_of",
    Shape::List { least: 1, most: LONGEST_LIST, of: &Shape::Text },
    "One of these, each as likely as the others.",
)];

const DATA: Shape = Shape::Forms(&[ONE_OF, NUMBERS]);

const THRESHOLD: Shape = Shape::Map(&[
    optional("stream", Shape::Word, "Only this stream; all together where absent."),
    optional("journey", Shape::Word, "Only this journey."),
    optional("step", Shape::Text, "Only this step of `journey`, by its name or `METHOD path`."),
    optional("error_rate_max", Shape::Number(SHARE), "Greatest share that failed."),
    optional("p50_ms_max", Shape::Number(LATENCY), "Greatest median, from the intended start."),
    optional("p90_ms_max", Shape::Number(LATENCY), "Greatest 90th percentile."),
    optional("p95_ms_max", Shape::Number(LATENCY), "Greatest 95th percentile."),
    optional("p99_ms_max", Shape::Number(LATENCY), "Greatest 99th percentile."),
    optional("slowest_ms_max", Shape::Number(LATENCY), "Greatest of all."),
    optional(
        "completed_per_minute_min",
        Shape::Number(RATE),
        "Fewest answered well a minute; those that failed do not count.",
    ),
]);

/// As far as latencies are counted: an hour.
const LATENCY: Bounds = bounds(0.0, 3_600_000.0);

const SPANS: Shape = Shape::Map(&[
    optional("share", Shape::Number(SHARE), "Share of visits; 1 where absent."),
    optional("most_per_second", Shape::Number(whole(0.0, 1e6)), "Most visits a second; 500 where absent."),
]);
