// Curves of a run, or of two: draws what stands in the page as data.
"use strict";

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SHOW = { error_rate: Charts.percent, p95_ms: Charts.latency, arrivals_per_minute: Charts.whole };
  // So that nothing is drawn as if it were everything.
  const LEAST = { error_rate: 0.05, p95_ms: 500, arrivals_per_minute: 10 };

  // Stretches in which something was broken, behind the curves; one shade however many faults are in at once.
  function shade(chart) {
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.fillStyle = Charts.colour("--shade");
    let shaded = 0;
    for (const [start, until] of [...data.shades].sort((a, b) => a[0] - b[0])) {
      const from = Math.max(start, shaded);
      if (until <= from) continue;
      const left = chart.valToPos(from, "x", true);
      ctx.fillRect(left, bbox.top, Math.min(chart.valToPos(until, "x", true), bbox.left + bbox.width) - left, bbox.height);
      shaded = until;
    }
    ctx.restore();
  }

  function build(element) {
    const measure = element.dataset.measure;
    const { lines } = data.charts.find((chart) => chart.measure === measure);
    if (lines.length === 0) return null;
    const show = SHOW[measure];
    const panel = element.closest(".panel");
    const values = panel.querySelectorAll(".key b"), where = panel.querySelector(".where");
    const line = ({ label, colour, width, dash }) => ({ label, stroke: Charts.colour(colour), width, dash: dash.length ? dash : undefined, points: { show: false }, spanGaps: true });
    const options = {
      ...Charts.room(element),
      legend: { show: false },
      padding: [12, 16, 0, 0],
      cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false }, sync: { key: "minutes" } },
      scales: {
        x: { time: false, range: [0, Math.max(data.minutes, 1)] },
        y: { range: (_, __, max) => [0, measure === "error_rate" && max > 0.5 ? 1 : Math.max((max ?? 0) * 1.12, LEAST[measure])] },
      },
      axes: [{ ...Charts.axis(), size: 30, values: (_, ticks) => ticks.map((tick) => tick + " min") }, { ...Charts.axis(), size: 62, values: (_, ticks) => ticks.map(show) }],
      series: [{}, ...lines.map(line)],
      hooks: {
        drawClear: [shade],
        setCursor: [(chart) => {
          const index = chart.cursor.idx;
          values.forEach((value, number) => { value.textContent = index == null ? "" : show(chart.data[number + 1][index]); });
          where.textContent = index == null ? "" : "minute " + Math.floor(chart.data[0][index]);
        }],
      },
    };
    return new uPlot(options, uPlot.join(lines.map(({ x, y }) => [x, y])), element);
  }

  Charts.keep(".plot[data-measure]", build);
})();
