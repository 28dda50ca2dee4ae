//! Rules about faults and their proofs.

use super::super::Mistakes;
use super::super::tree::{Content, Node};
use super::{inside, names, refers};
use crate::effects::STORAGE_WAIT;
use crate::{Curve, FaultKinds};

pub(super) fn check(root: &Node, kinds: &dyn FaultKinds, mistakes: &mut Mistakes) {
    let queues = names(root, "queues", "name");
    let queries: Vec<&str> =
        root.get("queries").map_or(&[][..], Node::entries).iter().map(|e| e.key.as_str()).collect();
    for fault in root.list("faults") {
        window(fault, root, mistakes);
        arguments(fault, &queues, kinds, mistakes);
        for proof in fault.list("proof") {
            match proof.get("kind").and_then(Node::text) {
                Some("plan") => refers(proof.get("query"), &queries, "query", mistakes),
                Some("pool_waiters") => refers(proof.get("pool"), &queues, "queue", mistakes),
                _ => {}
            }
        }
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

fn arguments(fault: &Node, queues: &[&str], kinds: &dyn FaultKinds, mistakes: &mut Mistakes) {
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
    if kind != STORAGE_WAIT {
        return;
    }
    refers(args.get("queue"), queues, "queue", mistakes);
    // The prediction reads this curve, whatever the kind made of it.
    let Some(curve) = args.get("service_time_ms").filter(|_| found.is_empty()) else {
        return;
    };
    let readable =
        serde_json::from_value::<Curve>(curve.to_json()).is_ok_and(|c| c.points().iter().all(|p| p.1 <= 600_000.0));
    if !readable {
        mistakes.add(
            curve.at,
            "`service_time_ms` is no curve",
            "give points [[minute, milliseconds], ...] whose minutes do not decrease",
        );
    }
}
