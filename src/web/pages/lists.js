// @ts-check
// Lists of the form: items come, go and change places. Names and ids of what is in an item begin
// with the item's path, so that a server without this script reads them all the same.

import { all, byId, controlsIn, first, holder } from "./elements.js";

/** @import { Control } from "./elements.js" */

const BEARING = ["id", "name", "aria-describedby"];

/**
 * Adds an empty item at the end of a list, or behind another item.
 * @param {HTMLElement} list
 * @param {HTMLElement | null} [behind]
 */
export function addItem(list, behind) {
  const template = byId(`blank-${list.id.replace(/^.*[.\]]/, "")}`, HTMLTemplateElement);
  const item = /** @type {HTMLElement} */ (first(template.content, ".item").cloneNode(true));
  const items = itemsOf(list);
  rename(item, item.id, `${list.id}[${items.children.length}]`);
  identify(item);
  items.insertBefore(item, behind ? behind.nextElementSibling : null);
  renumber(list);
  return item;
}

/**
 * Has each control be found by the path of its field. The page says so only of those to which it leads.
 * @param {ParentNode} root
 */
export function identify(root) {
  for (const control of controlsIn(root)) control.id = control.name;
}

/**
 * Removes an item, and gives back how to undo it.
 * @param {HTMLElement} item
 */
export function removeItem(item) {
  const list = listOf(item);
  const items = itemsOf(list);
  const next = item.nextElementSibling;
  /** @type {[Control, string][]} */
  const before = answers().map((control) => [control, control.value]);
  follow(list, indexOf(item), null);
  item.remove();
  renumber(list);
  return () => {
    for (const [control, value] of before) control.value = value;
    items.insertBefore(item, next && next.parentElement === items ? next : null);
    renumber(list);
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

/** @param {HTMLElement} list */
function itemsOf(list) {
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
 * Where a problem goes, its number goes along: from one place to another, or away.
 * @param {HTMLElement} list
 * @param {number} from
 * @param {number | null} to
 */
function follow(list, from, to) {
  if (list.id !== "problems") return;
  /** @param {number} number */
  const moved = (number) => {
    if (number === from + 1) return to === null ? null : to + 1;
    if (to === null) return number > from + 1 ? number - 1 : number;
    return number === to + 1 ? from + 1 : number;
  };
  for (const control of answers()) {
    const numbers = control.value.split(/[\s、，,；;]+/).filter(Boolean).map(Number);
    if (numbers.length && numbers.every(Number.isInteger)) {
      control.value = numbers.map(moved).filter((number) => number !== null).join("、");
    }
  }
}
