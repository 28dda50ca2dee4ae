//! Monitors and flows in the file.

use crate::file::check::{Declared, check};
use crate::file::conditions::Leaves;
use crate::file::mistake::Mistake;
use crate::file::reader::{Node, Object, Reader, load};
use crate::flow::{Flow, Stage};
use crate::monitor::{Monitor, MonitorSet, NoData, Priority};

/// The words for priorities.
const PRIORITIES: [(&str, Priority); 4] =
    [("p1", Priority::P1), ("p2", Priority::P2), ("p3", Priority::P3), ("p4", Priority::P4)];

/// What monitors and flows have in common.
struct Head {
    key: Option<String>,
    name: String,
    priority: Priority,
    runbook: Option<String>,
    by_traffic_type: bool,
}

/// Reads a monitor file.
///
/// # Errors
/// Every mistake in it, in the order of the file: not YAML, unknown or missing fields, values out of range, keys given
/// twice, references to monitors that are not there or that lead in a circle.
pub fn parse(text: &str) -> Result<MonitorSet, Vec<Mistake>> {
    let root = load(text).map_err(|mistake| vec![mistake])?;
    let mut reader = Reader::default();
    let mut monitors = Vec::new();
    let mut flows = Vec::new();
    let mut declared = Vec::new();
    if let Some(object) = reader.object(&root, "the file", &["monitors", "flows"]) {
        if let Some(node) = reader.required(&object, "monitors", "the file", "[..]") {
            for item in reader.list(node, "`monitors`").unwrap_or_default() {
                declared.extend(Declared::of(item, true));
                monitors.extend(reader.monitor(item).map(|monitor| (item, monitor)));
            }
        }
        if let Some(node) = object.get("flows") {
            for item in reader.list(node, "`flows`").unwrap_or_default() {
                declared.extend(Declared::of(item, false));
                flows.extend(reader.flow(item).map(|flow| (item, flow)));
            }
        }
    }
    let checked = check(&mut reader, &declared, monitors, flows);
    let mistakes = reader.into_mistakes();
    if mistakes.is_empty() { Ok(checked) } else { Err(mistakes) }
}

impl Reader {
    fn head(&mut self, object: &Object<'_, '_>, what: &str) -> Head {
        let key = self.required(object, "key", what, "slow-queries").and_then(|node| self.key(node, "`key`"));
        let name = self.optional_text(object, "name", what).or_else(|| key.clone()).unwrap_or_default();
        let priority = object.get("priority").and_then(|node| self.choice(node, "`priority`", &PRIORITIES));
        let by_traffic_type =
            object.get("group_by").and_then(|node| self.choice(node, "`group_by`", &[("traffic.type", true)]));
        Head {
            key,
            name,
            priority: priority.unwrap_or(Priority::P3),
            runbook: self.optional_text(object, "runbook", what),
            by_traffic_type: by_traffic_type.unwrap_or(false),
        }
    }

    fn monitor(&mut self, node: &Node<'_>) -> Option<Monitor> {
        let what = "a monitor";
        let known = ["key", "name", "priority", "runbook", "group_by", "when", "for", "keep_firing", "no_data"];
        let object = self.object(node, what, &known)?;
        let head = self.head(&object, what);
        let when = self
            .required(&object, "when", what, "{spans: {..}, measure: p95_ms, window: 30s, above: 500}")
            .and_then(|node| self.condition(node, "`when`", Leaves::Any));
        let no_data = object.get("no_data").and_then(|node| {
            self.choice(
                node,
                "`no_data`",
                &[("resolve", NoData::Resolve), ("hold", NoData::Hold), ("fire", NoData::Fire)],
            )
        });
        let hold = self.duration_or_zero(&object, "for", what);
        let keep_firing = self.duration_or_zero(&object, "keep_firing", what);
        Some(Monitor {
            key: head.key?,
            name: head.name,
            priority: head.priority,
            runbook: head.runbook,
            by_traffic_type: head.by_traffic_type,
            when: when?,
            hold,
            keep_firing,
            no_data: no_data.unwrap_or(NoData::Resolve),
        })
    }

    fn flow(&mut self, node: &Node<'_>) -> Option<Flow> {
        let what = "a flow";
        let known = ["key", "name", "priority", "runbook", "group_by", "stages", "held", "keep_firing"];
        let object = self.object(node, what, &known)?;
        let head = self.head(&object, what);
        let stages = self.required(&object, "stages", what, "[{when: slow-queries}, {when: .., within: 10m}]");
        let items = stages.and_then(|node| self.list(node, "`stages`")).unwrap_or_default();
        if let (Some(node), 1) = (stages, items.len()) {
            self.mistake(node, "a flow with one stage is a monitor", "add the stage that follows, or write a monitor");
        }
        let read: Vec<Option<Stage>> = items.iter().enumerate().map(|(index, item)| self.stage(item, index)).collect();
        let held = self.duration_or_zero(&object, "held", what);
        let keep_firing = self.duration_or_zero(&object, "keep_firing", what);
        Some(Flow {
            key: head.key?,
            name: head.name,
            priority: head.priority,
            runbook: head.runbook,
            by_traffic_type: head.by_traffic_type,
            stages: read.into_iter().collect::<Option<Vec<_>>>().filter(|stages| !stages.is_empty())?,
            held,
            keep_firing,
        })
    }

    fn stage(&mut self, node: &Node<'_>, index: usize) -> Option<Stage> {
        let what = "a stage";
        let object = self.object(node, what, &["name", "when", "within"])?;
        let condition = self
            .required(&object, "when", what, "slow-queries")
            .and_then(|node| self.condition(node, "`when` of a stage", Leaves::MonitorsOnly));
        let within = match (index, object.get("within")) {
            (0, Some(node)) => {
                self.mistake(node, "the first stage follows nothing", "leave `within` out here");
                None
            }
            (0, None) => None,
            (_, Some(node)) => self.duration(node, "`within`"),
            (_, None) => {
                self.mistake(
                    object.node,
                    "a stage needs `within`",
                    "say how long after the stage before: `within: 10m`",
                );
                None
            }
        };
        let name = self.optional_text(&object, "name", what);
        let when = condition?;
        Some(Stage { name: name.unwrap_or_else(|| crate::describe::condition(&when)), when, within })
    }
}
