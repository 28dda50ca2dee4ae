// A report's theme: as the system prefers, as ?theme= says, as the button says; paper is light. Asks for nothing from anywhere.
"use strict";

(() => {
  const root = document.documentElement;
  function theme(name) {
    if (name) root.dataset.theme = name; else delete root.dataset.theme;
    document.dispatchEvent(new Event("themechange"));
  }
  document.getElementById("theme").addEventListener("click", () => {
    const prefersLight = matchMedia("(prefers-color-scheme: light)").matches;
    theme((root.dataset.theme || (prefersLight ? "light" : "dark")) === "dark" ? "light" : "dark");
  });
  let before;
  addEventListener("beforeprint", () => { before = root.dataset.theme; theme("light"); });
  addEventListener("afterprint", () => theme(before));
  const asked = new URLSearchParams(location.search).get("theme");
  if (asked === "light" || asked === "dark") theme(asked);
})();
