// What charts of reports have in common: colours of the theme, room, paper, and how numbers are written.
"use strict";

const Charts = (() => {
  // A canvas needs a colour, not the two of light-dark(): an element that wears it says which one it is.
  let swatch;
  function colour(name) {
    swatch ??= document.body.appendChild(Object.assign(document.createElement("span"), { hidden: true }));
    swatch.style.color = `var(${name})`;
    return getComputedStyle(swatch).color;
  }

  const short = (value, digits) => String(Number(value.toFixed(digits)));
  const latency = (ms) => ms == null ? "–"
    : ms === 0 ? "0"
    : ms < 1 ? short(ms * 1000, 0) + " µs"
    : ms < 10 ? short(ms, 2) + " ms"
    : ms < 100 ? short(ms, 1) + " ms"
    : ms < 1000 ? short(ms, 0) + " ms"
    : short(ms / 1000, 2) + " s";
  const percent = (share) => share == null ? "–" : short(share * 100, share !== 0 && share < 0.1 ? 1 : 0) + " %";
  const whole = (value) => value == null ? "–" : value < 100 ? short(value, 1) : Math.round(value).toLocaleString("en");

  const axis = () => ({ stroke: colour("--ink-2"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" });
  const room = (element) => ({ width: Math.max(element.clientWidth, 100), height: Math.max(element.clientHeight, 100) });

  // Builds a chart for each element, and again whenever the colours change; charts follow their elements' room.
  function keep(selector, build) {
    let charts = [];
    function all() {
      charts.forEach(({ chart }) => chart.destroy());
      charts = [...document.querySelectorAll(selector)].map((element) => ({ element, chart: build(element) })).filter(({ chart }) => chart);
    }
    function resize() {
      charts.forEach(({ chart, element }) => {
        const { width, height } = room(element);
        if (width !== chart.width || height !== chart.height) chart.setSize({ width, height });
      });
    }
    all();
    document.addEventListener("themechange", all);
    matchMedia("(prefers-color-scheme: light)").addEventListener("change", all);
    addEventListener("beforeprint", resize);
    new ResizeObserver(resize).observe(document.querySelector("main"));
    return all;
  }

  return { colour, short, latency, percent, whole, axis, room, keep };
})();
