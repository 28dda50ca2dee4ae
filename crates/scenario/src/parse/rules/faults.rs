//! Rules about faults and their proofs.

use super::super::Mistakes;
use super::super::tree::{Content, Node};
use super::{inside, names, refers, suggested};
use crate::effects::{LEAK_CONNECTIONS, RETRY_STORM, STORAGE_WAIT};
use crate::{Curve, FaultKinds, World};

/// Greatest value of a curve in arguments that the prediction reads: ten minutes, in milliseconds.
const GREATEST_VALUE: f64 = 600_000.0;

/// What faults and proofs may name.
struct Known<'n> {
    queues: Vec<&'n str>,
    queries: Vec<&'n str>,
    streams: Vec<&'n str>,
    pools: Vec<&'n str>,
    services: &'static [&'static str],
}

impl<'n> Known<'n> {
    fn of(root: &'n Node) -> Self {
        let queues = names(root, "queues", "name");
        let others = World::Shop.pools().iter().filter(|pool| !queues.contains(pool));
        Self {
            pools: queues.iter().copied().chain(others.copied()).collect(),
            queries: root.get("queries").map_or(&[][..], Node::entries).iter().map(|e| e.key.as_str()).collect(),
            streams: names(root, "streams", "name"),
            services: World::Shop.services(),
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

fn proof(proof: &Node, known: &Known<'_>, mistakes: &mut Mistakes) {
    match proof.get("kind").and_then(Node::text) {
        Some("plan") => refers(proof.get("query"), &known.queries, "query", mistakes),
        Some("pool_waiters" | "pool_size" | "pool_leaked") => known.pool(proof.get("pool"), mistakes),
        Some("unreachable") => {
            let parts: Vec<&str> = known.services.iter().copied().chain(["redis"]).collect();
            suggested(proof.get("part"), &parts, "part", "parts of this world", mistakes);
        }
        Some("filter_hits") => known.service(proof.get("service"), mistakes),
        Some("retries_sent") => refers(proof.get("stream"), &known.streams, "stream", mistakes),
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
        }
        RETRY_STORM => refers(args.get("stream"), &known.streams, "stream", mistakes),
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
