// One trace: e jumps to the next span with an error, o opens or closes all.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (event.key === "e") {
    const errors = [...document.querySelectorAll(".waterfall details.error > summary")];
    const next = errors[errors.indexOf(document.activeElement) + 1] ?? errors[0];
    next?.focus();
    next?.scrollIntoView({ block: "center" });
  }
  if (event.key === "o") {
    const all = [...document.querySelectorAll(".waterfall details")];
    const open = !all.some((details) => details.open);
    all.forEach((details) => { details.open = open; });
  }
});
document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("next-error")?.addEventListener("click", () => {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "e", bubbles: true }));
  });
});
