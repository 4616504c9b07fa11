// What the page says of itself: the state of the draft, notices, words for screen readers.

import { make } from "./elements.js";

const byId = (id) => document.getElementById(id);

/** The state of the draft, in the bar. */
export function state(text, isBad) {
  byId("draft-state").textContent = text;
  byId("draft-state").classList.toggle("is-bad", Boolean(isBad));
}

/** Words that only a screen reader says. */
export function announce(text) {
  byId("announcement").textContent = text;
}

/** One notice of each kind at a time; `actions` are buttons as [label, what to do]. */
export function notice(id, kind, text, actions, more) {
  dismiss(id);
  const box = make("section", `notice notice-${kind}`);
  box.id = `notice-${id}`;
  box.setAttribute("role", kind === "error" ? "alert" : "status");
  box.append(make("p", "", text));
  if (more) box.append(more);
  const buttons = make("p", "buttons");
  for (const [label, act] of actions) {
    const button = make("button", "button button-small", label);
    button.type = "button";
    button.addEventListener("click", act);
    buttons.append(button);
  }
  const close = make("button", "button button-quiet button-small", "知道了");
  close.type = "button";
  close.addEventListener("click", () => dismiss(id));
  buttons.append(close);
  box.append(buttons);
  byId("notices").prepend(box);
}

export function dismiss(id) {
  const box = byId(`notice-${id}`);
  if (box) box.remove();
}

export function clock(time) {
  return new Date(time).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
}

export function when(time) {
  return new Date(time).toLocaleString("zh-CN", { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit" });
}
