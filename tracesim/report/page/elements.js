// Elements of the page. Text is always set as text, so that nothing in a record or an answer is read as HTML.
"use strict";

/**
 * Return a new element.
 * @param {string} kind Name of the tag, with classes after dots: "div.scroll".
 * @param {object} properties Attributes; functions are listeners, and null or false leaves an attribute out.
 * @param {...(Node|string|number|null)} children What it contains.
 */
function element(kind, properties = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  return furnished(document.createElement(tag), classes, properties, children);
}

/** Return a new element of a drawing; see `element`. */
function drawn(kind, properties = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  return furnished(document.createElementNS("http://www.w3.org/2000/svg", tag), classes, properties, children);
}

function furnished(node, classes, properties, children) {
  if (classes.length) node.classList.add(...classes);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** Return the element of the page with an id. */
function byId(id) {
  return document.getElementById(id);
}

/** Return a select with options, given as pairs of value and text. */
function select(label, options, chosen, change) {
  const items = options.map(([value, text]) => element("option", { value, selected: value === chosen }, text));
  const box = element("select", { "aria-label": label, change: () => change(box.value) }, items);
  return box;
}

/** Return a table with a row of headings and further rows, each a list of cells. */
function plainTable(headings, rows) {
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, headings.map((one) => element("th", { scope: "col" }, one)))),
    element("tbody", {}, rows.map((cells) => element("tr", {}, cells.map((one) => element("td", {}, one))))),
  );
}

/** Let the arrow keys move the focus within a table whose cells hold links or buttons. */
function moveByArrows(table) {
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  table.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    const cell = event.target.closest("td, th");
    if (!step || !cell) return;
    const row = table.rows[cell.parentElement.rowIndex + step[0]];
    const next = row?.cells[cell.cellIndex + step[1]]?.querySelector("a, button");
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

/** Whether a key is meant for the page, and not for what has the focus. */
function isShortcut(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return false;
  return event.key !== " " || !event.target.closest("a, button, summary, video");
}
