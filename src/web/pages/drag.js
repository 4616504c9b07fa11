// @ts-check
// Items dragged by their titles to another place of their list.

import { around } from "./elements.js";
import { listOf, moveItem } from "./lists.js";
import { announce } from "./notices.js";

/** Tells what is dragged here from files and texts that are dragged in. */
const KIND = "application/x-nianbao-item";

/** @param {HTMLFormElement} form */
export function handleDragging(form) {
  /** @type {HTMLElement | null} */
  let dragged = null;
  /** @type {HTMLElement | null} */
  let target = null;

  /** @param {HTMLElement | null} next */
  const aim = (next) => {
    if (target) target.classList.remove("is-aimed-at");
    target = next;
    if (target) target.classList.add("is-aimed-at");
  };
  form.addEventListener("mouseover", (event) => {
    const title = around(event.target, ".item > legend");
    if (!title || title.draggable) return;
    title.draggable = true;
    title.title = "按住拖到别的位置";
  });
  form.addEventListener("dragstart", (event) => {
    const title = around(event.target, ".item > legend");
    if (!title || !event.dataTransfer) return;
    dragged = title.parentElement;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData(KIND, "");
  });
  form.addEventListener("dragover", (event) => {
    const over = dragged && siblingOf(dragged, event.target);
    if (!over) return;
    event.preventDefault();
    aim(over);
  });
  form.addEventListener("drop", (event) => {
    const over = dragged && siblingOf(dragged, event.target);
    if (!dragged || !over) return;
    event.preventDefault();
    const isAhead = Boolean(dragged.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING);
    while (isAhead ? over.nextElementSibling !== dragged : over.previousElementSibling !== dragged) {
      if (!moveItem(dragged, isAhead ? 1 : -1)) break;
    }
    const title = dragged.querySelector("legend");
    announce(`已移到：${((title && title.textContent) || "").trim()}`);
    form.dispatchEvent(new Event("change"));
  });
  form.addEventListener("dragend", () => {
    aim(null);
    dragged = null;
  });
}

/**
 * The item of the same list that something belongs to; nothing where it is the dragged one itself.
 * @param {HTMLElement} dragged
 * @param {EventTarget | null} within
 */
function siblingOf(dragged, within) {
  const list = listOf(dragged);
  let item = around(within, ".item");
  while (item && listOf(item) !== list) item = around(listOf(item), ".item");
  return item === dragged ? null : item;
}
