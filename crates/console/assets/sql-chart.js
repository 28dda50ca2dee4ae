// A chart of an answer whose first column is a time, a number or a label, and whose others are numbers.
"use strict";

const SqlChart = (() => {
  const MOST_BARS = 40, MOST_LINES = 10;
  const swatch = document.createElement("span");
  swatch.hidden = true;
  document.addEventListener("DOMContentLoaded", () => document.body.append(swatch));
  const colour = (value, hue) => { swatch.className = hue ?? ""; swatch.style.color = value; return getComputedStyle(swatch).color; };
  const numeric = (answer, at) => answer.rows.some((row) => row[at] !== null) && answer.rows.every((row) => row[at] === null || typeof row[at] === "number");
  let last = null;

  // Seconds since 1970, if a column is one of times: milliseconds, seconds, or words in UTC.
  function seconds(answer) {
    const values = answer.rows.map((row) => row[0]);
    if (values.every((value) => typeof value === "number" && value >= 1e12 && value < 1e14)) return values.map((value) => value / 1000);
    if (values.every((value) => typeof value === "number" && value >= 1e9 && value < 1e11)) return values;
    const words = values.map((value) => typeof value === "string" && /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(value) ? Date.parse(value.replace(" ", "T").replace(/Z?$/, "Z")) / 1000 : NaN);
    return words.every(Number.isFinite) ? words : null;
  }

  // Lines over the first column. With a column of labels in between there is a line for each label.
  function lines(answer) {
    const times = seconds(answer);
    const xs = times ?? (numeric(answer, 0) ? answer.rows.map((row) => row[0]) : null);
    if (!xs || answer.rows.length < 2 || xs.some((x) => x === null)) return null;
    const numbers = answer.columns.map((_, at) => at).filter((at) => at > 0 && numeric(answer, at));
    const labels = answer.columns.map((_, at) => at).filter((at) => at > 0 && !numeric(answer, at));
    if (numbers.length === 0 || labels.length > 1) return null;
    const all = [...new Set(xs)].sort((a, b) => a - b);
    if (all.length < 2) return null;
    const place = new Map(all.map((x, at) => [x, at]));
    const found = new Map();
    answer.rows.forEach((row, at) => numbers.slice(0, labels.length === 0 ? MOST_LINES : 1).forEach((column) => {
      const name = labels.length === 0 ? answer.columns[column] : String(row[labels[0]]);
      if (!found.has(name)) found.set(name, new Array(all.length).fill(null));
      found.get(name)[place.get(xs[at])] = row[column];
    }));
    if (found.size > MOST_LINES) return null;
    return { isTime: times !== null, xs: all, names: [...found.keys()], ys: [...found.values()] };
  }

  function plot(frame, found) {
    const axis = { stroke: colour("var(--ink-2)"), grid: { stroke: colour("var(--line)"), width: 1 }, ticks: { show: false }, font: "13px system-ui, sans-serif" };
    const clock = (value) => new Date(value * 1000).toISOString().slice(11, 19);
    const hues = [0, 7, 1, 3, 4, 5, 6, 2, 8, 9];
    const named = { baseline: "var(--baseline)", demo: "var(--demo)" };
    const dashes = [[], [8, 4], [3, 3], [10, 3, 3, 3]];
    const chart = new uPlot({
      width: Math.max(frame.clientWidth, 200), height: 240, padding: [12, 16, 0, 0],
      cursor: { y: false }, scales: { x: { time: false }, y: { range: (_, min, max) => [Math.min(min ?? 0, 0), (max ?? 0) > 0 ? max * 1.1 : 1] } },
      axes: [
        { ...axis, size: 30, space: 90, ...(found.isTime ? { incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200], values: (_, ticks) => ticks.map(clock) } : {}) },
        { ...axis, size: 70 },
      ],
      series: [{ label: found.isTime ? "time" : "x", value: (_, value) => value == null ? "" : found.isTime ? clock(value) : value },
        ...found.names.map((label, at) => ({ label, stroke: named[label] ? colour(named[label]) : colour("var(--hue)", `h${hues[at]}`), width: 2.5, dash: dashes[at % dashes.length], spanGaps: true, points: { show: found.xs.length < 30, size: 6 } }))],
    }, [found.xs, ...found.ys], frame);
    new ResizeObserver(() => { if (frame.isConnected && frame.clientWidth > 0 && frame.clientWidth !== chart.width) chart.setSize({ width: frame.clientWidth, height: 240 }); }).observe(frame);
  }

  // A bar for each row: the label is all texts of the row, the length its first number.
  function bars(frame, answer) {
    const number = answer.columns.findIndex((_, at) => numeric(answer, at));
    const texts = answer.columns.map((_, at) => at).filter((at) => !numeric(answer, at));
    if (number < 0 || texts.length === 0 || texts.length > 2 || answer.rows.length < 2 || answer.rows.length > MOST_BARS) return false;
    // With several numbers the one that the rows are ordered by is meant.
    const ordered = answer.columns.map((_, at) => at).filter((at) => numeric(answer, at)).findLast((at) => answer.rows.every((row, place) => place === 0 || (answer.rows[place - 1][at] ?? -Infinity) >= (row[at] ?? -Infinity))) ?? number;
    const most = Math.max(...answer.rows.map((row) => row[ordered] ?? 0));
    if (!(most > 0) || answer.rows.some((row) => (row[ordered] ?? 0) < 0)) return false;
    const list = document.createElement("div");
    list.className = "bars";
    list.setAttribute("aria-hidden", "true");
    const title = document.createElement("p");
    title.className = "quiet small";
    title.textContent = answer.columns[ordered];
    for (const row of answer.rows) {
      const label = document.createElement("span"), meter = document.createElement("span"), fill = document.createElement("i"), value = document.createElement("span");
      label.textContent = texts.map((at) => row[at] ?? "NULL").join(" ");
      meter.className = "meter";
      fill.style.setProperty("--share", String((row[ordered] ?? 0) / most));
      meter.append(fill);
      value.className = "number";
      value.textContent = String(row[ordered] ?? "NULL");
      list.append(label, meter, value);
    }
    frame.append(title, list);
    return true;
  }

  function draw(frame, answer) {
    last = { frame, answer };
    frame.replaceChildren();
    const found = lines(answer);
    if (found) { plot(frame, found); return true; }
    return bars(frame, answer);
  }
  const again = () => { if (last?.frame.isConnected) draw(last.frame, last.answer); };
  document.addEventListener("themechange", again);
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", again);
  return { draw };
})();
