// @ts-check
// What the page says of itself: the state of the draft, notices, words for screen readers.

import { byId, make, makeButton } from "./elements.js";

/**
 * The state of the draft, in the bar.
 * @param {string} text
 * @param {boolean} [isBad]
 */
export function state(text, isBad) {
  byId("draft-state").textContent = text;
  byId("draft-state").classList.toggle("is-bad", Boolean(isBad));
}

/**
 * Words that only a screen reader says.
 * @param {string} text
 */
export function announce(text) {
  byId("announcement").textContent = text;
}

/**
 * One notice of each kind at a time; `actions` are buttons: a label, and what to do.
 * @param {string} id
 * @param {"note" | "warning" | "error"} kind
 * @param {string} text
 * @param {[string, () => void][]} actions
 * @param {HTMLElement} [more]
 */
export function notice(id, kind, text, actions, more) {
  dismiss(id);
  const box = make("section", `notice notice-${kind}`);
  box.id = `notice-${id}`;
  box.setAttribute("role", kind === "error" ? "alert" : "status");
  box.append(make("p", "", text));
  if (more) box.append(more);
  const buttons = make("p", "buttons");
  for (const [label, act] of actions) buttons.append(makeButton("button button-small", label, act));
  buttons.append(makeButton("button button-quiet button-small", "知道了", () => dismiss(id)));
  box.append(buttons);
  byId("notices").prepend(box);
}

/** @param {string} id */
export function dismiss(id) {
  const box = document.getElementById(`notice-${id}`);
  if (box) box.remove();
}

/** @param {number} time */
export function clock(time) {
  return new Date(time).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
}

/** @param {number} time */
export function when(time) {
  return new Date(time).toLocaleString("zh-CN", { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit" });
}
