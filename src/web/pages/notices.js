// @ts-check
// What the page says of itself: the state of the draft, notices, words for screen readers.

import { all, around, asControl, byId, make, makeButton } from "./elements.js";

/** What had the cursor last, outside of the notices. @type {HTMLElement | null} */
let place = null;

/** Whether more than the first notice is shown. */
let showsAll = false;

document.addEventListener("focusin", ({ target }) => {
  if (target instanceof HTMLElement && !around(target, "#notices")) place = target;
});

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
 * One notice of each kind at a time, and the newest is seen; the others wait behind it.
 * `actions` are buttons: a label, and what to do.
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
  queue();
}

/**
 * Has a notice that stands say something else, where it does.
 * @param {string} id
 * @param {string} text
 */
export function retell(id, text) {
  const said = document.querySelector(`#notice-${id} > p`);
  if (said && said.textContent !== text) said.textContent = text;
}

/**
 * Puts a notice away, and the cursor where it was.
 * @param {string} id
 */
export function dismiss(id) {
  const box = document.getElementById(`notice-${id}`);
  if (!box) return;
  const hasCursor = box.contains(document.activeElement);
  box.remove();
  queue();
  if (hasCursor) (place && place.isConnected ? place : byId("content")).focus({ preventScroll: true });
}

/** Shows the first of the notices, and says how many wait behind it. */
function queue() {
  const boxes = all(byId("notices"), ":scope > .notice");
  const old = document.getElementById("waiting-notices");
  if (old) old.remove();
  if (boxes.length < 2) showsAll = false;
  boxes.forEach((box, index) => {
    box.hidden = index > 0 && !showsAll;
  });
  if (boxes.length > 1 && !showsAll) {
    const button = makeButton("button button-quiet button-small", `还有 ${boxes.length - 1} 条消息`, () => {
      showsAll = true;
      queue();
      const [next] = all(boxes[1], "button");
      if (next) next.focus();
    });
    button.id = "waiting-notices";
    byId("notices").append(button);
  }
  uncover();
}

/** What one writes in is not left behind the notices. */
function uncover() {
  const control = asControl(document.activeElement);
  if (!control) return;
  const covered = byId("notices").getBoundingClientRect();
  const { top, bottom } = control.getBoundingClientRect();
  if (bottom > covered.top && top < covered.bottom) control.scrollIntoView({ block: "nearest" });
}

/** @param {number} time */
export function clock(time) {
  return new Date(time).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
}

/** @param {number} time */
export function when(time) {
  return new Date(time).toLocaleString("zh-CN", { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit" });
}
