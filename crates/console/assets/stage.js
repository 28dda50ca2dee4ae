// The Stage page: parts are patched as they come, charts get new data.
"use strict";

(() => {
  // A canvas needs a colour, not the two of light-dark(): an element that wears it says which one it is.
  const swatch = document.body.appendChild(Object.assign(document.createElement("span"), { hidden: true }));
  const colour = (name) => { swatch.style.color = `var(${name})`; return getComputedStyle(swatch).color; };
  const charts = [];
  // As stage.css has them; further lanes share the last.
  const colours = ["--baseline", "--demo", "--warn", "--ok", "--ink-2"];
  let latest = null;
  let drawn = "";

  const lanes = () => (latest?.curves ?? []).map((curve) => curve.traffic_type);
  const colourOf = (place) => colours[Math.min(place, colours.length - 1)];

  const percent = (value) => value == null ? "" : (value * 100).toFixed(value < 0.1 && value > 0 ? 1 : 0) + " %";
  const seconds = (value) => value == null ? "" : value >= 1000 ? (value / 1000).toFixed(1) + " s" : Math.round(value) + " ms";

  // Stretches in which a fault is in, and the current minute, behind the curves.
  function background(chart) {
    const { ctx, bbox } = chart;
    const play = latest?.play;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.fillStyle = colour("--shade");
    // One shade however many faults are in at once.
    let shaded = -Infinity;
    for (const fault of [...(play?.faults ?? [])].sort((a, b) => a.from - b.from)) {
      const from = Math.max(fault.from, shaded), until = fault.until;
      if (until <= from) continue;
      const left = chart.valToPos(from, "x", true);
      ctx.fillRect(left, bbox.top, chart.valToPos(until, "x", true) - left, bbox.height);
      shaded = until;
    }
    if (latest?.minute != null) {
      const now = chart.valToPos(latest.minute, "x", true);
      ctx.fillStyle = colour("--ink-3");
      ctx.fillRect(now - 1, bbox.top, 2, bbox.height);
    }
    ctx.restore();
  }

  function options(element, measure) {
    const isShare = measure === "error_rate";
    const show = isShare ? percent : seconds;
    const axis = {
      stroke: colour("--ink-2"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
      font: "14px system-ui, sans-serif",
    };
    const line = (label, stroke, width, dash) => ({
      label, stroke: colour(stroke), width, dash, spanGaps: true, points: { show: false },
      value: (_, value) => show(value),
    });
    return {
      width: Math.max(element.clientWidth, 100),
      height: Math.max(element.clientHeight, 100),
      legend: { show: false },
      cursor: { y: false, points: { size: 7 } },
      padding: [10, 14, 0, 0],
      scales: {
        x: { time: false, range: () => latest?.play ? [0, latest.play.minutes] : [-15, 0] },
        y: { range: (_, __, max) => [0, isShare ? (max > 0.5 ? 1 : Math.max((max ?? 0) * 1.3, 0.05)) : Math.max((max ?? 0) * 1.15, 600)] },
      },
      axes: [
        { ...axis, size: 32, values: (_, ticks) => ticks.map((tick) => latest?.play ? tick : tick === 0 ? "now" : tick + " min") },
        { ...axis, size: 62, values: (_, ticks) => ticks.map(show) },
      ],
      series: [
        {},
        ...lanes().map((lane, place) => line(`${lane}, predicted`, colourOf(place), place ? 2 : 1.5, place ? [7, 6] : [5, 6])),
        ...lanes().map((lane, place) => line(lane, colourOf(place), place ? 3.5 : 2.5)),
      ],
      hooks: { drawClear: [background] },
    };
  }

  function table(measure) {
    const predicted = (stream) => {
      // Where nobody comes there is nothing to predict.
      const points = (latest?.play?.predicted ?? []).filter((point) => point.stream === stream && point.arrivals_per_minute > 0);
      return [points.map((point) => point.minute), points.map((point) => point[measure])];
    };
    const measured = (stream) => {
      const curve = (latest?.curves ?? []).find((curve) => curve.traffic_type === stream);
      return curve ? [curve.minutes, curve[measure]] : [[], []];
    };
    return uPlot.join([...lanes().map(predicted), ...lanes().map(measured)]);
  }

  function build() {
    charts.splice(0).forEach(({ chart }) => chart.destroy());
    drawn = lanes().join();
    document.querySelectorAll(".plot").forEach((element) => {
      const measure = element.dataset.measure;
      charts.push({ measure, element, chart: new uPlot(options(element, measure), table(measure), element) });
    });
  }

  function draw() {
    // Another play has other traffic.
    if (charts.length === 0 || drawn !== lanes().join()) build();
    charts.forEach(({ chart, measure }) => chart.setData(table(measure)));
  }

  function resize() {
    charts.forEach(({ chart, element }) => {
      const width = Math.max(element.clientWidth, 100), height = Math.max(element.clientHeight, 100);
      if (width !== chart.width || height !== chart.height) chart.setSize({ width, height });
    });
  }

  function hear(event) {
    if (Doorbuster.isPaused()) return;
    const message = JSON.parse(event.data);
    latest = message.snapshot;
    for (const [id, html] of message.parts) Doorbuster.patch(id, html);
    draw();
    Doorbuster.live(true);
  }

  // The view for a room is the same page without what surrounds it: stage.css does it all.
  function present(is) {
    const address = new URL(location.href);
    if (is) { document.documentElement.dataset.present = ""; address.searchParams.set("present", ""); }
    else { delete document.documentElement.dataset.present; address.searchParams.delete("present"); }
    history.replaceState(null, "", address);
  }
  const isPresented = () => "present" in document.documentElement.dataset;
  document.addEventListener("click", (event) => { if (event.target.closest("#present")) present(true); });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("dialog, input")) return;
    if (isPresented() && (event.key === "Escape" || event.key === "p")) present(false);
  });

  document.addEventListener("DOMContentLoaded", () => {
    const events = new EventSource("/api/stage/events");
    events.addEventListener("stage", hear);
    events.onerror = () => Doorbuster.live(false);
    const watcher = new ResizeObserver(resize);
    document.querySelectorAll(".plot").forEach((element) => watcher.observe(element));
  });
  const repaint = () => { if (charts.length > 0) build(); };
  document.addEventListener("themechange", repaint);
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", repaint);
})();
