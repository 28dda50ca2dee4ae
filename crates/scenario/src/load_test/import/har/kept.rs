//! Which of the recorded requests a visitor of a load test sends.

use super::address::Address;
use super::moment;
use super::recording::{Entry, Recording};

/// A request that is sent, and when it was.
#[derive(Debug)]
pub(super) struct Kept<'r> {
    pub(super) entry: &'r Entry,
    pub(super) address: Address,
    /// Milliseconds since 1970.
    pub(super) starts_ms: f64,
    /// When its answer was there.
    pub(super) ends_ms: f64,
}

/// How many are not sent, by why.
#[derive(Debug, Default)]
pub(super) struct Skipped {
    pub(super) assets: usize,
    no_http: usize,
    no_answer: usize,
    no_moment: usize,
    preflight: usize,
}

impl Skipped {
    /// A sentence for each reason that there was.
    pub(super) fn say(&self, left_out: &mut Vec<String>) {
        let table = [
            (self.assets, "for pages, scripts, styles, images and fonts (--assets keeps them)"),
            (self.preflight, "of browsers asking for permission (CORS preflight)"),
            (self.no_http, "over something else than HTTP, such as WebSocket"),
            (self.no_answer, "that got no answer"),
            (self.no_moment, "without a readable startedDateTime"),
        ];
        for (count, why) in table.into_iter().filter(|(count, _)| *count > 0) {
            left_out.push(format!("{count} request{} {why}", if count == 1 { "" } else { "s" }));
        }
    }
}

/// The requests that are sent, in the order in which they were.
pub(super) fn keep(recording: &Recording, assets: bool) -> (Vec<Kept<'_>>, Skipped) {
    let mut skipped = Skipped::default();
    let mut kept = Vec::new();
    for entry in &recording.log.entries {
        let Some(address) = Address::parse(&entry.request.url).filter(|_| !is_socket(entry)) else {
            skipped.no_http += 1;
            continue;
        };
        if entry.status().is_none() {
            skipped.no_answer += 1;
        } else if is_preflight(entry) {
            skipped.preflight += 1;
        } else if !assets && !is_api_call(entry) {
            skipped.assets += 1;
        } else if let Some(starts_ms) = moment::milliseconds(&entry.started_date_time) {
            let took = entry.time.filter(|time| time.is_finite() && *time > 0.0).unwrap_or(0.0);
            kept.push(Kept { entry, address, starts_ms, ends_ms: starts_ms + took });
        } else {
            skipped.no_moment += 1;
        }
    }
    kept.sort_by(|a, b| a.starts_ms.total_cmp(&b.starts_ms));
    (kept, skipped)
}

fn is_socket(entry: &Entry) -> bool {
    entry.status() == Some(101) || entry.resource_type.as_deref() == Some("websocket")
}

fn is_preflight(entry: &Entry) -> bool {
    let method = &entry.request.method;
    entry.resource_type.as_deref() == Some("preflight")
        || (method.eq_ignore_ascii_case("OPTIONS") && entry.header("access-control-request-method").is_some())
}

/// Browsers that say what a request was for are believed; else it is one by its method, or by what was asked or answered.
fn is_api_call(entry: &Entry) -> bool {
    match entry.resource_type.as_deref() {
        Some("xhr" | "fetch") => return true,
        Some("document" | "stylesheet" | "script" | "image" | "font" | "media" | "manifest" | "texttrack" | "ping") => {
            // A form that is sent is a document by what comes back.
            return entry.request.post_data.is_some() && entry.resource_type.as_deref() != Some("ping");
        }
        _ => {}
    }
    let is_data = |media_type: &str| {
        ["json", "protobuf", "grpc", "graphql"].iter().any(|word| media_type.contains(word))
            || matches!(media_type, "application/xml" | "text/xml" | "application/soap+xml")
    };
    let is_read = matches!(entry.request.method.to_ascii_uppercase().as_str(), "GET" | "HEAD");
    let asks_for_data = entry.header("accept").is_some_and(|accept| is_data(&accept.to_ascii_lowercase()));
    !is_read || is_data(&entry.answered_type()) || asks_for_data || entry.header("x-requested-with").is_some()
}
