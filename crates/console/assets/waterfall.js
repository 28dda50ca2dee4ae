// The waterfall: all rows are known, and only those that can be seen are in the document. `trace.rs` makes the first rows;
// what is made here looks the same.
"use strict";

(() => {
  const ROW = 28, BEYOND = 12, DEEPEST = 20, HUES = 10;
  const byId = (id) => document.getElementById(id);
  const panel = byId("waterfall");
  if (!panel) return;
  const list = byId("rows"), spacer = byId("spacer");
  const duration = (ms) => ms >= 60000 ? (ms / 60000).toFixed(1) + " min" : ms >= 1000 ? (ms / 1000).toFixed(2) + " s" : ms >= 10 ? Math.round(ms) + " ms" : ms.toFixed(ms >= 1 ? 1 : 2) + " ms";

  let trace = null;          // as /api/traces/ID/rows has it
  let shown = [];            // places of the rows that no fold hides
  let placeOf = new Map();   // row -> place in `shown`
  let active = 0;            // the row that keys go on from
  let opened = null;         // the row whose details are shown
  const folded = new Set();
  let matches = [];          // rows that were searched for
  const drawn = new Map();   // row -> element

  function layOut() {
    shown = [];
    placeOf = new Map();
    for (let row = 0; row < trace.rows.length; row += folded.has(row) ? trace.rows[row].below + 1 : 1) {
      placeOf.set(row, shown.length);
      shown.push(row);
    }
    spacer.style.height = `${shown.length * ROW}px`;
    list.setAttribute("aria-rowcount", String(shown.length));
    drawn.forEach((element) => element.remove());
    drawn.clear();
    draw();
  }

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const percent = (ms) => `${(ms / (trace.duration_ms || 1) * 100).toFixed(3)}%`;
  const placed = (className, from, length) => {
    const made = element("span", className);
    made.style.left = percent(from);
    if (length !== undefined) made.style.width = percent(length);
    return made;
  };
  const square = () => {
    const made = element("span", "state critical");
    made.innerHTML = '<svg viewBox="0 0 20 20" aria-label="error"><rect x="1.5" y="1.5" width="17" height="17" fill="currentColor"></rect></svg>';
    return made;
  };

  function rowOf(index) {
    const row = trace.rows[index];
    const line = element("div", `line h${row.service % HUES}`);
    line.id = `row-${index}`;
    line.setAttribute("role", "row");
    line.setAttribute("aria-level", String(row.depth + 1));
    line.setAttribute("aria-rowindex", String(placeOf.get(index) + 1));
    line.classList.toggle("error", row.is_error === true);
    line.style.top = `${placeOf.get(index) * ROW}px`;
    const who = element("div", "who");
    who.setAttribute("role", "gridcell");
    who.style.paddingLeft = `${8 + 14 * Math.min(row.depth, DEEPEST)}px`;
    const twist = element("span", "twist", row.below > 0 ? (folded.has(index) ? "▸" : "▾") : "");
    if (row.below > 0) line.setAttribute("aria-expanded", String(!folded.has(index)));
    who.append(twist);
    if (row.is_error) who.append(square());
    who.append(element("b", "", row.name), element("span", "service", trace.services[row.service]));
    const chips = element("span", "chips");
    if (folded.has(index)) chips.append(element("span", "chip", `${row.below} folded`));
    if (row.is_orphan) chips.append(element("span", "chip", "parent not here"));
    for (const chip of row.chips ?? []) chips.append(element("span", chip.is_bad ? "chip bad" : "chip", chip.text));
    who.append(chips);
    const track = element("div", "track");
    track.setAttribute("role", "gridcell");
    track.append(placed("span-bar", row.start_ms, row.duration_ms));
    for (const [from, to] of row.critical ?? []) track.append(placed("critical-part", from, to - from));
    for (const at of row.events ?? []) track.append(placed("event", at));
    const end = row.start_ms + row.duration_ms;
    const time = element("span", "time", duration(row.duration_ms));
    const whole = trace.duration_ms;
    if (end <= whole * 0.85) time.style.left = percent(end);
    else if (row.start_ms >= whole * 0.15) time.style.right = percent(whole - row.start_ms);
    else { time.classList.add("inside"); time.style.right = percent(Math.max(whole - end, 0)); }
    time.title = `${duration(row.self_ms)} of it itself`;
    track.append(time);
    line.append(who, track);
    return line;
  }

  // The ruler stays at the top of the list and covers rows below it.
  const view = () => Math.max(list.clientHeight - list.firstElementChild.offsetHeight, ROW);

  // Takes away what left the window and makes what came in.
  function draw() {
    const first = Math.max(Math.floor(list.scrollTop / ROW) - BEYOND, 0);
    const last = Math.min(Math.ceil((list.scrollTop + view()) / ROW) + BEYOND, shown.length);
    const wanted = new Set(shown.slice(first, last));
    // The active row is what assistive technology is told of: it stays.
    if (placeOf.has(active)) wanted.add(active);
    drawn.forEach((line, row) => { if (!wanted.has(row)) { line.remove(); drawn.delete(row); } });
    const fresh = document.createDocumentFragment();
    for (const row of wanted) {
      if (drawn.has(row)) continue;
      const line = rowOf(row);
      drawn.set(row, line);
      fresh.append(line);
    }
    spacer.append(fresh);
    mark();
    minimap();
  }
  function mark() {
    const found = new Set(matches);
    drawn.forEach((line, row) => {
      line.classList.toggle("active", row === active);
      line.classList.toggle("match", found.has(row));
      line.setAttribute("aria-selected", String(row === opened));
    });
    list.setAttribute("aria-activedescendant", `row-${active}`);
  }
  let isAsked = false;
  function soon() {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => { isAsked = false; draw(); });
  }

  // Makes a row the active one, unfolds whatever hides it, and scrolls until it can be seen.
  function goTo(row, isCentred) {
    if (row < 0 || row >= trace.rows.length) return;
    if (!placeOf.has(row)) {
      for (const fold of [...folded]) if (fold < row && row <= fold + trace.rows[fold].below) folded.delete(fold);
      layOut();
    }
    active = row;
    const top = placeOf.get(row) * ROW, height = view();
    if (isCentred) list.scrollTop = top - height / 2;
    else if (top < list.scrollTop) list.scrollTop = top;
    else if (top + ROW > list.scrollTop + height) list.scrollTop = top + ROW - height;
    draw();
    if (opened !== null && opened !== row) open(row);
  }
  const step = (by) => goTo(shown[Math.min(Math.max((placeOf.get(active) ?? 0) + by, 0), shown.length - 1)]);
  function parentOf(row) {
    let at = row - 1;
    while (at >= 0 && trace.rows[at].depth >= trace.rows[row].depth) at -= 1;
    return at;
  }
  function fold(row, is) {
    if (trace.rows[row].below === 0) return;
    if (is) folded.add(row); else folded.delete(row);
    layOut();
  }
  function foldAll() {
    const tops = trace.rows.map((row, at) => at).filter((at) => trace.rows[at].depth === 1 && trace.rows[at].below > 0);
    const isFolding = folded.size === 0;
    folded.clear();
    if (isFolding) tops.forEach((row) => folded.add(row));
    byId("fold").textContent = isFolding ? "Unfold all" : "Fold all";
    while (isFolding && trace.rows[active].depth > 1) active = parentOf(active);
    layOut();
    goTo(active);
  }
  function nextError(by) {
    const failed = trace.rows.map((row, at) => at).filter((at) => trace.rows[at].is_error);
    if (failed.length === 0) return;
    const next = by > 0 ? failed.find((row) => row > active) ?? failed[0] : failed.findLast((row) => row < active) ?? failed.at(-1);
    goTo(next, true);
    list.focus({ preventScroll: true });
  }

  // Details of a span, made by the server.
  async function open(row) {
    opened = row;
    mark();
    const details = byId("details");
    const answer = await fetch(`/traces/${trace.trace_id}/spans/${trace.rows[row].span_id}`);
    if (opened !== row) return;
    details.innerHTML = answer.ok ? await answer.text() : '<p class="mistake">this span has left to make room for newer ones</p>';
    details.hidden = false;
    panel.parentElement.classList.add("has-details");
    byId("close-details")?.addEventListener("click", close);
    goTo(active);
  }
  function close() {
    opened = null;
    byId("details").hidden = true;
    panel.parentElement.classList.remove("has-details");
    list.focus({ preventScroll: true });
    draw();
  }

  // Searching: the server knows every attribute, the page only what rows show.
  let typed = 0;
  async function search(text) {
    const mine = ++typed;
    const ids = text.trim() === "" ? [] : await (await fetch(`/api/traces/${trace.trace_id}/find?text=${encodeURIComponent(text)}`)).json();
    if (mine !== typed) return;
    const found = new Set(ids);
    matches = trace.rows.map((row, at) => at).filter((at) => found.has(trace.rows[at].span_id));
    byId("matches").textContent = text.trim() === "" ? "" : matches.length === 0 ? "not found" : matches.length === 1 ? "1 span" : `${matches.length} spans`;
    if (matches.length > 0) goTo(matches.find((row) => row >= active) ?? matches[0], true); else draw();
  }
  function nextMatch(by) {
    if (matches.length === 0) return;
    goTo(by > 0 ? matches.find((row) => row > active) ?? matches[0] : matches.findLast((row) => row < active) ?? matches.at(-1), true);
    byId("matches").textContent = `${matches.indexOf(active) + 1} of ${matches.length}`;
  }

  // The whole trace in a strip, with the part that can be seen.
  const swatch = document.body.appendChild(element("span", ""));
  swatch.hidden = true;
  const colour = (value, hue) => { swatch.className = hue ?? ""; swatch.style.color = value; return getComputedStyle(swatch).color; };
  let picture = null;
  function paint() {
    const canvas = byId("minimap"), ratio = devicePixelRatio;
    const width = Math.max(canvas.clientWidth, 1) * ratio, height = 56 * ratio;
    picture = new OffscreenCanvas(width, height);
    const ctx = picture.getContext("2d");
    const hues = Array.from({ length: HUES }, (_, hue) => colour("var(--hue)", `h${hue}`));
    const critical = colour("var(--critical)");
    const thick = Math.max(height / shown.length, ratio);
    shown.forEach((index, place) => {
      const row = trace.rows[index];
      ctx.fillStyle = row.is_error ? critical : hues[row.service % HUES];
      ctx.fillRect(row.start_ms / trace.duration_ms * width, place / shown.length * height, Math.max(row.duration_ms / trace.duration_ms * width, ratio), thick * (row.is_error ? 1.5 : 0.9));
    });
    canvas.width = width;
    canvas.height = height;
  }
  let painted = "";
  function minimap() {
    const canvas = byId("minimap");
    const key = `${canvas.clientWidth} ${shown.length} ${folded.size} ${document.documentElement.dataset.theme}`;
    if (key !== painted) { painted = key; paint(); }
    const ctx = canvas.getContext("2d");
    ctx.clearRect(0, 0, canvas.width, canvas.height);
    ctx.drawImage(picture, 0, 0);
    const whole = shown.length * ROW;
    if (whole <= view()) return;
    ctx.strokeStyle = colour("var(--ink)");
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.strokeRect(1, list.scrollTop / whole * canvas.height, canvas.width - 2, Math.max(view() / whole * canvas.height, 3 * devicePixelRatio));
  }

  function keys(event) {
    if (!trace || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, textarea, dialog")) return;
    const isFinding = event.target.id === "find";
    if (isFinding) {
      if (event.key === "Enter") nextMatch(event.shiftKey ? -1 : 1);
      else if (event.key === "Escape") { event.target.value = ""; search(""); list.focus({ preventScroll: true }); }
      else return;
      event.preventDefault();
      return;
    }
    if (event.target.closest("input, a, button, summary") && ["Enter", " "].includes(event.key)) return;
    const page = Math.max(Math.floor(view() / ROW) - 1, 1);
    const row = trace.rows[active];
    const does = {
      ArrowDown: () => step(1), j: () => step(1), ArrowUp: () => step(-1), k: () => step(-1),
      PageDown: () => step(page), PageUp: () => step(-page),
      Home: () => goTo(shown[0]), End: () => goTo(shown.at(-1)),
      ArrowRight: () => { if (row.below > 0 && folded.has(active)) fold(active, false); else if (row.below > 0) goTo(active + 1); },
      ArrowLeft: () => { if (row.below > 0 && !folded.has(active)) fold(active, true); else if (row.depth > 0) goTo(parentOf(active)); },
      Enter: () => { if (opened === active) close(); else open(active); },
      Escape: () => { if (opened !== null) close(); },
      E: () => nextError(-1), n: () => nextMatch(1), N: () => nextMatch(-1),
    }[event.key];
    if (!does) return;
    does();
    event.preventDefault();
  }

  document.addEventListener("DOMContentLoaded", async () => {
    const answer = await fetch(`/api/traces/${panel.dataset.trace}/rows`);
    if (!answer.ok) return;
    trace = await answer.json();
    spacer.replaceChildren();
    layOut();
    panel.dataset.ready = "";
    list.addEventListener("scroll", soon, { passive: true });
    list.addEventListener("click", (event) => {
      const line = event.target.closest(".line");
      if (!line) return;
      active = Number(line.id.slice(4));
      if (event.target.closest(".twist") && trace.rows[active].below > 0) fold(active, !folded.has(active));
      else if (opened === active) close();
      else open(active);
    });
    byId("next-error").addEventListener("click", () => nextError(1));
    byId("fold").addEventListener("click", foldAll);
    byId("critical-toggle").addEventListener("click", (event) => {
      const is = panel.classList.toggle("no-critical");
      event.currentTarget.setAttribute("aria-pressed", String(!is));
    });
    byId("to-tray").addEventListener("click", () => {
      Tray.add({ id: trace.trace_id, title: `${panel.dataset.title}, ${duration(trace.duration_ms)}` });
      if (Tray.list().length === 2) Tray.go(); else location.href = "/traces";
    });
    let waiting = 0;
    byId("find").addEventListener("input", (event) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => search(event.target.value), 120);
    });
    byId("minimap").addEventListener("click", (event) => {
      list.scrollTop = event.offsetY / event.currentTarget.clientHeight * shown.length * ROW - view() / 2;
    });
    new ResizeObserver(soon).observe(list);
    addEventListener("keydown", keys, true);
    document.addEventListener("themechange", () => { painted = ""; soon(); });
    matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => { painted = ""; soon(); });
    list.focus({ preventScroll: true });
    // A log record leads to its span: /traces/ID#SPAN.
    const lead = () => {
      const row = trace.rows.findIndex((row) => row.span_id === location.hash.slice(1));
      if (row >= 0) { goTo(row, true); open(row); }
    };
    addEventListener("hashchange", lead);
    lead();
  });
})();
