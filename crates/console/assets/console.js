// What every page does: the theme, patching in place, elements that keep themselves fresh, and keys.
"use strict";

const Doorbuster = (() => {
  const root = document.documentElement;
  const asked = new URLSearchParams(location.search);

  // Theme: ?theme=light|dark for links, else what was chosen before, else what the system prefers.
  function remembered() {
    try { return localStorage.getItem("theme"); } catch { return null; }
  }
  function setTheme(theme) {
    if (theme === "light" || theme === "dark") {
      root.dataset.theme = theme;
      document.dispatchEvent(new Event("themechange"));
    }
  }
  setTheme(asked.get("theme") || remembered());
  // Before anything is painted, like the theme: see stage.css.
  if (asked.has("present")) root.dataset.present = "";

  function toggleTheme() {
    const prefersLight = matchMedia("(prefers-color-scheme: light)").matches;
    const now = root.dataset.theme || (prefersLight ? "light" : "dark");
    const next = now === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", next); } catch { /* private windows: it lasts as long as the page */ }
    setTheme(next);
  }

  // Makes `from` equal to `to` and touches nothing that is already equal, so nothing blinks and focus stays.
  function morph(from, to) {
    if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName) { from.replaceWith(to.cloneNode(true)); return; }
    if (from.nodeType !== Node.ELEMENT_NODE) {
      if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
      return;
    }
    const isDetails = from.nodeName === "DETAILS";
    for (const name of from.getAttributeNames()) {
      if (!to.hasAttribute(name) && !(isDetails && name === "open")) from.removeAttribute(name);
    }
    for (const name of to.getAttributeNames()) {
      const value = to.getAttribute(name);
      if (from.getAttribute(name) !== value) from.setAttribute(name, value);
    }
    morphChildren(from, to);
  }

  // Children with an id are the same child wherever they stand: an open log record stays open when newer ones come above it.
  function morphChildren(from, to) {
    const known = new Map([...from.children].filter((child) => child.id).map((child) => [child.id, child]));
    let next = from.firstChild;
    for (const fresh of [...to.childNodes]) {
      const same = fresh.id ? known.get(fresh.id) : next && !next.id ? next : null;
      if (!same) { from.insertBefore(fresh.cloneNode(true), next); continue; }
      if (same === next) next = next.nextSibling;
      else if (from.moveBefore) from.moveBefore(same, next);
      else from.insertBefore(same, next);
      morph(same, fresh);
    }
    while (next) { const after = next.nextSibling; next.remove(); next = after; }
  }

  function patch(id, html) {
    const element = document.getElementById(id);
    if (!element) return;
    const template = document.createElement("template");
    template.innerHTML = html;
    const fresh = template.content.firstElementChild;
    if (fresh) morph(element, fresh);
  }

  // Elements with data-refresh are taken anew from the same page every so many seconds, all with one request.
  async function refresh() {
    if (document.hidden || isPaused()) return;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (isPaused()) return;
      for (const element of document.querySelectorAll("[data-refresh]")) {
        const fresh = page.getElementById(element.id);
        if (fresh) morph(element, fresh);
      }
      document.dispatchEvent(new Event("refreshed"));
      live(true);
    } catch { live(false); }
  }
  function keepFresh() {
    const seconds = [...document.querySelectorAll("[data-refresh]")].map((element) => Number(element.dataset.refresh));
    if (seconds.length === 0 || !sign()) return;
    const again = async () => { await refresh(); setTimeout(again, Math.min(...seconds) * 1000); };
    setTimeout(again, Math.min(...seconds) * 1000);
  }

  // The sign of life in the bar: live, held still by whoever looks, or without an answer.
  const sign = () => document.getElementById("live");
  const isPaused = () => sign()?.dataset.state === "paused";
  let heard = new Date();
  function show(state, words) {
    const element = sign();
    if (!element) return;
    element.dataset.state = state;
    element.setAttribute("aria-pressed", String(state === "paused"));
    if (element.textContent !== words) element.textContent = words;
  }
  function live(is) {
    if (isPaused()) return;
    if (is) heard = new Date();
    show(is ? "on" : "lost", is ? "live" : "no answer");
    const lost = document.getElementById("lost");
    if (!lost) return;
    lost.hidden = is;
    lost.querySelector("time").textContent = heard.toLocaleTimeString();
  }
  function togglePause() {
    if (isPaused()) { show("on", "live"); refresh(); } else show("paused", "paused");
  }

  // Single keys: elements say with data-key which one clicks them, or takes the cursor there.
  function keyed(key) {
    const all = [...document.querySelectorAll("[data-key]")];
    return all.find((element) => element.dataset.key === key && (element.checkVisibility?.() !== false || element.closest("nav")));
  }
  function step(by) {
    const rows = [...document.querySelectorAll("[data-rows] > *")].map((row) => row.querySelector("a[href], summary, button"));
    const all = rows.filter(Boolean);
    const at = all.findIndex((element) => element.closest("[data-rows] > *").contains(document.activeElement));
    const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }
  function showKeys() {
    const dialog = document.getElementById("keys");
    if (!dialog || dialog.open) return;
    const here = document.getElementById("keys-here");
    const entry = (key, words) => {
      const line = document.createElement("div");
      line.append(Object.assign(document.createElement("dt"), { innerHTML: "<kbd></kbd>" }));
      line.firstChild.firstChild.textContent = key;
      line.append(Object.assign(document.createElement("dd"), { textContent: words }));
      return line;
    };
    const named = [...document.querySelectorAll("main [data-key]")].map((element) =>
      entry(element.dataset.key, element.dataset.keyDoes || element.textContent));
    if (document.querySelector("[data-rows]")) named.push(entry("j", "next row"), entry("k", "row before"));
    here.replaceChildren(...named);
    here.previousElementSibling.hidden = named.length === 0;
    dialog.showModal();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, select, textarea, dialog")) return;
    const own = { d: toggleTheme, f: togglePause, "?": showKeys, j: () => step(1), k: () => step(-1) }[event.key];
    const element = own ? null : keyed(event.key);
    if (own) own();
    else if (element?.matches("input, select, textarea")) element.focus();
    else if (element) element.click();
    else return;
    event.preventDefault();
  });

  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme")?.addEventListener("click", toggleTheme);
    document.getElementById("help")?.addEventListener("click", showKeys);
    sign()?.addEventListener("click", togglePause);
    keepFresh();
  });
  // A page that takes its time is on its way: the line on top says so.
  document.addEventListener("submit", (event) => { if (event.target.method === "get") root.dataset.loading = ""; });
  addEventListener("pageshow", () => { delete root.dataset.loading; });
  // Empty fields count as not given: addresses stay short.
  document.addEventListener("formdata", (event) => {
    if (event.target.method !== "get") return;
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });

  return { patch, live, isPaused };
})();
