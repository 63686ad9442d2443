"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const form = byId("filters"), body = byId("overview").tBodies[0], rows = [...body.rows];
  const fields = ["text", "group", "paper", "verdict"].map((name) => byId("filter-" + name));
  const article = new Map(rows.map((row) => [row, byId(row.dataset.target)]));
  const words = new Map(rows.map((row) => [row, (row.textContent + " " + article.get(row).textContent).toLowerCase()]));

  function filter() {
    const [text, group, paper, verdict] = fields.map((field) => field.value);
    const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const data = row.dataset;
      const fits = (!group || data.group === group) && (!paper || data.paper.split(" ").includes(paper))
        && (!verdict || data.verdict === verdict) && wanted.every((word) => words.get(row).includes(word));
      row.hidden = article.get(row).hidden = !fits;
      shown += fits;
    }
    byId("count").textContent = `${shown} of ${rows.length} claims shown`;
    byId("none").hidden = shown > 0;
  }

  function sort(head) {
    const key = head.dataset.key, down = head.getAttribute("aria-sort") === "ascending", sign = down ? -1 : 1;
    const compare = "number" in head.dataset
      ? (a, b) => Number(a.dataset[key]) - Number(b.dataset[key])
      : (a, b) => a.dataset[key].localeCompare(b.dataset[key], "en");
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...[...rows].sort((a, b) => sign * compare(a, b)));
  }

  for (const head of byId("overview").tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(head));
    head.replaceChildren(button);
  }

  async function copy(button) {
    const code = button.previousElementSibling, label = button.firstChild, before = label.data;
    let done = true;
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code);
      done = document.execCommand("copy");
    }
    label.data = done ? "Copied" : "Selected: copy it with your keyboard";
    setTimeout(() => { label.data = before; }, 2500);
  }
  for (const button of document.querySelectorAll("button.copy")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }

  // A formula too wide for its line is scrolled sideways, by the keyboard as well.
  const fitted = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const statement of document.querySelectorAll(".statement")) fitted.observe(statement);

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  addEventListener("pageshow", filter);

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const part of opened) part.open = true;
  });
  addEventListener("afterprint", () => { for (const part of opened) part.open = false; });
})();
