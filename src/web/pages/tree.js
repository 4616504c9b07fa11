// @ts-check
// Between the controls of the form and the report that they make up. The same rules as those of
// `core/src/input/form.rs`: a control that is empty, or that stands as the contract would have it
// anyway, says nothing; an item of a list that says nothing is none.

import { all, asControl, controlsIn } from "./elements.js";
import { addItems, clearLists } from "./lists.js";

/** @import { Control } from "./elements.js" */
/** @import { Report } from "./service.js" */

/**
 * For each path of a report the element that shows what stands there.
 * @typedef {Map<string, HTMLElement>} Elements
 */

/** @typedef {{ columns: string[], rows?: (string | string[])[] }} Table */

/**
 * The report that stands in the form, and for each path of it the element that shows it.
 * @param {HTMLFormElement} form
 */
export function readForm(form) {
  const root = {};
  for (const group of all(form, "fieldset[data-required]")) grow(root, steps(group.id), {});
  for (const control of controlsIn(form)) {
    const value = valueOf(control);
    if (value !== undefined) grow(root, steps(control.name), new Leaf(value));
  }
  /** @type {Elements} */
  const elements = new Map();
  return { report: finish(root, "", "", elements), elements };
}

/**
 * Fills the form with a report. Gives back what has no place in it: paths and texts.
 * @param {HTMLFormElement} form
 * @param {Report} report
 */
export function fillForm(form, report) {
  clearLists(form);
  for (const control of controlsIn(form)) setValue(control, undefined);
  /** @type {[string, string][]} */
  const leftovers = [];
  pour(form, report, "", leftovers);
  return leftovers;
}

/**
 * The element of a path, or of the nearest place around it that has one.
 * @param {Elements} elements
 * @param {string} path
 */
export function elementOf(elements, path) {
  for (let place = path; place; place = outside(place)) {
    const element = elements.get(place) || document.getElementById(place);
    if (element) return element;
  }
  return null;
}

/**
 * Keys and numbers of items.
 * @param {string} path
 */
function steps(path) {
  return path.split(/[.[]/).filter(Boolean).map((step) => (step.endsWith("]") ? Number(step.slice(0, -1)) : step));
}

/** @param {string} path */
function outside(path) {
  return path.replace(/(\.[^.[]*|\[\d+\]|^[^.[]*)$/, "");
}

class Leaf {
  /** @param {unknown} value */
  constructor(value) {
    this.value = value;
  }
}

/**
 * Puts a leaf into a tree, with what is missing on the way.
 * @param {Record<string, any>} root
 * @param {(string | number)[]} path
 * @param {Leaf | {}} leaf
 */
function grow(root, path, leaf) {
  let place = root;
  path.forEach((step, index) => {
    const next = index === path.length - 1 ? leaf : typeof path[index + 1] === "number" ? [] : {};
    place[step] = place[step] || next;
    place = place[step];
  });
}

/**
 * The report of a tree. Items without content have left holes; those behind them move up.
 * @param {any} node
 * @param {string} path in the report
 * @param {string} name in the form
 * @param {Elements} elements
 * @returns {any}
 */
function finish(node, path, name, elements) {
  const element = document.getElementById(name);
  if (element) elements.set(path, element);
  if (node instanceof Leaf) return node.value;
  if (Array.isArray(node)) {
    /** @type {unknown[]} */
    const items = [];
    node.forEach((item, index) => {
      items.push(finish(item, `${path}[${items.length}]`, `${name}[${index}]`, elements));
    });
    return items;
  }
  /** @type {Report} */
  const report = {};
  for (const [key, value] of Object.entries(node)) {
    report[key] = finish(value, path ? `${path}.${key}` : key, name ? `${name}.${key}` : key, elements);
  }
  return report;
}

/** @param {Control} control */
function valueOf(control) {
  /** @param {string[]} items */
  const list = (items) => {
    const said = items.filter((item) => item.trim());
    return said.length ? said : undefined;
  };
  const value = control.value;
  if (control instanceof HTMLInputElement && control.type === "checkbox") return control.checked || undefined;
  switch (control.dataset.entry) {
    case "lines":
    case "paragraphs":
      return list(value.split("\n"));
    case "numbers":
      return list(value.split(/[\s、，,；;]+/));
    case "table":
      return tableOf(value);
    default:
      return value.trim() === (control.dataset.default || "") ? undefined : value;
  }
}

/**
 * @param {Control} control
 * @param {any} value
 */
function setValue(control, value) {
  /** @param {unknown} one */
  const text = (one) => (typeof one === "string" ? one : JSON.stringify(one));
  const list = Array.isArray(value);
  if (control instanceof HTMLInputElement && control.type === "checkbox") control.checked = value === true || value === "true";
  else if (value === undefined || value === null) control.value = control.dataset.default || "";
  else if (control.dataset.entry === "table" && value.columns) control.value = spreadsheetOf(value);
  else if (list && control.dataset.entry === "numbers") control.value = value.map(text).join("、");
  else if (list) control.value = value.map(text).join("\n");
  else {
    control.value = text(value);
    // A choice that does not exist is kept to be seen.
    if (control instanceof HTMLSelectElement && control.value !== text(value)) {
      control.add(new Option(text(value), text(value), true, true));
    }
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {any} value
 * @param {string} path
 * @param {[string, string][]} leftovers
 */
function pour(form, value, path, leftovers) {
  if (value === null || value === undefined) return;
  const element = path ? document.getElementById(path) : form;
  const control = asControl(element);
  if (control) setValue(control, value);
  else if (element && element.matches(".list") && Array.isArray(value)) {
    addItems(element, value.length);
    value.forEach((item, index) => {
      // A bare text is a paragraph without a lead.
      pour(form, typeof item === "string" ? { text: item } : item, `${path}[${index}]`, leftovers);
    });
  } else if (element && typeof value === "object" && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) pour(form, inner, path ? `${path}.${key}` : key, leftovers);
  } else {
    leftovers.push([path, typeof value === "string" ? value : JSON.stringify(value)]);
  }
}

/**
 * A table as a spreadsheet copies it: a line a row, tabs between cells, a cell with a line feed or
 * a quotation mark in quotation marks.
 * @param {string} text
 * @returns {Table | undefined}
 */
export function tableOf(text) {
  const between = text.includes("\t") ? "\t" : "|";
  /** @type {string[][]} */
  const rows = [[]];
  let cell = "";
  let quoted = false;
  const end = () => {
    rows[rows.length - 1].push(cell.trim());
    cell = "";
  };
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (quoted && character === '"' && text[index + 1] === '"') {
      cell += '"';
      index += 1;
    } else if (quoted) {
      if (character === '"') quoted = false;
      else cell += character;
    } else if (character === '"' && cell === "") quoted = true;
    else if (character === between) end();
    else if (character === "\n") {
      end();
      rows.push([]);
    } else cell += character;
  }
  end();
  const said = rows.filter((row) => row.length > 1 || row[0]);
  return said.length ? { columns: said[0], rows: said.slice(1) } : undefined;
}

/** @param {Table} table */
export function spreadsheetOf(table) {
  /** @param {string} text */
  const cell = (text) => (/[\t\n"]/.test(text) ? `"${String(text).replace(/"/g, '""')}"` : text);
  return [table.columns, ...(table.rows || [])].map((row) => [row].flat().map(cell).join("\t")).join("\n");
}
