//! Rules about a load test: targets, data, and who checks the rest.

use super::super::Mistakes;
use super::super::tree::{Entry, Node};
use super::traffic::{Traffic, slots_of_streams};
use super::{journeys, keys, thresholds, title};
use crate::load_test::BUILT_IN_SLOTS;

/// Greatest number of arrivals in all: a digest over them takes some ten seconds.
const MOST_ARRIVALS: f64 = 200e6;

/// Reports what breaks a rule.
pub(in super::super) fn check(root: &Node, mistakes: &mut Mistakes) {
    title(root, mistakes);
    for Entry { node, .. } in root.get("targets").map_or(&[][..], Node::entries) {
        target(node, mistakes);
    }
    for entry in root.get("data").map_or(&[][..], Node::entries) {
        data(entry, mistakes);
    }
    streams(root, mistakes);
    let targets = keys(root, "targets");
    let data = keys(root, "data").unwrap_or_default();
    journeys::check(root.get("journeys").map_or(&[][..], Node::entries), &data, targets.as_deref(), mistakes);
    for threshold in root.list("thresholds") {
        thresholds::check(threshold, root, mistakes);
    }
}

fn streams(root: &Node, mistakes: &mut Mistakes) {
    let traffic = Traffic {
        length: root.get("minutes").and_then(Node::number).filter(|m| *m > 0.0 && *m <= 1440.0),
        journeys: keys(root, "journeys"),
        all_journeys: "journeys of this file",
        slots: slots_of_streams(root),
    };
    let arrivals = traffic.check(root, mistakes);
    if let Some(streams) = root.get("streams").filter(|_| arrivals > MOST_ARRIVALS) {
        let remedy = format!("keep within {MOST_ARRIVALS:.0}: lower the rates or shorten the test");
        mistakes.add(streams.at, format!("{arrivals:.0} arrivals in all"), remedy);
    }
}

fn data(entry: &Entry, mistakes: &mut Mistakes) {
    let Entry { key, key_at, node } = entry;
    if let Some(slot) = BUILT_IN_SLOTS.iter().find(|slot| slot.name == key) {
        mistakes.add(*key_at, format!("`{key}` is built in: {}", slot.about), "give it another name");
    }
    if let (Some(from), Some(to)) = (node.get("from"), node.get("to"))
        && let (Some(least), Some(most)) = (from.number(), to.number())
        && least > most
    {
        mistakes.add(to.at, format!("`to` is {most}, `from` is {least}"), "count upwards");
    }
}

fn target(node: &Node, mistakes: &mut Mistakes) {
    let Some((at, url)) = node.get("url").or(Some(node)).and_then(|n| Some((n.at, n.text()?))) else {
        return;
    };
    if let Err(message) = origin(url) {
        mistakes.add(at, message, "write `http://HOST[:PORT][/PATH]`, or the same with https");
        return;
    }
    let given = |key: &str| node.entries().iter().find(|entry| entry.key == key);
    if url.starts_with("http://") {
        for entry in ["ca_file", "insecure"].into_iter().filter_map(given) {
            let remedy = "leave it out, or begin the URL with https";
            mistakes.add(entry.key_at, format!("`{}` means nothing without TLS", entry.key), remedy);
        }
    } else if let (Some(_), Some(insecure)) = (given("ca_file"), given("insecure")) {
        let remedy = "keep `ca_file`: with `insecure` it would not be looked at";
        mistakes.add(insecure.key_at, "`insecure` together with `ca_file`", remedy);
    }
}

/// What is wrong with the URL of a target.
fn origin(url: &str) -> Result<(), String> {
    let shown = || url.chars().take(80).collect::<String>();
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let rest = rest.ok_or_else(|| format!("{:?} does not begin with http:// or https://", shown()))?;
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err("the URL has a user in it: send an `authorization` header instead".to_owned());
    }
    let (host, port) = match authority.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, port)) => (host, Some(port.strip_prefix(':').unwrap_or_default())),
        None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let is_address = authority.starts_with('[') && host.parse::<core::net::Ipv6Addr>().is_ok();
    let is_name = !authority.starts_with('[')
        && (1..=253).contains(&host.len())
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    if !is_address && !is_name {
        return Err(format!("{:?} has no host", shown()));
    }
    if port.is_some_and(|port| port.starts_with('+') || !port.parse::<u16>().is_ok_and(|port| port > 0)) {
        return Err(format!("{:?} has no port from 1 to 65535", shown()));
    }
    if path.contains(['?', '#']) || !path.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(format!("{:?} has more than a path", shown()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_scheme_a_host_and_perhaps_a_port_and_a_path() {
        for right in [
            "http://127.0.0.1:8080",
            "https://shop.test",
            "http://localhost/",
            "https://a-b.c_d.test:443/api/v1",
            "http://[::1]:80",
            "http://[::1]",
        ] {
            assert_eq!(origin(right), Ok(()), "{right}");
        }
        for wrong in [
            "",
            "localhost:80",
            "ftp://a",
            "http://",
            "http://:80",
            "http://a:",
            "http://a:0",
            "http://a:+1",
            "http://a:65536",
            "http://a:80:80",
            "http://u:p@a",
            "http://a b",
            "http://[::1",
            "http://[zz]",
            "http://[::1]80",
            "http://a?x=1",
            "http://a/#x",
            "http://ä.test",
            "HTTP://a",
        ] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}
