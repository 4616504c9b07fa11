// Lists of the form: items come, go and change places. Names and ids of what is in an item begin
// with the item's path, so that a server without this script reads them all the same.

const BEARING = ["id", "name", "for", "aria-describedby", "aria-labelledby", "data-place", "data-item", "data-list"];

/** Adds an empty item at the end of a list, or behind another item. */
export function addItem(list, behind) {
  const template = list.querySelector(":scope > template");
  const item = template.content.firstElementChild.cloneNode(true);
  const items = itemsOf(list);
  rename(item, template.dataset.prefix, `${list.dataset.list}[${items.children.length}]`);
  items.insertBefore(item, behind ? behind.nextElementSibling : null);
  renumber(list);
  return item;
}

/** Removes an item, and gives back how to undo it. */
export function removeItem(item) {
  const list = listOf(item);
  const items = item.parentElement;
  const next = item.nextElementSibling;
  const answers = Array.from(document.querySelectorAll('[data-entry="numbers"]'), (control) => [control, control.value]);
  follow(list, indexOf(item), null);
  item.remove();
  renumber(list);
  return () => {
    for (const [control, value] of answers) control.value = value;
    items.insertBefore(item, next && next.parentElement === items ? next : null);
    renumber(list);
  };
}

/** Moves an item by one place, up (-1) or down (1). Says whether there was room. */
export function moveItem(item, by) {
  const neighbour = by < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!neighbour) return false;
  const list = listOf(item);
  follow(list, indexOf(item), indexOf(neighbour));
  item.parentElement.insertBefore(item, by < 0 ? neighbour : neighbour.nextElementSibling);
  renumber(list);
  return true;
}

export function clearLists(form) {
  for (const list of form.querySelectorAll("[data-list]")) itemsOf(list).replaceChildren();
}

export function listOf(item) {
  return item.parentElement.closest("[data-list]");
}

function itemsOf(list) {
  return list.querySelector(":scope > .items");
}

function indexOf(item) {
  return Array.prototype.indexOf.call(item.parentElement.children, item);
}

function renumber(list) {
  Array.from(itemsOf(list).children).forEach((item, index) => {
    rename(item, item.dataset.item, `${list.dataset.list}[${index}]`);
    item.querySelector("[data-number]").textContent = index + 1;
  });
}

function rename(root, from, to) {
  if (from === to) return;
  const renamed = (word) => (word.startsWith(from) ? to + word.slice(from.length) : word);
  for (const element of [root, ...root.querySelectorAll("*")]) {
    const bearing = element.tagName === "BUTTON" ? [...BEARING, "value"] : BEARING;
    for (const name of bearing.filter((name) => element.hasAttribute(name))) {
      element.setAttribute(name, element.getAttribute(name).split(" ").map(renamed).join(" "));
    }
  }
}

// Plans name the problems that they answer by number; where a problem goes, its number goes along.
function follow(list, from, to) {
  if (list.dataset.list !== "problems") return;
  const moved = (number) => {
    if (number === from + 1) return to === null ? null : to + 1;
    if (to === null) return number > from + 1 ? number - 1 : number;
    return number === to + 1 ? from + 1 : number;
  };
  for (const control of document.querySelectorAll('[data-entry="numbers"]')) {
    const numbers = control.value.split(/[\s、，,；;]+/).filter(Boolean).map(Number);
    if (numbers.length && numbers.every(Number.isInteger)) {
      control.value = numbers.map(moved).filter((number) => number !== null).join("、");
    }
  }
}
