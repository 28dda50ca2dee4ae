// The two traces that were selected for comparing, kept from page to page as long as the window is open.
"use strict";

const Tray = (() => {
  const read = () => { try { return JSON.parse(sessionStorage.getItem("tray")) ?? []; } catch { return []; } };
  const write = (traces) => { try { sessionStorage.setItem("tray", JSON.stringify(traces)); } catch { /* it lasts as long as the page */ } };
  let traces = read();

  return {
    list: () => traces,
    has: (id) => traces.some((trace) => trace.id === id),
    // A third one takes the place of the second: the first is what others are compared with.
    add(trace) {
      if (traces.some((known) => known.id === trace.id)) return;
      traces = [...traces.slice(0, 1), trace];
      write(traces);
    },
    remove(id) { traces = traces.filter((trace) => trace.id !== id); write(traces); },
    clear() { traces = []; write(traces); },
    go() { if (traces.length === 2) location.href = `/traces/compare?a=${traces[0].id}&b=${traces[1].id}`; },
  };
})();
