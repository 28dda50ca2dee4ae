// Two traces side by side: rows that are alike are folded until somebody asks for them.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".fold button").forEach((button) => {
    button.addEventListener("click", () => {
      const rows = button.closest("tbody").previousElementSibling;
      rows.hidden = !rows.hidden;
      button.setAttribute("aria-expanded", String(!rows.hidden));
    });
  });
});
