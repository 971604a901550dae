"use strict";

// Draw the charts. Their text follows each of them, as JSON.
const CHARACTER = 7;
const SYMBOL = 30;
for (const chart of document.querySelectorAll(".chart")) {
  const specification = JSON.parse(chart.nextElementSibling.textContent);
  const { config, usermeta } = specification;
  const column = usermeta.longest * CHARACTER + SYMBOL;
  config.legend.columns = Math.max(1, Math.floor((chart.clientWidth - 2 * SYMBOL) / column));
  if (config.axisY) {
    config.axisY.labelLimit = chart.clientWidth - SYMBOL;
  }
  window
    // Interpreted expressions, for the page's policy forbids to make code of text.
    .vegaEmbed(chart, specification, { actions: false, ast: true, renderer: "svg", mode: "vega-lite" })
    .then(() => {
      // The chart itself is an image with a sentence: its parts say no more to a screen reader.
      chart.querySelector("svg").setAttribute("aria-hidden", "true");
      chart.setAttribute("data-drawn", "");
    })
    .catch((error) => {
      chart.textContent = "This chart cannot be drawn here: its numbers are in the table below.";
      console.error(error);
    });
}

// Sort a table by a column: by numbers where all cells have them. Cells without a value stay behind.
function value(row, column) {
  return row.cells[column].dataset.value;
}

function compare(first, second) {
  const numbers = [Number(first), Number(second)];
  return numbers.some(Number.isNaN) ? first.localeCompare(second) : numbers[0] - numbers[1];
}

function sort(button) {
  const heading = button.closest("th");
  const table = heading.closest("table");
  const descends = heading.ariaSort === "ascending";
  const column = heading.cellIndex;
  const rows = [...table.tBodies[0].rows].sort((one, other) => {
    const [first, second] = [value(one, column), value(other, column)];
    if (first === undefined || second === undefined) {
      return (first === undefined) - (second === undefined);
    }
    return descends ? compare(second, first) : compare(first, second);
  });
  table.tBodies[0].append(...rows);
  table.classList.add("resorted");
  for (const other of heading.parentElement.cells) {
    other.removeAttribute("aria-sort");
  }
  heading.setAttribute("aria-sort", descends ? "descending" : "ascending");
}

for (const button of document.querySelectorAll(".sortable button")) {
  button.addEventListener("click", () => sort(button));
}

// A link to the numbers opens them; on paper all are open.
for (const link of document.querySelectorAll(".to-numbers")) {
  link.addEventListener("click", () => {
    document.getElementById(link.hash.slice(1)).open = true;
  });
}
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) {
    details.open = true;
  }
});
