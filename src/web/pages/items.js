// @ts-check
// Items of the form under the hand: by button and by key.

import { fit } from "./areas.js";
import { around, byId, controlsIn, first, holder } from "./elements.js";
import { addItems, listOf, moveItem, removeItem } from "./lists.js";
import { announce } from "./notices.js";
import { makeWay } from "./panel.js";
import { lastYear } from "./parts.js";
import { tellRemoval } from "./removals.js";

/**
 * Lets items be added, removed and moved. Each of it is a change of the form.
 * @param {HTMLFormElement} form
 */
export function handleItems(form) {
  const changed = () => form.dispatchEvent(new Event("change"));

  form.addEventListener("click", (event) => {
    const button = around(event.target, ".list button");
    const act = button instanceof HTMLButtonElement && button.name === "_do" && button.value.split(" ")[0];
    if (!button || !act) return;
    event.preventDefault();
    if (act === "add") enter(holder(button, ".list"), null);
    else if (act === "remove") remove(holder(button, ".item"), changed);
    else move(holder(button, ".item"), act === "up" ? -1 : 1, button);
    changed();
  });

  lastYear.onAnswer = (heading) => {
    makeWay();
    const item = enter(byId("measures"), null);
    const control = first(item, '[name$=".heading"]', HTMLInputElement);
    control.value = heading;
    changed();
  };

  form.addEventListener("mouseover", (event) => {
    const button = around(event.target, ".item-tools button");
    if (!(button instanceof HTMLButtonElement)) return;
    if (button.value.startsWith("up ")) button.title = "上移（Alt+↑）";
    if (button.value.startsWith("down ")) button.title = "下移（Alt+↓）";
  });

  form.addEventListener("keydown", (event) => {
    const item = around(event.target, ".item");
    if (item && event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      move(item, event.key === "ArrowUp" ? -1 : 1, /** @type {HTMLElement} */ (event.target));
      changed();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const list = around(event.target, ".list");
      if (!list) return;
      event.preventDefault();
      enter(list, item && listOf(item) === list ? item : null);
      changed();
    } else if (event.key === "Enter" && event.target instanceof HTMLInputElement) {
      // The line is done; the report is not.
      event.preventDefault();
    }
  });
}

/**
 * Goes on in a new item, at the end of the list or behind another.
 * @param {HTMLElement} list
 * @param {HTMLElement | null} behind
 */
function enter(list, behind) {
  const [item] = addItems(list, 1, behind);
  fit(item.querySelectorAll("textarea"));
  controlsIn(item)[0].focus();
  item.scrollIntoView({ block: "nearest" });
  return item;
}

/**
 * @param {HTMLElement} item
 * @param {-1 | 1} by
 * @param {HTMLElement} focus
 */
function move(item, by, focus) {
  if (moveItem(item, by)) {
    focus.focus();
    item.scrollIntoView({ block: "nearest" });
    announce(`已移到：${titleOf(item)}`);
  } else {
    announce(by < 0 ? "已经是第一项" : "已经是最后一项");
  }
}

/**
 * @param {HTMLElement} item
 * @param {() => void} changed
 */
function remove(item, changed) {
  const title = titleOf(item);
  const written = controlsIn(item).filter((control) => control.type !== "checkbox" && control.tagName !== "SELECT");
  const says = written.some((control) => control.value !== (control.dataset.default || ""));
  const list = listOf(item);
  const undo = removeItem(item);
  first(list, ":scope > button").focus();
  if (says) tellRemoval({ title, item, undo }, changed);
}

/** @param {HTMLElement} item */
function titleOf(item) {
  return (first(item, "legend").textContent || "").trim();
}
