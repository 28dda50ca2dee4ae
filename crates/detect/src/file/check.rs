//! What holds between monitors: keys are unique, references lead somewhere and not in a circle.

use std::collections::BTreeMap;

use crate::file::mistake::nearest;
use crate::file::reader::{Node, Reader, text};
use crate::flow::Flow;
use crate::monitor::{Counted, Monitor, MonitorSet};

/// A monitor or flow of the file that says its key, whatever else is wrong with it.
pub(crate) struct Declared<'n, 'a> {
    node: &'n Node<'a>,
    key: String,
    is_monitor: bool,
}

impl<'n, 'a> Declared<'n, 'a> {
    pub(crate) fn of(node: &'n Node<'a>, is_monitor: bool) -> Option<Self> {
        let key = node.data.as_mapping_get("key").and_then(text)?.to_owned();
        Some(Self { node, key, is_monitor })
    }
}

/// Notes what does not hold; the set has each monitor after those it refers to.
pub(crate) fn check(
    reader: &mut Reader,
    declared: &[Declared<'_, '_>],
    monitors: Vec<(&Node<'_>, Monitor)>,
    flows: Vec<(&Node<'_>, Flow)>,
) -> MonitorSet {
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    for Declared { node, key, .. } in declared {
        if let Some(first) = lines.insert(key, node.span.start.line()) {
            let remedy = format!("line {first} has it; choose another");
            reader.mistake(node, format!("the key `{key}` is taken"), remedy);
        }
    }
    let known: Vec<&str> = declared.iter().filter(|one| one.is_monitor).map(|one| one.key.as_str()).collect();
    for (node, monitor) in &monitors {
        monitor.when.each_monitor(&mut |key| refers_to(reader, node, &known, key));
    }
    most_counted(reader, &monitors);
    for (node, flow) in &flows {
        for stage in &flow.stages {
            stage.when.each_monitor(&mut |key| refers_to(reader, node, &known, key));
        }
    }
    MonitorSet { monitors: in_order(reader, monitors), flows: flows.into_iter().map(|(_, flow)| flow).collect() }
}

/// Notes the monitors whose attribute has no room in the counts any more.
fn most_counted(reader: &mut Reader, monitors: &[(&Node<'_>, Monitor)]) {
    let mut set = MonitorSet::default();
    for (node, monitor) in monitors {
        let before = set.counted();
        set.monitors.push(monitor.clone());
        let now = set.counted();
        for (field, before, now) in
            [("flag", before.flags.len(), now.flags.len()), ("attribute", before.numbers.len(), now.numbers.len())]
        {
            if now > before && now > Counted::MOST {
                let message = format!("more than {} different values of `{field}` in one file", Counted::MOST);
                reader.mistake(node, message, "watch fewer of them");
            }
        }
    }
}

fn refers_to(reader: &mut Reader, node: &Node<'_>, known: &[&str], key: &str) {
    if known.contains(&key) {
        return;
    }
    let remedy = match nearest(key, known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("monitors here: {}", known.join(", ")),
    };
    reader.mistake(node, format!("no monitor has the key `{key}`"), remedy);
}

/// Each monitor after those it refers to; those that refer to each other in a circle are mistakes.
fn in_order(reader: &mut Reader, monitors: Vec<(&Node<'_>, Monitor)>) -> Vec<Monitor> {
    let mut waiting = monitors;
    let mut ordered: Vec<Monitor> = Vec::new();
    loop {
        let unresolved: Vec<String> = waiting.iter().map(|(_, monitor)| monitor.key.clone()).collect();
        let (ready, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(_, monitor)| {
            let mut free = true;
            monitor.when.each_monitor(&mut |key| free &= !unresolved.iter().any(|name| name == key));
            free
        });
        if ready.is_empty() {
            for (node, monitor) in &rest {
                let message = format!("the monitor `{}` depends on itself", monitor.key);
                reader.mistake(node, message, "break the circle: one of them must stand on spans or logs");
            }
            return ordered;
        }
        ordered.extend(ready.into_iter().map(|(_, monitor)| monitor));
        waiting = rest;
    }
}
