//! Groups: the values of `traffic.type` that monitors and flows follow separately.

use std::collections::{BTreeMap, BTreeSet};

use crate::monitor::When;
use crate::watched::Watched;

/// The most values of `traffic.type` that one monitor follows; those that come later are left out.
const MOST_GROUPS: usize = 32;

/// The `traffic.type` that a state is about.
pub(crate) type Group = Option<String>;

/// Whether the monitor `key` fires for `group`. A monitor without groups answers for all; somebody without a group
/// asks about any.
pub(crate) fn fires(monitors: &[Watched], key: &str, group: &Group, asks_by_group: bool) -> bool {
    let Some(watched) = monitors.iter().find(|watched| watched.monitor.key == key) else {
        return false;
    };
    if watched.monitor.by_traffic_type && asks_by_group {
        watched.groups.get(group).is_some_and(|state| state.alert.fires())
    } else {
        watched.groups.values().any(|state| state.alert.fires())
    }
}

/// The groups of all monitors that `when` refers to.
pub(crate) fn groups_of(when: &When, monitors: &[Watched]) -> BTreeSet<Group> {
    let mut groups = BTreeSet::new();
    when.each_monitor(&mut |key| {
        let found = monitors.iter().filter(|watched| watched.monitor.key == key && watched.monitor.by_traffic_type);
        groups.extend(found.flat_map(|watched| watched.groups.keys().cloned()));
    });
    groups
}

/// Adds what is not there yet, up to [`MOST_GROUPS`].
pub(crate) fn admit<S: Default>(groups: &mut BTreeMap<Group, S>, seen: impl IntoIterator<Item = Group>) {
    for group in seen {
        if groups.len() < MOST_GROUPS || groups.contains_key(&group) {
            groups.entry(group).or_default();
        }
    }
}
