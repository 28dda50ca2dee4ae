//! Rules about faults and their proofs.

use super::super::Mistakes;
use super::super::tree::{Content, Node};
use super::{inside, names, refers, suggested};
use crate::effects::{LEAK_CONNECTIONS, MALFORMED_REQUEST, PROMPT_BLOAT, RETRY_STORM, SLOW_REQUEST, STORAGE_WAIT};
use crate::{Curve, FaultKinds, World};

/// Greatest value of a curve in arguments that the prediction reads: ten minutes, in milliseconds.
const GREATEST_VALUE: f64 = 600_000.0;

/// Kinds that act on PostgreSQL or Redis.
const OF_STORES: [&str; 6] = ["drop_index", STORAGE_WAIT, LEAK_CONNECTIONS, "resize_pool", "lock_table", "kill_redis"];

/// What faults and proofs may name.
struct Known<'n> {
    queues: Vec<&'n str>,
    queries: Vec<&'n str>,
    streams: Vec<&'n str>,
    pools: Vec<&'n str>,
    services: &'static [&'static str],
    world: World,
}

impl<'n> Known<'n> {
    fn of(root: &'n Node) -> Self {
        let queues = names(root, "queues", "name");
        // A file without a world that is known has been told so: the largest one lets most of the rest pass.
        let world = root.get("world").and_then(Node::text).and_then(World::named).unwrap_or(World::Shop);
        let others = world.pools().iter().filter(|pool| !queues.contains(pool));
        Self {
            pools: queues.iter().copied().chain(others.copied()).collect(),
            queries: root.get("queries").map_or(&[][..], Node::entries).iter().map(|e| e.key.as_str()).collect(),
            streams: names(root, "streams", "name"),
            services: world.services(),
            world,
            queues,
        }
    }

    fn pool(&self, node: Option<&Node>, mistakes: &mut Mistakes) {
        suggested(node, &self.pools, "pool", "pools of the world and queues of this file", mistakes);
    }

    fn service(&self, node: Option<&Node>, mistakes: &mut Mistakes) {
        suggested(node, self.services, "service", "services of this world", mistakes);
    }
}

pub(super) fn check(root: &Node, kinds: &dyn FaultKinds, mistakes: &mut Mistakes) {
    let known = Known::of(root);
    one_change_at_a_time(root.list("faults"), mistakes);
    for fault in root.list("faults") {
        window(fault, root, mistakes);
        arguments(fault, &known, kinds, mistakes);
        for proof in fault.list("proof") {
            self::proof(proof, &known, mistakes);
        }
    }
}

/// How often a failed request is sent again by the fault that insists the most.
pub(super) fn most_retries(root: &Node) -> f64 {
    let storms = root.list("faults").iter().filter(|fault| fault.get("kind").and_then(Node::text) == Some(RETRY_STORM));
    storms.filter_map(|storm| storm.get("args")?.get("retries")?.number()).fold(0.0, f64::max)
}

/// A stream's requests can be changed by one fault at a time: the second would be refused when its minute comes.
fn one_change_at_a_time(faults: &[Node], mistakes: &mut Mistakes) {
    let of = |fault: &'_ Node| -> Option<(String, f64, f64)> {
        let kind = fault.get("kind").and_then(Node::text)?;
        let stream = fault.get("args")?.get("stream")?.text()?.to_owned();
        let times = (fault.get("from")?.number()?, fault.get("until")?.number()?);
        [MALFORMED_REQUEST, SLOW_REQUEST, PROMPT_BLOAT].contains(&kind).then_some((stream, times.0, times.1))
    };
    let changes: Vec<_> = faults.iter().filter_map(|fault| of(fault).map(|change| (fault, change))).collect();
    for (position, (fault, (stream, from, until))) in changes.iter().enumerate() {
        let overlaps = |(_, (other, begins, ends)): &&(&Node, (String, f64, f64))| {
            other == stream && begins < until && from < ends
        };
        if let Some((first, _)) = changes[..position].iter().find(overlaps) {
            let message = format!("the requests of {stream} are changed by two faults at once");
            let line = first.at.line;
            mistakes.add(
                fault.at,
                message,
                format!("the first stands in line {line}: move one of them, or take another stream"),
            );
        }
    }
}

fn proof(proof: &Node, known: &Known<'_>, mistakes: &mut Mistakes) {
    match proof.get("kind").and_then(Node::text) {
        Some("plan") => refers(proof.get("query"), &known.queries, "query", mistakes),
        Some("pool_waiters" | "pool_size" | "pool_leaked") => known.pool(proof.get("pool"), mistakes),
        Some("unreachable") => {
            let parts: Vec<&str> = known.services.iter().copied().chain(["redis"]).collect();
            suggested(proof.get("part"), &parts, "part", "parts of this world", mistakes);
        }
        Some("filter_hits") => known.service(proof.get("service"), mistakes),
        Some("retries_sent" | "requests_changed") => refers(proof.get("stream"), &known.streams, "stream", mistakes),
        _ => {}
    }
}

fn window(fault: &Node, root: &Node, mistakes: &mut Mistakes) {
    inside(fault.get("from"), root, "`from`", mistakes);
    inside(fault.get("until"), root, "`until`", mistakes);
    let (Some(from), Some(until)) = (fault.get("from"), fault.get("until")) else {
        return;
    };
    if let (Some(first), Some(last)) = (from.number(), until.number())
        && last <= first
    {
        mistakes.add(until.at, format!("`until` is {last}, `from` is {first}"), "undo a fault after it was applied");
    }
}

fn arguments(fault: &Node, known: &Known<'_>, kinds: &dyn FaultKinds, mistakes: &mut Mistakes) {
    let (Some(kind), Some(args)) = (fault.get("kind").and_then(Node::text), fault.get("args")) else {
        return;
    };
    if !kinds.names().contains(&kind) || !matches!(args.content, Content::Map(_)) {
        return;
    }
    if !known.world.has_stores() && OF_STORES.contains(&kind) {
        let message =
            format!("{kind:?} acts on PostgreSQL or Redis, which the world {} does not have", known.world.name());
        mistakes.add(fault.at, message, "choose another kind: `doorbuster fault list`");
    }
    let found = kinds.check(kind, &args.to_json());
    for mistake in &found {
        mistakes.add(args.nearest(&mistake.path).at, mistake.message.as_str(), mistake.remedy.as_str());
    }
    match kind {
        STORAGE_WAIT => {
            refers(args.get("queue"), &known.queues, "queue", mistakes);
            readable(args, "service_time_ms", "milliseconds", found.is_empty(), mistakes);
        }
        LEAK_CONNECTIONS => {
            known.pool(args.get("pool"), mistakes);
            readable(args, "leaked", "sessions", found.is_empty(), mistakes);
        }
        "resize_pool" => known.pool(args.get("pool"), mistakes),
        "http_latency" | "http_error" | "kill_service" | "pause_service" => {
            known.service(args.get("service"), mistakes);
            refers(args.get("traffic_type"), &known.streams, "stream", mistakes);
        }
        RETRY_STORM | MALFORMED_REQUEST | SLOW_REQUEST | PROMPT_BLOAT => {
            refers(args.get("stream"), &known.streams, "stream", mistakes)
        }
        _ => {}
    }
}

/// The prediction reads the curve under `key`, whatever the kind made of it.
fn readable(args: &Node, key: &str, unit: &str, is_right_so_far: bool, mistakes: &mut Mistakes) {
    let Some(curve) = args.get(key).filter(|_| is_right_so_far) else {
        return;
    };
    let within = |c: Curve| c.points().iter().all(|p| (0.0..=GREATEST_VALUE).contains(&p.1));
    if !serde_json::from_value::<Curve>(curve.to_json()).is_ok_and(within) {
        mistakes.add(
            curve.at,
            format!("`{key}` is no curve"),
            format!("give points [[minute, {unit}], ...] whose minutes do not decrease"),
        );
    }
}
