// @ts-check
// Items of the form under the hand: by button and by key.

import { around, controlsIn, first, holder, makeButton } from "./elements.js";
import { addItem, listOf, moveItem, removeItem } from "./lists.js";
import { announce, dismiss, notice } from "./notices.js";
import { paragraphOf, pointsOf, split } from "./paragraphs.js";

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
    if (act === "add") enter(addItem(holder(button, ".list")));
    else if (act === "remove") remove(holder(button, ".item"), changed);
    else move(holder(button, ".item"), act === "up" ? -1 : 1, button);
    changed();
  });

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
      enter(addItem(list, item && listOf(item) === list ? item : null));
      changed();
    } else if (event.key === "Enter" && event.target instanceof HTMLInputElement) {
      // The line is done; the report is not.
      event.preventDefault();
    }
  });
}

/**
 * Keeps a field in which one types as high as its text, and offers to split it.
 * @param {Event} event
 */
export function onInput(event) {
  if (!(event.target instanceof HTMLTextAreaElement)) return;
  grow(event.target);
  offerSplit(event.target);
}

/**
 * The same of every field of the form.
 * @param {HTMLFormElement} form
 */
export function fit(form) {
  const areas = form.querySelectorAll("textarea");
  areas.forEach(grow);
  areas.forEach(offerSplit);
}

/** @param {HTMLTextAreaElement} area */
function grow(area) {
  if (area.dataset.entry === "table") return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

/** @param {HTMLElement} item */
function enter(item) {
  item.querySelectorAll("textarea").forEach(grow);
  controlsIn(item)[0].focus();
  item.scrollIntoView({ block: "nearest" });
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
  if (!says) return;
  notice("removed", "note", `已删除“${title}”。`, [
    ["撤销删除", () => {
      undo();
      dismiss("removed");
      changed();
    }],
  ]);
}

/** @param {HTMLElement} item */
function titleOf(item) {
  return (first(item, "legend").textContent || "").trim();
}

/**
 * Offers to split a paragraph that runs points together.
 * @param {HTMLTextAreaElement} area
 */
function offerSplit(area) {
  const item = paragraphOf(area);
  if (!item) return;
  const count = pointsOf(area.value).length;
  const label = `按“一是、二是”分成 ${count} 段`;
  const offer = item.querySelector(":scope > .split-offer");
  if (count < 2) {
    if (offer) offer.remove();
  } else if (offer) {
    offer.textContent = label;
  } else {
    const button = makeButton("button button-small split-offer", label, () => {
      const made = split(item);
      button.remove();
      announce(`已分成 ${made} 段`);
    });
    item.append(button);
  }
}
