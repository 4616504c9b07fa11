// Items of the form under the hand: by button and by key.

import { make } from "./elements.js";
import { addItem, moveItem, removeItem } from "./lists.js";
import { announce, dismiss, notice } from "./notices.js";
import { paragraphOf, pointsOf, split } from "./paragraphs.js";

/** Lets items be added, removed and moved; `changed` is called after each change. */
export function handleItems(form, changed) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    event.preventDefault();
    const item = button.closest("[data-item]");
    if (button.dataset.do === "add") enter(addItem(button.closest("[data-list]")));
    else if (button.dataset.do === "remove") remove(item, changed);
    else move(item, button.dataset.do === "up" ? -1 : 1, button);
    changed();
  });

  form.addEventListener("keydown", (event) => {
    const item = event.target.closest("[data-item]");
    if (item && event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      move(item, event.key === "ArrowUp" ? -1 : 1, event.target);
      changed();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const list = event.target.closest("[data-list]");
      if (!list) return;
      event.preventDefault();
      enter(addItem(list, item && item.parentElement.parentElement === list ? item : null));
      changed();
    } else if (event.key === "Enter" && event.target.tagName === "INPUT") {
      // The line is done; the report is not.
      event.preventDefault();
    }
  });
}

/** Makes a field as high as its text. */
export function grow(control) {
  if (control.tagName !== "TEXTAREA" || control.dataset.entry === "table") return;
  control.style.height = "auto";
  control.style.height = `${control.scrollHeight + 2}px`;
}

function enter(item) {
  const first = item.querySelector(".control");
  item.querySelectorAll("textarea").forEach(grow);
  first.focus();
  item.scrollIntoView({ block: "nearest" });
}

function move(item, by, focus) {
  const title = () => item.querySelector(".item-title").textContent.trim();
  if (moveItem(item, by)) {
    focus.focus();
    item.scrollIntoView({ block: "nearest" });
    announce(`已移到：${title()}`);
  } else {
    announce(by < 0 ? "已经是第一项" : "已经是最后一项");
  }
}

function remove(item, changed) {
  const title = item.querySelector(".item-title").textContent.trim();
  const says = Array.from(item.querySelectorAll(".control")).some((control) => control.value !== (control.dataset.default || "") && control.tagName !== "SELECT");
  const list = item.parentElement.closest("[data-list]");
  const undo = removeItem(item);
  list.querySelector(":scope > [data-do=add]").focus();
  if (!says) return;
  notice("removed", "note", `已删除“${title}”。`, [
    ["撤销删除", () => {
      undo();
      dismiss("removed");
      changed();
    }],
  ]);
}

/** Offers to split a paragraph that runs points together. */
export function offerSplit(control, changed) {
  const item = paragraphOf(control);
  if (!item) return;
  const count = pointsOf(control.value).length;
  let offer = item.querySelector(":scope > .split-offer");
  if (count < 2) {
    if (offer) offer.remove();
    return;
  }
  if (!offer) {
    offer = make("button", "button button-small split-offer");
    offer.type = "button";
    offer.addEventListener("click", () => {
      const made = split(item);
      offer.remove();
      announce(`已分成 ${made} 段`);
      changed();
    });
    item.append(offer);
  }
  offer.textContent = `按“一是、二是”分成 ${count} 段`;
}
