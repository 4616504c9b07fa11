// Between the controls of the form and the report that they make up. The same rules as those of
// `core/src/input/form.rs`: a control that is empty, or that stands as the contract would have it
// anyway, says nothing; an item of a list that says nothing is none.

import { addItem, clearLists } from "./lists.js";

const INVISIBLE = /[\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/g;

/** The report that stands in the form, and for each path of it the element that shows it. */
export function readForm(form) {
  const root = {};
  for (const group of form.querySelectorAll("fieldset[data-required]")) grow(root, steps(group.id), {});
  for (const control of form.elements) {
    if (!control.name || control.name.startsWith("_")) continue;
    const value = valueOf(control);
    if (value !== undefined) grow(root, steps(control.name), new Leaf(value));
  }
  const elements = new Map();
  return { report: finish(root, "", "", elements), elements };
}

/** Fills the form with a report. Gives back what has no place in it, as [path, text]. */
export function fillForm(form, report) {
  clearLists(form);
  for (const control of form.elements) {
    if (control.name && !control.name.startsWith("_")) setValue(control, undefined);
  }
  const leftovers = [];
  pour(form, report, "", leftovers);
  return leftovers;
}

/** The element of a path, or of the nearest place around it that has one. */
export function elementOf(elements, path) {
  for (let place = path; place; place = around(place)) {
    const element = elements.get(place) || document.getElementById(place);
    if (element) return element;
  }
  return null;
}

export function steps(path) {
  return path.split(/[.[]/).filter(Boolean).map((step) => (step.endsWith("]") ? Number(step.slice(0, -1)) : step));
}

function around(path) {
  return path.replace(/(\.[^.[]*|\[\d+\]|^[^.[]*)$/, "");
}

class Leaf {
  constructor(value) {
    this.value = value;
  }
}

function grow(root, path, leaf) {
  let place = root;
  path.forEach((step, index) => {
    if (index === path.length - 1) place[step] = place[step] || leaf;
    else place = place[step] = place[step] || (typeof path[index + 1] === "number" ? [] : {});
  });
}

// Items without content have left holes; those behind them move up.
function finish(node, path, name, elements) {
  const element = document.getElementById(name);
  if (element) elements.set(path, element);
  if (node instanceof Leaf) return node.value;
  if (Array.isArray(node)) {
    const items = [];
    node.forEach((item, index) => {
      items.push(finish(item, `${path}[${items.length}]`, `${name}[${index}]`, elements));
    });
    return items;
  }
  const report = {};
  for (const [key, value] of Object.entries(node)) {
    report[key] = finish(value, path ? `${path}.${key}` : key, name ? `${name}.${key}` : key, elements);
  }
  return report;
}

function valueOf(control) {
  const list = (items) => {
    const said = items.filter((item) => item.trim());
    return said.length ? said : undefined;
  };
  const value = control.value;
  switch (control.dataset.entry) {
    case "mark":
      return control.checked ? true : undefined;
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

function setValue(control, value) {
  const text = (one) => (typeof one === "string" ? one : JSON.stringify(one));
  const list = Array.isArray(value);
  if (control.dataset.entry === "mark") control.checked = value === true || value === "true";
  else if (value === undefined || value === null) control.value = control.dataset.default || "";
  else if (control.dataset.entry === "table" && value.columns) control.value = spreadsheetOf(value);
  else if (list && control.dataset.entry === "numbers") control.value = value.map(text).join("、");
  else if (list) control.value = value.map(text).join("\n");
  else {
    control.value = text(value);
    // A choice that does not exist is kept to be seen.
    if (control.tagName === "SELECT" && control.value !== text(value)) {
      control.add(new Option(text(value), text(value), true, true));
    }
  }
}

function pour(form, value, path, leftovers) {
  if (value === null || value === undefined) return;
  const element = path ? document.getElementById(path) : form;
  if (element && element.dataset.entry) return setValue(element, value);
  if (element && element.dataset.list && Array.isArray(value)) {
    value.forEach((item, index) => {
      addItem(element);
      // A bare text is a paragraph without a lead.
      pour(form, typeof item === "string" ? { text: item } : item, `${path}[${index}]`, leftovers);
    });
  } else if (element && typeof value === "object" && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) pour(form, inner, path ? `${path}.${key}` : key, leftovers);
  } else {
    leftovers.push([path, typeof value === "string" ? value : JSON.stringify(value)]);
  }
}

/** A text as an office program copies it, without what leaves no trace on paper. */
export function cleaned(text) {
  return text
    .replace(/\r\n?|\v|\f/g, "\n")
    .replace(INVISIBLE, "")
    .replace(/\u00A0/g, " ")
    .split("\n")
    .map((line) => line.replace(/^[\s\u3000]+|[\s\u3000]+$/g, "").replace(/\t+/g, " "))
    .filter(Boolean)
    .join("\n");
}

// A table as a spreadsheet copies it: a line a row, tabs between cells, a cell with a line feed or
// a quotation mark in quotation marks.
function tableOf(text) {
  const between = text.includes("\t") ? "\t" : "|";
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

function spreadsheetOf(table) {
  const cell = (text) => (/[\t\n"]/.test(text) ? `"${String(text).replace(/"/g, '""')}"` : text);
  return [table.columns, ...(table.rows || [])].map((row) => [].concat(row).map(cell).join("\t")).join("\n");
}
