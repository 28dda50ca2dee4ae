// The report of a load test: draws its charts from the data that stands in the page. Asks for nothing from anywhere.
"use strict";

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);

  const { colour, short, latency } = Charts;
  const rate = (value) => value == null ? "–" : value === 0 ? "0" : (value < 100 ? short(value, 1) : Math.round(value).toLocaleString("en")) + "/s";
  const time = (seconds) => {
    const whole = Math.round(seconds), m = Math.floor(whole / 60), s = whole % 60;
    return m > 0 || whole >= 60 ? `${m}:${String(s).padStart(2, "0")}` : `${whole} s`;
  };
  // 1 / (1 - q) as a percentage: 1000 is 99.9 %.
  const percentile = (x) => x <= 1 ? "" : short((1 - 1 / x) * 100, Math.max(0, Math.ceil(Math.log10(x) - 1.0001))) + " %";

  // The median, and each power of ten of 1 / (1 - q).
  const MARKS = [1, 2, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

  // What each chart shows: lines of [label, key, colour, width, dash].
  const KINDS = {
    rate: {
      x: "t", show: rate, over: "time",
      lines: [
        ["due", "due", "--ink-3", 1.5, [4, 4]], ["answered", "answered", "--ok", 2.5],
        ["failed", "errors", "--critical", 2], ["dropped", "dropped", "--demo", 2, [8, 4]],
      ],
    },
    latency: {
      x: "t", show: latency, over: "time", is_latency: true,
      lines: [["p99", "p99", "--demo", 2], ["p95", "p95", "--ok", 2], ["p50", "p50", "--baseline", 2]],
    },
    percentiles: {
      x: "x", show: latency, over: "percentile", is_latency: true,
      lines: [["from the intended start", "corrected", "--ok", 2.5], ["from the actual start", "uncorrected", "--warn", 2, [6, 5]]],
    },
    lag: {
      x: "x", show: latency, over: "percentile", is_latency: true,
      lines: [["schedule lag", "lag", "--baseline", 2.5]],
    },
  };

  let chosen = 0, isLog = false;

  const source = (kind) => kind === "lag" ? data.lag : data.streams[chosen][kind === "percentiles" ? "percentiles" : "seconds"];
  // A line without a value anywhere is left out: most tests drop nothing.
  const shown = (kind) => KINDS[kind].lines.filter(([, key]) => key !== "dropped" || data.streams.some((s) => s.seconds.dropped.some((n) => n > 0)));

  function options(element, kind) {
    const { show, over, is_latency } = KINDS[kind];
    const logarithmic = is_latency && isLog;
    const axis = Charts.axis();
    const line = ([label, , stroke, width, dash]) => ({ label, stroke: colour(stroke), width, dash, points: { show: false }, spanGaps: false });
    const values = element.closest(".panel").querySelectorAll(".key b");
    const powers = (ticks) => ticks.map((tick) => Math.abs(Math.log10(tick) % 1) < 1e-6 ? show(tick) : null);
    return {
      ...Charts.room(element),
      legend: { show: false },
      padding: [12, 16, 0, 0],
      cursor: { y: false, points: { size: 7 }, drag: { x: over === "time", y: false }, sync: over === "time" ? { key: "time" } : undefined },
      scales: {
        x: over === "time" ? { time: false } : { time: false, distr: 3, log: 10, range: (_, __, max) => [1, Math.max(max || 1, 10)] },
        y: logarithmic ? { distr: 3, log: 10 } : { range: (_, __, max) => [0, (max || 1) * 1.08] },
      },
      axes: [
        over === "time"
          ? { ...axis, size: 30, values: (_, ticks) => ticks.map(time) }
          : { ...axis, size: 30, splits: (_, __, ___, max) => MARKS.filter((mark) => mark <= max), filter: (_, ticks) => ticks, values: (_, ticks) => ticks.map(percentile) },
        { ...axis, size: 64, values: (_, ticks) => logarithmic ? powers(ticks) : ticks.map(show) },
      ],
      series: [{}, ...shown(kind).map(line)],
      hooks: {
        setCursor: [(chart) => {
          const index = chart.cursor.idx;
          values.forEach((value, number) => {
            const at = index == null ? null : chart.data[number + 1][index];
            value.textContent = index == null ? "" : show(at);
          });
          const where = element.closest(".panel").querySelector(".where");
          if (where) where.textContent = index == null ? "" : over === "time" ? "at " + time(chart.data[0][index]) : percentile(chart.data[0][index]);
        }],
      },
    };
  }

  function table(kind) {
    const from = source(kind), log = KINDS[kind].is_latency && isLog;
    // There is no 0 on a logarithmic scale.
    const usable = (value) => log && value === 0 ? 0.001 : value;
    return [from[KINDS[kind].x], ...shown(kind).map(([, key]) => from[key].map(usable))];
  }

  function key(element, kind) {
    const list = element.closest(".panel").querySelector(".key");
    list.replaceChildren(...shown(kind).map(([label, , stroke, width, dash]) => {
      const item = document.createElement("li");
      item.innerHTML = `<svg viewBox="0 0 22 8" aria-hidden="true"><line x1="0" x2="22" y1="4" y2="4" stroke="${colour(stroke)}" stroke-width="${width + 0.5}" stroke-dasharray="${(dash ?? []).join(" ")}"/></svg>`;
      item.append(label, document.createElement("b"));
      return item;
    }), Object.assign(document.createElement("li"), { className: "where" }));
  }

  const build = Charts.keep(".plot", (element) => {
    const kind = element.dataset.kind;
    key(element, kind);
    return new uPlot(options(element, kind), table(kind), element);
  });

  document.querySelectorAll("[data-stream]").forEach((button) => button.addEventListener("click", () => {
    chosen = Number(button.dataset.stream);
    document.querySelectorAll("[data-stream]").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
    build();
  }));
  document.querySelectorAll("[data-log]").forEach((button) => button.addEventListener("click", () => {
    isLog = button.dataset.log === "true";
    document.querySelectorAll("[data-log]").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
    build();
  }));
})();
