// @ts-check
// Lists of the form: items come, go and change places. Names and ids of what is in an item begin
// with the item's path, so that a server without this script reads them all the same.

import { all, around, byId, controlsIn, first, holder } from "./elements.js";

/** @import { Control } from "./elements.js" */

const BEARING = ["id", "name", "aria-describedby"];

/**
 * Adds so many empty items at the end of a list, or behind another item.
 * @param {HTMLElement} list
 * @param {number} count
 * @param {HTMLElement | null} [behind]
 */
export function addItems(list, count, behind) {
  const blank = first(byId(`blank-${list.id.replace(/^.*[.\]]/, "")}`, HTMLTemplateElement).content, ".item");
  const items = itemsOf(list);
  // A browser looks for the form's first button anew with each that would send it.
  for (const button of blank.querySelectorAll("button")) button.type = "button";
  const { length } = items.children;
  const next = behind ? behind.nextElementSibling : null;
  const added = Array.from({ length: count }, (_, index) => {
    const item = /** @type {HTMLElement} */ (blank.cloneNode(true));
    rename(item, item.id, `${list.id}[${length + index}]`);
    identify(item);
    return item;
  });
  const together = document.createDocumentFragment();
  together.append(...added);
  items.insertBefore(together, next);
  renumber(list);
  return added;
}

/**
 * Has each control be found by the path of its field. The page says so only of those to which it leads.
 * @param {ParentNode} root
 */
export function identify(root) {
  for (const control of controlsIn(root)) control.id = control.name;
}

/**
 * Removes an item, and gives back how to undo it. What was written since stays as it is.
 * @param {HTMLElement} item
 */
export function removeItem(item) {
  const list = listOf(item);
  const items = itemsOf(list);
  const index = indexOf(item);
  const { previousElementSibling: before, nextElementSibling: behind } = item;
  const naming = new Set(
    list.id === "problems" ? answers().filter((one) => (numbersOf(one) || []).includes(index + 1)) : [],
  );
  // Who enters other numbers there meanwhile has thought better of it.
  for (const control of naming) control.addEventListener("input", () => naming.delete(control), { once: true });
  follow(list, index, null);
  item.remove();
  renumber(list);
  return () => {
    if (behind && behind.parentElement === items) items.insertBefore(item, behind);
    else if (before && before.parentElement === items) before.after(item);
    else items.insertBefore(item, items.children[index] || null);
    renumber(list);
    follow(list, null, indexOf(item));
    for (const control of naming) name(control, indexOf(item) + 1);
  };
}

/**
 * Moves an item by one place, up (-1) or down (1). Says whether there was room.
 * @param {HTMLElement} item
 * @param {-1 | 1} by
 */
export function moveItem(item, by) {
  const neighbour = by < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!neighbour) return false;
  const list = listOf(item);
  follow(list, indexOf(item), indexOf(neighbour));
  itemsOf(list).insertBefore(item, by < 0 ? neighbour : neighbour.nextElementSibling);
  renumber(list);
  return true;
}

/**
 * Has a list hold these items, in this order.
 * @param {HTMLElement} list
 * @param {Element[]} wanted
 */
export function arrange(list, wanted) {
  itemsOf(list).replaceChildren(...wanted);
  renumber(list);
}

/** @param {HTMLFormElement} form */
export function clearLists(form) {
  for (const list of all(form, ".list")) itemsOf(list).replaceChildren();
}

/**
 * The list that an item stands in.
 * @param {HTMLElement} item
 */
export function listOf(item) {
  return holder(/** @type {HTMLElement} */ (item.parentElement), ".list");
}

/**
 * The paragraph of a body that this control is of: its text, or what stands before it.
 * @param {Control} control
 */
export function paragraphOf(control) {
  return /\.body\[\d+\]\.(?:lead|text)$/.test(control.name) ? around(control, ".item") : null;
}

/**
 * The text of such an item.
 * @param {HTMLElement} item
 */
export function textOf(item) {
  return first(item, '[name$=".text"]', HTMLTextAreaElement);
}

/** @param {HTMLElement} list */
export function itemsOf(list) {
  return first(list, ":scope > .items");
}

/** @param {Element} item */
function indexOf(item) {
  return item.parentElement ? Array.from(item.parentElement.children).indexOf(item) : -1;
}

/** @param {HTMLElement} list */
function renumber(list) {
  all(itemsOf(list), ":scope > *").forEach((item, index) => {
    rename(item, item.id, `${list.id}[${index}]`);
    const title = first(item, "legend");
    title.textContent = (title.textContent || "").replace(/\d+$/, String(index + 1));
  });
}

/**
 * @param {HTMLElement} root
 * @param {string} from
 * @param {string} to
 */
function rename(root, from, to) {
  if (from === to) return;
  /** @param {string} word */
  const renamed = (word) => (word.startsWith(from) ? to + word.slice(from.length) : word);
  for (const element of [root, ...root.querySelectorAll("*")]) {
    for (const name of element.tagName === "BUTTON" ? [...BEARING, "value"] : BEARING) {
      const value = element.getAttribute(name);
      if (value !== null) element.setAttribute(name, value.split(" ").map(renamed).join(" "));
    }
  }
}

/** The controls in which plans name the problems that they answer, by number. */
function answers() {
  return controlsIn(document).filter((control) => control.dataset.entry === "numbers");
}

/**
 * The numbers in such a control; nothing where something else stands there too.
 * @param {Control} control
 */
function numbersOf(control) {
  const numbers = control.value.split(/[\s、，,；;]+/).filter(Boolean).map(Number);
  return numbers.length && numbers.every(Number.isInteger) ? numbers : null;
}

/**
 * Where a problem goes, its number goes along: from one place to another, away, or back.
 * @param {HTMLElement} list
 * @param {number | null} from
 * @param {number | null} to
 */
function follow(list, from, to) {
  if (list.id !== "problems") return;
  /** @param {number} number */
  const moved = (number) => {
    if (from === null) return to !== null && number > to ? number + 1 : number;
    if (number === from + 1) return to === null ? null : to + 1;
    if (to === null) return number > from + 1 ? number - 1 : number;
    return number === to + 1 ? from + 1 : number;
  };
  for (const control of answers()) {
    const numbers = numbersOf(control);
    if (numbers) control.value = numbers.map(moved).filter((number) => number !== null).join("、");
  }
}

/**
 * Has a control name this problem, too.
 * @param {Control} control
 * @param {number} number
 */
function name(control, number) {
  const numbers = numbersOf(control) || [];
  const at = numbers.findIndex((one) => one > number);
  numbers.splice(at < 0 ? numbers.length : at, 0, number);
  control.value = numbers.join("、");
}
