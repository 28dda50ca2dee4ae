//! Spans joined with their parents.

use detect::{SpanKind, SpanStatus, UnixMs};
use hashbrown::HashMap;

use crate::aggregates::RedFilter;
use crate::map::graph::{Call, Graph, Place};
use crate::map::{NodeKind, ServiceMap};
use crate::pack::Packed;
use crate::shelf::Numbered;
use crate::spans::SpanChunk;
use crate::symbols::{Symbol, Symbols, Texts};
use crate::well_known::{DB_SYSTEM, DB_SYSTEM_NAME, PEER_SERVICE, SERVER_ADDRESS, SERVICE_PEER_NAME};

/// Spans that one map is made of, the newest: enough for a picture, few enough for a glance.
const MOST_SPANS: usize = 200_000;

/// Which spans make up the map.
#[derive(Debug)]
pub(crate) struct Wanted {
    traffic_type: Option<Symbol>,
    service: Option<String>,
    /// First and last start.
    starts_ns: (u64, u64),
}

/// A span among chunks.
type Row<'a> = (&'a SpanChunk, usize);

impl Wanted {
    /// Spans of a filter's `traffic_type` and stretch; of its `service`, only who calls it and whom it calls. `None` if a
    /// word of it never came.
    pub(crate) fn new(filter: &RedFilter, symbols: &Symbols, now: UnixMs) -> Option<Self> {
        let given = |word: &Option<String>| word.clone().filter(|word| !word.is_empty());
        let traffic_type = match given(&filter.traffic_type) {
            None => None,
            Some(word) => Some(symbols.find(&word)?),
        };
        let (from, to) = filter.seconds(now);
        let starts_ns = (from.saturating_mul(1_000_000_000), (to + 1).saturating_mul(1_000_000_000) - 1);
        Some(Self { traffic_type, service: given(&filter.service), starts_ns })
    }

    /// The map of the newest spans among `chunks`.
    pub(crate) fn map(&self, chunks: &[Numbered<SpanChunk>], texts: &Texts, now: UnixMs) -> ServiceMap {
        let (rows, is_cut) = self.newest(chunks);
        let graph = graph(&rows, texts);
        let oldest_ns = rows.last().map_or(self.starts_ns.0, |(chunk, place)| chunk.start_ns[*place]);
        let from_ns = if is_cut { oldest_ns } else { self.starts_ns.0 };
        let until_ns = self.starts_ns.1.min(now.0.saturating_mul(1_000_000));
        let minutes = (until_ns.saturating_sub(from_ns) as f64 / 60e9).max(1.0 / 60.0);
        let is_sample = is_cut || graph.is_full;
        let (nodes, edges) = graph.finish(minutes, self.service.as_deref());
        ServiceMap { nodes, edges, spans_looked_at: rows.len() as u64, is_sample }
    }

    /// The newest rows that fit, the newest first, and whether older ones were left out.
    fn newest<'a>(&self, chunks: &'a [Numbered<SpanChunk>]) -> (Vec<Row<'a>>, bool) {
        let (first, last) = self.starts_ns;
        let mut rows = Vec::new();
        for (_, chunk) in chunks.iter().rev() {
            if chunk.started_ns.is_none_or(|(earliest, latest)| latest < first || earliest > last) {
                continue;
            }
            for place in (0..chunk.start_ns.len()).rev() {
                let is_in = (first..=last).contains(&chunk.start_ns[place]);
                if is_in && self.traffic_type.is_none_or(|traffic_type| chunk.traffic_type[place] == traffic_type) {
                    if rows.len() == MOST_SPANS {
                        return (rows, true);
                    }
                    rows.push((&**chunk, place));
                }
            }
        }
        (rows, false)
    }
}

fn graph(rows: &[Row<'_>], texts: &Texts) -> Graph {
    let mut graph = Graph::default();
    // Services first: their names are known whatever callers say of them.
    let mut places: HashMap<Symbol, Option<Place>> = HashMap::new();
    for (chunk, place) in rows {
        let service = chunk.service[*place];
        places.entry(service).or_insert_with(|| graph.node(texts.text(service), NodeKind::Service));
    }
    let node_of = |(chunk, place): &Row<'_>| places.get(&chunk.service[*place]).copied().flatten();
    let by_id = by_id(rows);
    // Calls whose other side was seen: they are counted once, where they lead.
    let mut is_met = vec![false; rows.len()];
    for row in rows {
        let (chunk, place) = *row;
        let Some(node) = node_of(row) else { continue };
        let own = call(chunk, place);
        let parent_id = chunk.parent_span_id[place];
        if matches!(chunk.kind(place), SpanKind::Server | SpanKind::Consumer) {
            graph.answered(node, own);
        } else if parent_id == 0 {
            graph.began(node, own);
        }
        if parent_id == 0 {
            continue;
        }
        let Some(index) = by_id.get(&(chunk.trace_id[place], parent_id)).copied() else { continue };
        let (caller, at) = rows[index as usize];
        if caller.service[at] == chunk.service[place] {
            continue;
        }
        let is_call = is_call(caller.kind(at));
        if is_call && std::mem::replace(&mut is_met[index as usize], true) {
            continue;
        }
        if let Some(from) = node_of(&rows[index as usize]) {
            graph.called(from, node, if is_call { call(caller, at) } else { own });
        }
    }
    for (row, _) in rows.iter().zip(is_met).filter(|(_, is_met)| !is_met) {
        let (chunk, place) = *row;
        if is_call(chunk.kind(place))
            && let Some((name, kind)) = peer(chunk, place, texts)
            && let (Some(from), Some(to)) = (node_of(row), graph.node(name, kind))
        {
            graph.called(from, to, call(chunk, place));
        }
    }
    graph
}

/// Where the spans are that may be parents.
fn by_id(rows: &[Row<'_>]) -> HashMap<(u128, u64), u32> {
    let mut by_id = HashMap::with_capacity(rows.len());
    by_id.extend(
        rows.iter()
            .enumerate()
            .map(|(index, (chunk, place))| ((chunk.trace_id[*place], chunk.span_id[*place]), index as u32)),
    );
    by_id
}

fn is_call(kind: SpanKind) -> bool {
    matches!(kind, SpanKind::Client | SpanKind::Producer)
}

fn call(chunk: &SpanChunk, place: usize) -> Call {
    Call { duration_ns: chunk.duration_ns[place], is_error: chunk.status(place) == SpanStatus::Error }
}

/// What a call without another side leads to, by its attributes: a database's system, else the peer's name.
fn peer<'a>(chunk: &'a SpanChunk, place: usize, texts: &'a Texts) -> Option<(&'a str, NodeKind)> {
    const BEST_FIRST: [(Symbol, NodeKind); 5] = [
        (DB_SYSTEM_NAME, NodeKind::Database),
        (DB_SYSTEM, NodeKind::Database),
        (SERVICE_PEER_NAME, NodeKind::External),
        (PEER_SERVICE, NodeKind::External),
        (SERVER_ADDRESS, NodeKind::External),
    ];
    let mut found: Option<(usize, &str)> = None;
    for (key, value) in chunk.attributes(place).iter() {
        let Some(rank) = BEST_FIRST.iter().position(|(known, _)| *known == key) else { continue };
        let name = match value {
            Packed::Shared(symbol) => texts.text(symbol),
            Packed::Text(text) => text,
            _ => continue,
        };
        if !name.is_empty() && found.is_none_or(|(best, _)| rank <= best) {
            found = Some((rank, name));
        }
    }
    found.map(|(rank, name)| (name, BEST_FIRST[rank].1))
}
