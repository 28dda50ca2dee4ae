"""Starts a console, lets each SDK play telemetry.json, and holds what the console's API says against it.

`run.py DOORBUSTER PYTHON NODE_MODULES`: the program, a Python with the SDK, a folder with Node's packages.
"""

import json
import math
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).parent
TOLD = json.loads((HERE / "telemetry.json").read_text())
WITHIN = 30  # seconds, for everything that is waited for


class Console:
    """A console on free ports; it ends with the `with`."""

    def __init__(self, program):
        self.program = program

    def __enter__(self):
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
        pages, grpc, http = [each.getsockname()[1] for each in sockets]
        for each in sockets:
            each.close()
        self.pages, self.grpc, self.http = [f"http://127.0.0.1:{port}" for port in (pages, grpc, http)]
        flags = {"--port": pages, "--otlp-grpc-port": grpc, "--otlp-http-port": http}
        command = [self.program, "console", *(str(word) for flag in flags.items() for word in flag)]
        self.process = subprocess.Popen(command, env={**os.environ, "RUST_LOG": "warn"})
        until("the console answers", lambda: self.get("/api/health"))
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=WITHIN)

    def get(self, path, **fields):
        query = f"?{urllib.parse.urlencode(fields)}" if fields else ""
        try:
            with urllib.request.urlopen(f"{self.pages}{path}{query}", timeout=WITHIN) as answer:
                return json.load(answer)
        except (urllib.error.HTTPError, urllib.error.URLError):
            return None


def until(what, look):
    deadline = time.monotonic() + WITHIN
    while not (found := look()):
        if time.monotonic() > deadline:
            sys.exit(f"interop: never happened: {what}")
        time.sleep(0.05)
    return found


def same(told, found):
    """Equal in kind too: Python takes True for 1. Fractions may have been added up in another order."""
    if isinstance(told, bool) or isinstance(found, bool):
        return told is found
    if isinstance(told, (int, float)) and isinstance(found, (int, float)):
        return told == found or isinstance(told, float) and math.isclose(told, found)
    if isinstance(told, dict) and isinstance(found, dict):
        return told.keys() == found.keys() and all(same(told[key], found[key]) for key in told)
    if isinstance(told, (list, tuple)) and isinstance(found, (list, tuple)):
        return len(told) == len(found) and all(map(same, told, found))
    return told == found


class Differences(list):
    def expect(self, what, told, found):
        if not same(told, found):
            self.append(f"{what}: sent {told!r}, the console has {found!r}")


def spans(console, service, wrong):
    newest = until(f"traces of {service}", lambda: [
        found for found in [console.get("/api/traces", service=service)] if found and len(found) == 2])[0]
    by_root = {trace["root_operation"]: trace for trace in newest}
    main = console.get(f"/api/traces/{by_root[TOLD['spans'][0]['name']]['trace_id']}")
    earlier = console.get(f"/api/traces/{by_root[TOLD['earlier']]['trace_id']}")
    found = {span["name"]: span for span in main["spans"]}
    wrong.expect("names of spans", sorted(told["name"] for told in TOLD["spans"]), sorted(found))
    ids = {}
    for told in TOLD["spans"]:
        name = told["name"]
        span = found.get(name)
        if span is None:
            continue
        ids[name] = span["span_id"]
        expect = lambda what, *values: wrong.expect(f"span {name}, {what}", *values)
        expect("kind", told["kind"], span["kind"])
        expect("duration", float(told["milliseconds"]), span["duration_ms"])
        expect("attributes", told["attributes"], span["attributes"])
        expect("status", "error" if "error" in told else "ok", span["status"])
        expect("status message", told.get("error", ""), span.get("status_message", ""))
        expect("events", told["events"], [{key: event[key] for key in ("name", "attributes")} for event in span["events"]])
        start = int(span["start_unix_nanos"])
        expect("moments of events", [start + 1_000_000] * len(told["events"]), [int(event["time_unix_nanos"]) for event in span["events"]])
        link = earlier["spans"][0]
        links = [{"trace_id": earlier["trace_id"], "span_id": link["span_id"], **one} for one in told["links"]]
        expect("links", links, [{key: one[key] for key in ("trace_id", "span_id", "attributes")} for one in span.get("links", [])])
        expect("parent", ids.get(told["parent"] is not None and TOLD["spans"][told["parent"]]["name"]), span["parent_span_id"])
        for key, value in TOLD["resource"].items():
            expect(f"resource, {key}", value, span["resource"].get(key))
        expect("service", service, span["service"])
    return main["trace_id"], ids


def logs(console, service, trace_id, ids, wrong):
    records = until(f"logs of {service}", lambda: [
        found for found in [console.get("/api/logs", service=service)] if found and len(found) == len(TOLD["logs"])])[0]
    for told in TOLD["logs"]:
        is_text = isinstance(told["body"], str)
        body = lambda record: record["body"] if is_text else record["body"].startswith("{") and json.loads(record["body"])
        record = next((record for record in records if body(record) == told["body"]), None)
        if record is None:
            wrong.append(f"log {told['body']!r} is not there; there are {[record['body'] for record in records]}")
            continue
        expect = lambda what, *values: wrong.expect(f"log {told['word']}, {what}", *values)
        expect("severity", told["word"], record["severity"])
        expect("event", told["event"], record["event"])
        expect("attributes", told["attributes"], record["attributes"])
        in_span = told["span"] is not None
        expect("trace", trace_id if in_span else None, record["trace_id"])
        expect("span", ids[TOLD["spans"][told["span"]]["name"]] if in_span else None, record["span_id"])


KINDS = {
    "counter": "sum", "up_down_counter": "sum", "observable_counter": "sum", "gauge": "gauge", "observable_gauge": "gauge",
    "histogram": "histogram", "exponential_histogram": "exponential_histogram",
}


def metrics(console, service, wrong):
    count = 2 * len(TOLD["metrics"])
    points = until(f"metrics of {service}", lambda: [
        found for found in [console.get("/api/metrics", service=service)] if found and len(ours(found)) >= count])[0]
    found = {point["name"]: point for point in ours(points)}
    for temporality in ("cumulative", "delta"):
        for told in TOLD["metrics"]:
            name = f"{told['name']}.{temporality}"
            point = found.get(name)
            if point is None:
                wrong.append(f"metric {name} is not there")
                continue
            expect = lambda what, *values: wrong.expect(f"metric {name}, {what}", *values)
            kind, values = KINDS[told["kind"]], told["values"]
            expect("kind", kind, point["kind"])
            expect("unit", told["unit"], point["unit"])
            expect("attributes", told["attributes"], point["attributes"])
            # With the preference "delta" what goes up and down stays cumulative; gauges have neither.
            expected = None if kind == "gauge" else "cumulative" if told["kind"] == "up_down_counter" else temporality
            expect("temporality", expected, point["temporality"])
            value = point["value"]
            if kind == "sum":
                expect("value", sum(values), value)
            elif kind == "gauge":
                expect("value", values[-1], value)
            else:
                expect("count", len(values), value["count"])
                expect("sum", float(sum(values)), value["sum"])
                expect("range", (min(values), max(values)), (value["min"], value["max"]))
            if kind == "histogram":
                edges = [-math.inf, *told["bounds"], math.inf]
                expect("bounds", told["bounds"], value["bounds"])
                expect("counts", [sum(low < one <= high for one in values) for low, high in zip(edges, edges[1:])], value["counts"])
            elif kind == "exponential_histogram":
                buckets = value["positive"]
                counts = {buckets["offset"] + place: count for place, count in enumerate(buckets["counts"]) if count}
                index = lambda one: math.ceil(math.log2(one) * 2 ** value["scale"]) - 1
                told_counts = {}
                for one in filter(None, values):
                    told_counts[index(one)] = told_counts.get(index(one), 0) + 1
                expect("buckets", told_counts, counts)
                expect("zeros", values.count(0), value["zero_count"])


def ours(points):
    """SDKs send metrics about themselves too."""
    names = {f"{told['name']}.{temporality}" for told in TOLD["metrics"] for temporality in ("cumulative", "delta")}
    return [point for point in points if point["name"] in names]


def main():
    program, python, node_modules = sys.argv[1:]
    python_send, node_send = [python, HERE / "python/send.py"], ["node", HERE / "node/send.cjs"]
    senders = [("python-grpc", python_send, "grpc"), ("python-http", python_send, "http")]
    senders += [(f"node-{protocol}", node_send, protocol) for protocol in ("grpc", "proto", "json")]
    failed = False
    with Console(program) as console:
        for service, command, protocol in senders:
            environment = {**os.environ, "NODE_PATH": node_modules, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
            sent = subprocess.run([*command, protocol, console.grpc, console.http], env=environment, timeout=60)
            wrong = Differences()
            if sent.returncode:
                wrong.append(f"the sender ended with {sent.returncode}")
            else:
                trace_id, ids = spans(console, service, wrong)
                logs(console, service, trace_id, ids, wrong)
                metrics(console, service, wrong)
            print(f"interop: {service}: {'DIFFERS' if wrong else 'all arrived as it was'}")
            for line in wrong:
                print(f"  {line}")
            failed |= bool(wrong)
        health = console.get("/api/health")
        lost = {key: health[key] for key in ("spans_dropped", "requests_refused", "requests_invalid") if health[key]}
        if lost:
            print(f"interop: the console lost something: {lost}")
            failed = True
    sys.exit(1 if failed else 0)


main()
