// @ts-check
// A table as a grid of cells over its text area. The text area stays what the report is read from, and what those
// without scripts fill in.

import { all, first, make, makeButton } from "./elements.js";
import { announce } from "./notices.js";
import { spreadsheetOf, tableOf } from "./tree.js";

/** What was drawn of each text area. @type {WeakMap<HTMLTextAreaElement, string>} */
const drawn = new WeakMap();

/** A table with more cells is edited as text. */
const MOST = 2000;

/** How wide a column is at least, and how much of its longest text is seen before it may be squeezed, in letters. */
const NARROWEST = 4;
const WIDEST = 36;
const SQUEEZED = 14;

/** @typedef {{ area: HTMLTextAreaElement, box: HTMLElement, rows: string[][] }} Grid */

/**
 * Shows the table of a text area as it stands there.
 * @param {HTMLTextAreaElement} area
 */
export function showGrid(area) {
  if (drawn.get(area) === area.value) return;
  drawn.set(area, area.value);
  const table = tableOf(area.value) || { columns: ["", ""], rows: [["", ""]] };
  const rows = [table.columns, ...(table.rows || [])].map((row) => [row].flat());
  const width = Math.max(...rows.map((row) => row.length));
  for (const row of rows) while (row.length < width) row.push("");
  const box = boxOf(area);
  if (width * rows.length > MOST) box.replaceChildren(make("p", "hint", "表格很大，请在下面按文本修改。"));
  else draw({ area, box, rows });
}

/**
 * The place of a grid; the text area is folded below it.
 * @param {HTMLTextAreaElement} area
 */
function boxOf(area) {
  const details = area.closest("details.grid-text");
  if (details && details.previousElementSibling instanceof HTMLElement) return details.previousElementSibling;
  const box = make("div", "grid");
  const folded = make("details", "grid-text");
  folded.append(make("summary", "", "按文本修改"));
  area.setAttribute("aria-label", "表格的文本");
  area.before(box, folded);
  folded.append(area);
  return box;
}

/** @param {Grid} grid */
function draw(grid) {
  const table = make("table");
  const head = make("thead");
  const body = make("tbody");
  // A column is as wide as its longest text, within reason; a Chinese character takes the room of two.
  const widths = grid.rows[0].map((_, column) => Math.max(...grid.rows.map((row) => lettersOf(row[column]))));
  grid.rows.forEach((row, at) => {
    const line = make("tr");
    row.forEach((text, column) => {
      const cell = make(at ? "td" : "th");
      cell.append(entry(grid, at, column, text));
      const input = first(cell, "input", HTMLInputElement);
      input.size = Math.max(NARROWEST, Math.min(WIDEST, widths[column]));
      input.style.minWidth = `calc(${Math.min(SQUEEZED, input.size)}ch + 1rem)`;
      line.append(cell);
    });
    (at ? body : head).append(line);
  });
  table.append(head, body);
  const scroll = make("div", "scroll");
  scroll.append(table);
  grid.box.replaceChildren(scroll, tools(grid));
}

/**
 * How wide a text is, in letters.
 * @param {string} text
 */
function lettersOf(text) {
  return text.length + (text.match(/[^ -~]/g) || []).length;
}

/**
 * @param {Grid} grid
 * @param {number} row
 * @param {number} column
 * @param {string} text
 */
function entry(grid, row, column, text) {
  const cell = make("input", "cell");
  cell.type = "text";
  cell.value = text;
  cell.setAttribute("aria-label", row ? `第 ${row} 行，${grid.rows[0][column] || `第 ${column + 1} 列`}` : `第 ${column + 1} 列的表头`);
  cell.addEventListener("focus", () => place.set(grid.box, [row, column]));
  cell.addEventListener("input", (event) => {
    event.stopPropagation();
    grid.rows[row][column] = cell.value;
    write(grid);
  });
  cell.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" || event.key === "ArrowDown") {
      if (event.key === "Enter" && row === grid.rows.length - 1) change(grid, () => grid.rows.push(grid.rows[0].map(() => "")), row + 1, column);
      else go(grid, row + 1, column);
    } else if (event.key === "ArrowUp") go(grid, row - 1, column);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  cell.addEventListener("paste", (event) => {
    const pasted = (event.clipboardData && event.clipboardData.getData("text/plain")) || "";
    if (!/[\t\n]/.test(pasted.trim())) return;
    event.preventDefault();
    fill(grid, row, column, pasted.trim());
  });
  return cell;
}

/** The cell in which one was, by grid. @type {WeakMap<HTMLElement, [number, number]>} */
const place = new WeakMap();

/**
 * What can be done with the row and the column in which one is.
 * @param {Grid} grid
 */
function tools(grid) {
  const { rows } = grid;
  const at = () => place.get(grid.box) || [rows.length - 1, 0];
  const line = make("p", "buttons");
  /**
   * @param {string} label
   * @param {(row: number, column: number) => [number, number] | null} act gives the cell to go on with
   */
  const tool = (label, act) => {
    line.append(makeButton("button button-quiet button-small", label, () => {
      const [row, column] = at();
      const next = act(Math.min(row, rows.length - 1), Math.min(column, rows[0].length - 1));
      if (next) change(grid, () => {}, ...next);
      else announce("这里不能再这样做");
    }));
  };
  tool("加一行", (row, column) => {
    rows.splice(row + 1, 0, rows[0].map(() => ""));
    return [row + 1, column];
  });
  tool("加一列", (row, column) => {
    for (const one of rows) one.splice(column + 1, 0, "");
    return [row, column + 1];
  });
  tool("行上移", (row, column) => (row > 1 ? (rows.splice(row - 1, 0, ...rows.splice(row, 1)), [row - 1, column]) : null));
  tool("列左移", (row, column) => {
    if (!column) return null;
    for (const one of rows) one.splice(column - 1, 0, ...one.splice(column, 1));
    return [row, column - 1];
  });
  tool("删除行", (row, column) => (row && rows.length > 2 ? (rows.splice(row, 1), [Math.min(row, rows.length - 1), column]) : null));
  tool("删除列", (row, column) => {
    if (rows[0].length < 2) return null;
    for (const one of rows) one.splice(column, 1);
    return [row, Math.min(column, rows[0].length - 1)];
  });
  return line;
}

/**
 * Lays what a spreadsheet copied over the cells from here on, and makes room for it.
 * @param {Grid} grid
 * @param {number} row
 * @param {number} column
 * @param {string} pasted
 */
function fill(grid, row, column, pasted) {
  const table = tableOf(pasted);
  if (!table) return;
  const { rows } = grid;
  const lines = [table.columns, ...(table.rows || [])].map((line) => [line].flat());
  change(grid, () => {
    const width = Math.max(rows[0].length, ...lines.map((line) => column + line.length));
    for (const one of rows) while (one.length < width) one.push("");
    while (rows.length < row + lines.length) rows.push(rows[0].map(() => ""));
    lines.forEach((line, down) => line.forEach((text, across) => {
      rows[row + down][column + across] = text;
    }));
  }, row, column);
}

/**
 * Changes the table, draws it anew and goes on in a cell.
 * @param {Grid} grid
 * @param {() => void} act
 * @param {number} row
 * @param {number} column
 */
function change(grid, act, row, column) {
  act();
  write(grid);
  draw(grid);
  go(grid, row, column);
}

/** @param {Grid} grid */
function write({ area, rows }) {
  const [columns, ...others] = rows;
  const says = rows.some((row) => row.some(Boolean));
  area.value = says ? spreadsheetOf({ columns, rows: others }) : "";
  drawn.set(area, area.value);
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

/**
 * @param {Grid} grid
 * @param {number} row
 * @param {number} column
 */
function go(grid, row, column) {
  const line = all(grid.box, "tr")[row];
  const cell = line && all(line, "input")[column];
  if (cell instanceof HTMLInputElement) {
    cell.focus();
    cell.select();
  }
}
