// Questions in SQL: asks, shows the answer as a table in pages, or says what was wrong.
"use strict";

(() => {
  const PAGE = 100;
  const byId = (id) => document.getElementById(id);
  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const count = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u2009");
  let asked = 0, waiting = null;

  function busy(is) {
    byId("run").disabled = is;
    byId("run").textContent = is ? "Running …" : "Run";
    byId("answer").setAttribute("aria-busy", String(is));
  }
  function wrong(word, message) {
    const line = element("p", "mistake");
    line.setAttribute("role", "alert");
    const state = element("span", "state critical");
    state.innerHTML = '<svg viewBox="0 0 20 20" aria-hidden="true"><rect x="1.5" y="1.5" width="17" height="17" fill="currentColor"></rect></svg>';
    state.append(word);
    line.append(state, element("span", "", message));
    byId("answer").replaceChildren(line);
    byId("question").setAttribute("aria-invalid", "true");
  }

  async function run() {
    const question = byId("question").value;
    const mine = ++asked;
    waiting?.abort();
    waiting = new AbortController();
    busy(true);
    byId("question").removeAttribute("aria-invalid");
    byId("downloads").hidden = true;
    // A question that takes its time is seen to; one that does not makes nothing blink.
    const slow = setTimeout(() => { byId("answer").replaceChildren(element("div", "loading waiting", "Asking …")); }, 300);
    try {
      const sent = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ question }), signal: waiting.signal };
      const response = await fetch("/api/sql", sent);
      const answer = await response.json();
      if (mine !== asked) return;
      clearTimeout(slow);
      if (response.ok) {
        show(answer);
        history.replaceState(null, "", `/sql?q=${encodeURIComponent(question)}`);
        for (const [id, format] of [["as-csv", "csv"], ["as-parquet", "parquet"]]) byId(id).href = `/api/sql?format=${format}&q=${encodeURIComponent(question)}`;
        byId("downloads").hidden = answer.rows.length === 0;
      } else {
        const words = { bad_question: "NOT SO", read_only: "READ ONLY", too_long: "TOO LONG", too_much: "TOO MUCH", busy: "BUSY" };
        wrong(words[answer.error.code] ?? "NOT SO", answer.error.message);
      }
    } catch (error) {
      clearTimeout(slow);
      if (mine === asked && error.name !== "AbortError") wrong("NO ANSWER", "the console does not answer; ask again when it is back");
    } finally {
      if (mine === asked) busy(false);
    }
  }

  function show(answer) {
    const header = element("header");
    header.append(element("h2", "", answer.rows.length === 1 ? "1 row" : `${count(answer.rows.length)} rows`),
      element("p", "", `in ${answer.took_ms >= 1000 ? (answer.took_ms / 1000).toFixed(2) + " s" : Math.max(answer.took_ms, 0.1).toFixed(answer.took_ms < 10 ? 1 : 0) + " ms"}`));
    const parts = [header];
    if (answer.is_cut) parts.push(element("p", "cut", `Only the first ${count(answer.rows.length)} rows are here: narrow the question, or group.`));
    if (answer.rows.length === 0) {
      const nothing = element("div", "empty");
      nothing.append(element("strong", "", "No row fits"), "The question can be answered; there is nothing like it in what is kept.");
      parts.push(nothing);
    } else {
      const chart = element("div", "answer-chart");
      parts.push(chart, pages(answer));
      byId("answer").replaceChildren(...parts);
      if (!SqlChart.draw(chart, answer)) chart.remove();
      return;
    }
    byId("answer").replaceChildren(...parts);
  }

  // The table, a page at a time.
  function pages(answer) {
    const isNumber = answer.columns.map((_, at) => answer.rows.every((row) => row[at] === null || typeof row[at] === "number"));
    const frame = element("div", "scroll"), table = element("table"), head = element("tr"), body = element("tbody");
    answer.columns.forEach((name, at) => head.append(element("th", isNumber[at] ? "number" : "", name)));
    const top = element("thead");
    top.append(head);
    table.append(top, body);
    frame.append(table);
    const whole = element("div", "pages"), foot = element("nav", "turn"), where = element("span", "quiet");
    const before = element("button", "", "Before"), after = element("button", "", "After");
    foot.setAttribute("aria-label", "Rows");
    foot.append(before, where, after);
    let first = 0;
    const turn = (by) => {
      first = Math.min(Math.max(first + by, 0), Math.max(answer.rows.length - 1, 0));
      first -= first % PAGE;
      body.replaceChildren(...answer.rows.slice(first, first + PAGE).map((row) => {
        const line = element("tr");
        row.forEach((value, at) => line.append(cell(value, isNumber[at], answer.columns[at])));
        return line;
      }));
      where.textContent = `${count(first + 1)} to ${count(Math.min(first + PAGE, answer.rows.length))} of ${count(answer.rows.length)}`;
      before.disabled = first === 0;
      after.disabled = first + PAGE >= answer.rows.length;
    };
    before.type = after.type = "button";
    before.addEventListener("click", () => turn(-PAGE));
    after.addEventListener("click", () => turn(PAGE));
    turn(0);
    whole.append(frame);
    if (answer.rows.length > PAGE) whole.append(foot);
    return whole;
  }
  function cell(value, isNumber, column) {
    if (value === null) return element("td", isNumber ? "number faint" : "faint", "NULL");
    const made = element("td", isNumber ? "number" : "value");
    if (column.endsWith("_unix_ms") && typeof value === "number") {
      made.textContent = new Date(value).toISOString().slice(0, 23).replace("T", " ");
      made.title = String(value);
    } else if (column.endsWith("trace_id") && /^[0-9a-f]{32}$/.test(value)) {
      const link = element("a", "", value);
      link.href = `/traces/${value}`;
      made.append(link);
    } else made.textContent = typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(12))) : String(value);
    return made;
  }

  function insert(text) {
    const field = byId("question");
    field.focus();
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  }

  document.addEventListener("DOMContentLoaded", () => {
    byId("ask").addEventListener("submit", (event) => { event.preventDefault(); run(); });
    byId("question").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); }
      if (event.key === "Escape") event.target.blur();
    });
    document.querySelectorAll(".example").forEach((button) => button.addEventListener("click", () => {
      byId("question").value = button.dataset.question;
      run();
    }));
    document.querySelectorAll(".insert").forEach((button) => button.addEventListener("click", () => insert(button.dataset.insert)));
    if (byId("question").value.trim() !== "") run(); else byId("question").focus();
  });
})();
