// @ts-check
// Words found and replaced over all fields of the report. What is replaced at once is undone at once.

import { fit } from "./areas.js";
import { controlsIn, first, make, makeButton, unfold } from "./elements.js";
import { form } from "./parts.js";

/** @typedef {HTMLInputElement | HTMLTextAreaElement} TextControl */

/** @typedef {{ control: TextControl, start: number }} Place */

const wanted = entry("replace-wanted");
const by = entry("replace-by");
const state = make("p", "hint");
const bar = made();

/** @type {HTMLElement | null} */
let before = null;

/** @param {string} id */
function entry(id) {
  const made = make("input", "control");
  made.type = "text";
  made.id = id;
  return made;
}

/** The bar below the form's own, used by key and button. */
function made() {
  const bar = make("div", "replace");
  bar.id = "replace";
  bar.setAttribute("role", "search");
  bar.setAttribute("aria-label", "查找和替换");
  state.id = "replace-state";
  state.setAttribute("role", "status");
  const label = (/** @type {string} */ text, /** @type {HTMLElement} */ control) => {
    const made = make("label", "", text);
    made.append(control);
    return made;
  };
  const button = (/** @type {string} */ id, /** @type {string} */ text, /** @type {() => void} */ act) => {
    const made = makeButton("button button-small", text, act);
    made.id = id;
    return made;
  };
  bar.append(
    label("查找", wanted),
    label("替换为", by),
    button("replace-previous", "上一处", () => go(-1)),
    button("replace-next", "下一处", () => go(1)),
    button("replace-one", "替换", replaceOne),
    button("replace-all", "全部替换", replaceEverywhere),
    button("replace-close", "关闭", close),
    state,
  );
  first(document, ".bar").append(bar);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F3" || bar.hidden) return;
    go(event.shiftKey ? -1 : 1);
    event.preventDefault();
  });
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && event.target === wanted) go(event.shiftKey ? -1 : 1);
    else if (event.key === "Enter" && event.target === by) replaceOne();
    else return;
    event.preventDefault();
  });
  wanted.addEventListener("input", () => tell());
  return bar;
}

/** Opens it, with the words that are chosen in the form. */
export function openReplacing() {
  const control = document.activeElement;
  if (!bar.contains(control)) before = control instanceof HTMLElement ? control : null;
  if (isText(control) && form.contains(control) && control.name) {
    const chosen = control.value.slice(control.selectionStart || 0, control.selectionEnd || 0);
    if (chosen && !chosen.includes("\n")) wanted.value = chosen;
  }
  bar.hidden = false;
  wanted.focus();
  wanted.select();
  tell();
}

function close() {
  bar.hidden = true;
  if (before && before.isConnected) before.focus();
}

/** Where the words stand, in the order of the form. */
function places() {
  const words = wanted.value;
  /** @type {Place[]} */
  const found = [];
  if (!words) return found;
  for (const control of controlsIn(form)) {
    if (!isText(control) || control.matches(":disabled")) continue;
    for (let start = control.value.indexOf(words); start >= 0; start = control.value.indexOf(words, start + words.length)) {
      found.push({ control, start });
    }
  }
  return found;
}

/** @param {string} [said] */
function tell(said) {
  const count = places().length;
  state.textContent = typeof said === "string" ? said : wanted.value ? `共 ${count} 处` : "";
}

/**
 * Chooses the next place, or the one before; from where the cursor was.
 * @param {1 | -1} by
 */
function go(by) {
  const found = places();
  if (!found.length) {
    tell();
    return;
  }
  const at = found.findIndex(isChosen);
  const next = at < 0 ? (by > 0 ? following(found) : found.length - 1) : (at + by + found.length) % found.length;
  choose(found[next]);
  tell(`第 ${next + 1} 处，共 ${found.length} 处`);
}

/** The place that was chosen last. @type {Place | null} */
let last = null;

/** @param {Place} place */
function isChosen({ control, start }) {
  return Boolean(last && last.control === control && last.start === start);
}

/**
 * The first place behind the field in which one was.
 * @param {Place[]} found
 */
function following(found) {
  const from = last && last.control.isConnected ? last.control : before;
  if (!from || !form.contains(from)) return 0;
  const start = last && last.control === from ? last.start : -1;
  const at = found.findIndex((one) =>
    one.control === from ? one.start > start : Boolean(from.compareDocumentPosition(one.control) & Node.DOCUMENT_POSITION_FOLLOWING),
  );
  return Math.max(0, at);
}

/** @param {Place} place */
function choose({ control, start }) {
  last = { control, start };
  unfold(control);
  control.focus({ preventScroll: true });
  control.setSelectionRange(start, start + wanted.value.length);
  control.scrollIntoView({ block: "center" });
}

/** Replaces the words that are chosen, and goes on; where none are, chooses the first. */
function replaceOne() {
  const place = places().find(isChosen);
  if (place) {
    const { control, start } = place;
    control.setRangeText(by.value, start, start + wanted.value.length, "end");
    control.dispatchEvent(new Event("input", { bubbles: true }));
    last = { control, start: start + by.value.length - 1 };
  }
  go(1);
}

function replaceEverywhere() {
  const found = places();
  const changed = new Set(found.map(({ control }) => control));
  for (const control of changed) control.value = control.value.split(wanted.value).join(by.value);
  fit(Array.from(changed).filter((one) => one instanceof HTMLTextAreaElement));
  if (found.length) form.dispatchEvent(new Event("change"));
  tell(found.length ? `替换了 ${found.length} 处，可以撤销` : "没有找到");
}

/**
 * @param {Element | null} control
 * @returns {control is TextControl}
 */
function isText(control) {
  return control instanceof HTMLTextAreaElement || (control instanceof HTMLInputElement && ["text", ""].includes(control.getAttribute("type") || ""));
}
