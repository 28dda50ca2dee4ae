// What every page does: the theme, patching in place, and tables that keep themselves fresh.
"use strict";

const Doorbuster = (() => {
  const root = document.documentElement;

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
  setTheme(new URLSearchParams(location.search).get("theme") || remembered());

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
    const old = [...from.childNodes], fresh = [...to.childNodes];
    fresh.forEach((node, index) => {
      if (index < old.length) morph(old[index], node); else from.append(node.cloneNode(true));
    });
    old.slice(fresh.length).forEach((node) => node.remove());
  }

  function patch(id, html) {
    const element = document.getElementById(id);
    if (!element) return;
    const template = document.createElement("template");
    template.innerHTML = html;
    const fresh = template.content.firstElementChild;
    if (fresh) morph(element, fresh);
  }

  // Elements with data-refresh are taken anew from the same page every so many seconds.
  function keepFresh(element) {
    const seconds = Number(element.dataset.refresh);
    setInterval(async () => {
      if (document.hidden) return;
      try {
        const answer = await fetch(location.href, { headers: { accept: "text/html" } });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(element.id);
        if (fresh) morph(element, fresh);
        live(true);
      } catch { live(false); }
    }, seconds * 1000);
  }

  function live(is) {
    const sign = document.getElementById("live");
    if (!sign) return;
    sign.dataset.state = is ? "on" : "lost";
    sign.textContent = is ? "live" : "no connection, trying again";
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme")?.addEventListener("click", toggleTheme);
    document.querySelectorAll("[data-refresh]").forEach(keepFresh);
  });
  // Single keys, as long as nobody is typing: one for each page (`layout.rs` has them too), d for the theme.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    const pages = {
      s: "/", v: "/services", t: "/traces", b: "/databases", l: "/logs", m: "/monitors", i: "/incidents", o: "/slos", a: "/llm",
      q: "/sql", r: "/runs",
    };
    if (event.key in pages) location.href = pages[event.key];
    if (event.key === "d") toggleTheme();
  });

  return { patch, live };
})();
