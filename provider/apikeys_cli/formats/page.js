"use strict";
// Sorting, searching and filtering of the table; without this script the page shows all of it.
const table = document.getElementById("table");
const body = table.tBodies[0];
const rows = Array.from(body.rows, (row) => ({ row, text: row.textContent.toLowerCase() }));
const search = document.getElementById("search");
const shown = document.getElementById("shown");
const none = document.getElementById("none");
const chips = Array.from(document.querySelectorAll(".chip"));

function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const kinds = chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.kind);
  let count = 0;
  for (const { row, text } of rows) {
    const has = row.dataset.kinds.split(" ");
    const fits = words.every((word) => text.includes(word)) && (!kinds.length || kinds.some((kind) => has.includes(kind)));
    row.hidden = !fits;
    count += fits ? 1 : 0;
  }
  shown.value = count === rows.length ? `${count} shown` : `${count} of ${rows.length} shown`;
  none.hidden = count > 0;
}

function sort(header) {
  const { column } = header.dataset;
  const numbers = "numbers" in header.dataset;
  const direction = header.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  for (const other of table.tHead.querySelectorAll("[aria-sort]")) {
    other.setAttribute("aria-sort", "none");
  }
  header.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
  rows.sort((one, other) => {
    const a = one.row.dataset[column];
    const b = other.row.dataset[column];
    if (a === "" || b === "") {
      return (a === "" ? 1 : 0) - (b === "" ? 1 : 0);
    }
    return direction * (numbers ? Number(a) - Number(b) : a.localeCompare(b));
  });
  body.append(...rows.map(({ row }) => row));
}

for (const header of table.tHead.querySelectorAll("[aria-sort]")) {
  header.querySelector("button").addEventListener("click", () => sort(header));
}
for (const chip of chips) {
  chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
    show();
  });
}
search.addEventListener("input", show);
document.getElementById("clear").addEventListener("click", () => {
  search.value = "";
  chips.forEach((chip) => chip.setAttribute("aria-pressed", "false"));
  show();
  search.focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== search && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  }
});
document.querySelector(".controls").hidden = false;
show();
