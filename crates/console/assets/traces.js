// The list of traces: its picture, its suggestions, and the two that are to be compared.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const rowsOf = () => [...document.querySelectorAll("#found tr[data-trace]")];
  const swatch = document.body.appendChild(Object.assign(document.createElement("span"), { hidden: true }));
  const colour = (name) => { swatch.style.color = `var(${name})`; return getComputedStyle(swatch).color; };
  const duration = (ms) => ms >= 1000 ? (ms / 1000).toFixed(2) + " s" : ms >= 10 ? Math.round(ms) + " ms" : ms.toFixed(ms >= 1 ? 1 : 2) + " ms";

  // Selecting: x on a row that has the focus, or its box.
  function traceOf(row) {
    return { id: row.dataset.trace, title: `${row.dataset.title}, ${duration(Number(row.dataset.ms))}` };
  }
  function select(row, is) {
    if (is) Tray.add(traceOf(row)); else Tray.remove(row.dataset.trace);
    showTray();
  }
  function showTray() {
    for (const row of rowsOf()) {
      row.querySelector("input").checked = Tray.has(row.dataset.trace);
      row.classList.toggle("selected", Tray.has(row.dataset.trace));
    }
    const [a, b] = Tray.list();
    byId("tray").hidden = !a;
    byId("tray-a").textContent = a ? `A: ${a.title}` : "";
    byId("tray-b").textContent = b ? `B: ${b.title}` : "B: select another one";
    byId("compare").disabled = !b;
  }

  // The picture: a point for each row of the list.
  let chart = null, points = [];
  const STEPS = [-2, -1, 0, 1, 2, 3, 4, 5].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));
  function data() {
    points = rowsOf().map((row) => ({ row, x: Number(row.dataset.start) / 1000, y: Math.max(Number(row.dataset.ms), 0.01), failed: row.dataset.errors !== "0" }))
      .sort((a, b) => a.x - b.x);
    return [points.map((point) => point.x), points.map((point) => point.y)];
  }
  function draw(u) {
    const { ctx, bbox } = u;
    const ok = colour("--ok"), critical = colour("--critical"), size = 4.5 * devicePixelRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left - size, bbox.top - size, bbox.width + 2 * size, bbox.height + 2 * size);
    ctx.clip();
    for (const { x, y, failed } of points) {
      const left = u.valToPos(x, "x", true), top = u.valToPos(y, "y", true);
      ctx.fillStyle = failed ? critical : ok;
      ctx.beginPath();
      if (failed) ctx.rect(left - size, top - size, 2 * size, 2 * size); else ctx.arc(left, top, size, 0, 7);
      ctx.globalAlpha = 0.8;
      ctx.fill();
    }
    ctx.restore();
  }
  function nearest(u, left, top) {
    let best = null, least = 20;
    for (const point of points) {
      const far = Math.hypot(u.valToPos(point.x, "x") - left, u.valToPos(point.y, "y") - top);
      if (far < least) { best = point; least = far; }
    }
    return best;
  }
  function build() {
    const element = byId("scatter");
    chart?.destroy();
    chart = null;
    const table = data();
    element.closest("section").hidden = points.length === 0;
    if (points.length === 0) return;
    const axis = { stroke: colour("--ink-2"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "13px system-ui, sans-serif" };
    const clock = (seconds) => new Date(seconds * 1000).toISOString().slice(11, 19);
    const hint = document.createElement("div");
    hint.className = "scatter-hint";
    hint.hidden = true;
    chart = new uPlot({
      width: Math.max(element.clientWidth, 200), height: 190, legend: { show: false }, padding: [12, 16, 0, 0],
      cursor: { points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: (_, min, max) => { const room = Math.max((max - min) * 0.02, 0.5); return [min - room, max + room]; } },
        y: { distr: 3, range: (_, min, max) => [STEPS.findLast((step) => step < min) ?? 0.01, STEPS.find((step) => step > max) ?? max * 2] },
      },
      axes: [
        { ...axis, size: 30, space: 90, incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200], values: (_, ticks) => ticks.map(clock) },
        { ...axis, size: 66, splits: (_, __, min, max) => STEPS.filter((step) => step >= min && step <= max), filter: (_, ticks) => ticks, values: (_, ticks) => ticks.map(duration) },
      ],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: { draw: [draw], ready: [(u) => {
        u.over.append(hint);
        u.over.addEventListener("mousemove", (event) => {
          const point = nearest(u, event.offsetX, event.offsetY);
          u.over.style.cursor = point ? "pointer" : "";
          hint.hidden = !point;
          if (!point) return;
          hint.textContent = `${point.row.dataset.title}, ${duration(point.y)}${point.failed ? ", with errors" : ""}`;
          const isRight = event.offsetX > u.over.clientWidth / 2;
          hint.style.left = isRight ? "" : `${event.offsetX + 12}px`;
          hint.style.right = isRight ? `${u.over.clientWidth - event.offsetX + 12}px` : "";
          hint.style.top = `${Math.max(event.offsetY - 34, 0)}px`;
        });
        u.over.addEventListener("mouseleave", () => { hint.hidden = true; });
        u.over.addEventListener("click", (event) => {
          const point = nearest(u, event.offsetX, event.offsetY);
          if (point) location.href = `/traces/${point.row.dataset.trace}`;
        });
      }] },
    }, table, element);
  }
  function redraw() {
    if (chart && rowsOf().length > 0) chart.setData(data()); else build();
  }

  // What was seen of services, operations and keys of attributes.
  async function suggest() {
    const names = await (await fetch("/api/names")).json();
    const fill = (id, words) => byId(id).replaceChildren(...words.map((value) => Object.assign(document.createElement("option"), { value })));
    const service = document.querySelector("#search [name=service]");
    const field = document.querySelector("#search [name=attributes]");
    const operations = () => {
      const of = names.operations.filter((operation) => !service.value || operation.service === service.value);
      fill("operations", [...new Set(of.map((operation) => operation.operation))]);
    };
    // What was typed before the last space stays; behind it stands one of the keys.
    const keys = () => {
      const before = field.value.slice(0, field.value.lastIndexOf(" ") + 1);
      fill("attribute-tests", names.attribute_keys.map((key) => before + key));
    };
    fill("services", names.services);
    operations();
    keys();
    service.addEventListener("input", operations);
    field.addEventListener("input", keys);
  }

  document.addEventListener("DOMContentLoaded", () => {
    build();
    showTray();
    suggest().catch(() => { /* fields work without suggestions */ });
    byId("compare").addEventListener("click", () => Tray.go());
    byId("tray-clear").addEventListener("click", () => { Tray.clear(); showTray(); });
    byId("found").addEventListener("change", (event) => {
      const row = event.target.closest("tr[data-trace]");
      if (row) select(row, event.target.checked);
    });
    new ResizeObserver(() => {
      const width = byId("scatter").clientWidth;
      if (chart && width > 0 && width !== chart.width) chart.setSize({ width, height: chart.height });
    }).observe(byId("scatter"));
    document.querySelectorAll("#search select").forEach((field) => field.addEventListener("change", () => byId("search").requestSubmit()));
  });
  document.addEventListener("refreshed", () => { redraw(); showTray(); });
  document.addEventListener("themechange", build);
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", build);
  // Before the keys of every page: arrows and Enter go on from a row that has the focus.
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, textarea, dialog")) return;
    if (event.target.matches("input") && event.target.type !== "checkbox") return;
    const row = document.activeElement?.closest("#found tr[data-trace]");
    if (event.key === "x" && row) select(row, !Tray.has(row.dataset.trace));
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const all = rowsOf(), at = all.indexOf(row) + (event.key === "ArrowDown" ? 1 : -1);
      const next = all[Math.min(Math.max(at, 0), all.length - 1)]?.querySelector("a");
      next?.focus();
      next?.scrollIntoView({ block: "nearest" });
    } else return;
    event.preventDefault();
  }, true);
})();
