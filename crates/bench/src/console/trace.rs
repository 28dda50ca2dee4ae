//! One made-up trace: its spans as protobuf, with the places of what is different in every trace.

use super::journeys::{PAYMENT, STATEMENTS, Step, Work, journey};
use super::random::Random;
use super::wire::{Value, put_attribute, put_bytes, put_fixed64, put_number};

/// The share of purchases that fail.
const FAILURES: f64 = 0.04;
/// The share of visitors that are the demo's.
const DEMO: f64 = 0.5;

/// What is different in each round of the same spans, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Eight bytes of an identifier.
    Identifier,
    /// Eight bytes of a moment.
    Moment,
    /// Eight hex digits in a text, which are this number in the first round.
    Hex(u32),
}

/// A place in a message, and what changes there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patch {
    pub(crate) at: u32,
    pub(crate) change: Change,
}

/// One span.
#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) service: usize,
    pub(crate) bytes: Vec<u8>,
    pub(crate) patches: Vec<Patch>,
    pub(crate) attributes: usize,
}

/// A visit.
struct Visit {
    trace: [u64; 2],
    user: u32,
    session: u32,
    product: u32,
    is_demo: bool,
    fails: bool,
}

/// The spans of a visit that begins at `start_ns`. `note` goes on the root, eight digits after it: a value that nothing else has.
pub(crate) fn trace(trace: [u64; 2], start_ns: u64, note: Option<&str>, random: &mut Random) -> Vec<Span> {
    let steps = journey(random.unit());
    let has_payment = steps.iter().any(|(_, service, ..)| *service == PAYMENT);
    let visit = Visit {
        trace,
        user: random.next() as u32,
        session: random.next() as u32,
        product: random.below(500_000) as u32,
        is_demo: random.chance(DEMO),
        fails: has_payment && random.chance(FAILURES),
    };
    let own_ns: Vec<u64> =
        steps.iter().map(|(.., mean_ms)| (random.exponential(*mean_ms) * 1e6) as u64 + 20_000).collect();
    let mut whole_ns = own_ns.clone();
    for index in (1..steps.len()).rev() {
        let (parent, ..) = steps[index];
        whole_ns[parent] += whole_ns[index];
    }
    // One after the other: half of what a parent does itself comes before its first child.
    let mut next_ns: Vec<u64> = vec![0; steps.len()];
    let mut starts_ns = vec![start_ns; steps.len()];
    next_ns[0] = start_ns + own_ns[0] / 2;
    for index in 1..steps.len() {
        let (parent, ..) = steps[index];
        starts_ns[index] = next_ns[parent];
        next_ns[parent] += whole_ns[index];
        next_ns[index] = starts_ns[index] + own_ns[index] / 2;
    }
    let identifiers: Vec<u64> = steps.iter().map(|_| random.next() | 1).collect();
    (0..steps.len())
        .map(|index| {
            let parent = (index > 0).then(|| identifiers[steps[index].0]);
            let place =
                Place { id: identifiers[index], parent, start_ns: starts_ns[index], length_ns: whole_ns[index] };
            span(&visit, &steps[index], &place, note.filter(|_| index == 0), random)
        })
        .collect()
}

/// Where a span is in its trace and in time.
struct Place {
    id: u64,
    parent: Option<u64>,
    start_ns: u64,
    length_ns: u64,
}

fn span(visit: &Visit, (_, service, work, _): &Step, place: &Place, note: Option<&str>, random: &mut Random) -> Span {
    let mut span =
        Span { service: *service, bytes: Vec::with_capacity(640), patches: Vec::with_capacity(10), attributes: 0 };
    let mut trace_id = visit.trace[0].to_be_bytes().to_vec();
    trace_id.extend_from_slice(&visit.trace[1].to_be_bytes());
    put_bytes(&mut span.bytes, 1, &trace_id);
    span.changes_before(16, Change::Identifier);
    put_bytes(&mut span.bytes, 2, &place.id.to_be_bytes());
    span.changes_before(8, Change::Identifier);
    if let Some(parent) = place.parent {
        put_bytes(&mut span.bytes, 4, &parent.to_be_bytes());
        span.changes_before(8, Change::Identifier);
    }
    let (name, kind) = match work {
        Work::Server(method, route) => (format!("{method} {route}"), 2),
        Work::Client(method, _) => ((*method).to_owned(), 3),
        Work::Sql(number) => {
            let (text, table, ..) = STATEMENTS[*number];
            (format!("{} {table}", text.split(' ').next().unwrap_or_default()), 3)
        }
        Work::Redis(command) => ((*command).to_owned(), 3),
        Work::Internal(what) => ((*what).to_owned(), 1),
    };
    put_bytes(&mut span.bytes, 5, name.as_bytes());
    put_number(&mut span.bytes, 6, kind);
    put_fixed64(&mut span.bytes, 7, place.start_ns);
    span.changes_before(8, Change::Moment);
    put_fixed64(&mut span.bytes, 8, place.start_ns + place.length_ns);
    span.changes_before(8, Change::Moment);

    let fails = visit.fails && (*service == PAYMENT || place.parent.is_none());
    attributes(&mut span, visit, *work, place, fails, random);
    if let Some(note) = note {
        span.hex("order.note", note, 0);
    }
    if fails {
        let mut event = Vec::new();
        put_fixed64(&mut event, 1, place.start_ns + place.length_ns);
        let at = event.len() - 8;
        put_bytes(&mut event, 2, b"exception");
        put_attribute(&mut event, 3, "exception.type", &Value::Text("CardDeclined".into()));
        put_attribute(&mut event, 3, "exception.message", &Value::Text("the bank declined the charge".into()));
        let before = span.bytes.len();
        put_bytes(&mut span.bytes, 11, &event);
        let shift = span.bytes.len() - before - event.len();
        span.patches.push(Patch { at: (before + shift + at) as u32, change: Change::Moment });
        let mut status = Vec::new();
        put_bytes(&mut status, 2, b"the bank declined the charge");
        put_number(&mut status, 3, 2);
        put_bytes(&mut span.bytes, 15, &status);
    }
    span
}

fn attributes(span: &mut Span, visit: &Visit, work: Work, place: &Place, fails: bool, random: &mut Random) {
    span.text("traffic.type", if visit.is_demo { "demo" } else { "baseline" });
    span.hex("user.id", "user-", visit.user);
    span.hex("session.id", "5e55-", visit.session);
    span.whole("thread.id", random.below(16) as i64 + 1);
    span.fraction("app.queue_ms", random.exponential(0.4));
    match work {
        Work::Server(method, route) | Work::Client(method, route) => {
            span.text("http.request.method", method);
            span.text("http.route", route);
            span.text(
                "url.path",
                &route.replace("{id}", &visit.product.to_string()).replace("{user}", "me").replace("{code}", "EUR"),
            );
            span.whole("http.response.status_code", if fails { 502 } else { 200 });
            span.text("server.address", "shop.internal.example");
            span.whole("server.port", 8080);
            span.text("network.protocol.version", "1.1");
            span.text("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0");
        }
        Work::Sql(number) => {
            let (text, table, index, rows) = STATEMENTS[number];
            span.text("db.system.name", "postgresql");
            span.text("db.namespace", "shop");
            span.text("db.query.text", text);
            span.text("db.collection.name", table);
            span.text("db.index_used", index);
            span.whole("db.rows_scanned", (rows + random.below(rows / 4 + 1)) as i64);
            span.text("server.address", "db.internal.example");
        }
        Work::Redis(command) => {
            span.text("db.system.name", "redis");
            span.text("db.operation.name", command);
            span.text("db.namespace", "0");
            span.hex("db.redis.key", "shop:cart:", visit.user);
            span.text("server.address", "cache.internal.example");
            span.whole("server.port", 6379);
            span.text("network.peer.address", "10.0.12.7");
        }
        Work::Internal(_) => {
            span.text("code.function.name", "shop::handlers::process_request_step");
            span.text("code.file.path", "crates/shop/src/handlers/process.rs");
            span.whole("code.line.number", 118);
            span.text("thread.name", "tokio-runtime-worker");
            span.hex("request.id", "req-4c1e-9d20-", (place.id >> 32) as u32);
            span.fraction("app.duration_ms", place.length_ns as f64 / 1e6);
            span.text("deployment.ring", "canary-eu-central-1");
        }
    }
}

impl Span {
    fn changes_before(&mut self, from_end: usize, change: Change) {
        self.patches.push(Patch { at: (self.bytes.len() - from_end) as u32, change });
    }

    fn put(&mut self, key: &str, value: &Value) {
        put_attribute(&mut self.bytes, 9, key, value);
        self.attributes += 1;
    }

    fn text(&mut self, key: &str, text: &str) {
        self.put(key, &Value::Text(text.to_owned()));
    }

    fn whole(&mut self, key: &str, whole: i64) {
        self.put(key, &Value::Whole(whole));
    }

    fn fraction(&mut self, key: &str, fraction: f64) {
        self.put(key, &Value::Fraction(fraction));
    }

    /// A text that ends in eight hex digits, different in each round.
    fn hex(&mut self, key: &str, before: &str, number: u32) {
        self.put(key, &Value::Text(format!("{before}{number:08x}")));
        self.changes_before(8, Change::Hex(number));
    }
}
