// @ts-check
// What was done in the form, step by step, to be undone and done again: typing, pasting, items that come, go and
// move, a report that is opened. A step holds the elements themselves, so what was removed comes back as it was.

import { all, asControl, byId, controlsIn, cursorOf, first, makeButton, unfold } from "./elements.js";
import { fit } from "./areas.js";
import { arrange, itemsOf } from "./lists.js";
import { announce } from "./notices.js";
import { form } from "./parts.js";
import { onChange } from "./typing.js";

/** @import { Control } from "./elements.js" */

/**
 * What stands in the form: the items of each list, and what each control holds.
 * @typedef {{ items: Map<HTMLElement, Element[]>, values: Map<Control, string> }} Standing
 */

/**
 * One change: of lists and controls what was and what is, and of a change of drafts their ids.
 * @typedef {object} Step
 * @property {[HTMLElement, Element[], Element[]][]} lists
 * @property {[Control, string, string][]} values
 * @property {[string, string]} [drafts]
 * @property {number} time
 */

/** How many steps are kept. */
const MOST = 200;

/** What is typed into a field without a longer pause is one step, in milliseconds. */
const PAUSE = 1000;

/** @type {Standing} */
let standing = { items: new Map(), values: new Map() };
/** @type {Step[]} */
let done = [];
/** @type {Step[]} */
let undone = [];
let isWaiting = false;

/** Called with the id of the draft to which a step leads. */
export const steps = { onDraft: (/** @type {string} */ _) => {} };

const undoButton = button("undo", "↶", "撤销", "Ctrl+Z", () => go(done, undone));
const redoButton = button("redo", "↷", "重做", "Ctrl+Y", () => go(undone, done));

/** Follows the form, and lets its steps be undone by button and by key. */
export function handleSteps() {
  byId("draft-state").after(undoButton, redoButton);
  onChange(form, () => {
    if (isWaiting) return;
    isWaiting = true;
    // What one deed of the writer changes here and there is one step.
    queueMicrotask(() => noteStep());
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
    const key = event.key.toLowerCase();
    if ((key !== "z" && key !== "y") || isOfAnother(event.target)) return;
    event.preventDefault();
    if (key === "z" && !event.shiftKey) go(done, undone);
    else go(undone, done);
  });
  // The browser's own menu.
  form.addEventListener("beforeinput", (event) => {
    if (!event.inputType.startsWith("history") || isOfAnother(event.target)) return;
    event.preventDefault();
    if (event.inputType === "historyUndo") go(done, undone);
    else go(undone, done);
  });
  forgetSteps();
}

/** Another report stands in the form, from which no way leads back. */
export function forgetSteps() {
  standing = look();
  done = [];
  undone = [];
  tell();
}

/**
 * Notes what has changed as a step; `drafts` says so where it led from one draft to another.
 * @param {[string, string]} [drafts]
 */
export function noteStep(drafts) {
  isWaiting = false;
  const before = standing;
  standing = look();
  const step = difference(before, standing);
  if (!step.lists.length && !step.values.length && !drafts) return;
  undone = [];
  const last = done[done.length - 1];
  if (!drafts && last && goesOn(last, step)) {
    last.values[0][2] = step.values[0][2];
    last.time = step.time;
  } else {
    done.push({ ...step, drafts });
    if (done.length > MOST) done.shift();
  }
  tell();
}

/**
 * Whether these go on typing where that ended.
 * @param {Step} last
 * @param {Step} step
 */
function goesOn(last, step) {
  const isOne = (/** @type {Step} */ one) => !one.lists.length && one.values.length === 1 && !one.drafts;
  const [control, was, is] = step.values[0] || [];
  const isTyped = control && Math.abs(is.length - was.length) <= 1;
  return isOne(last) && isOne(step) && isTyped && last.values[0][0] === control && step.time - last.time < PAUSE;
}

/**
 * Does the last step of one pile the other way round, and lays it on the other.
 * @param {Step[]} from
 * @param {Step[]} to
 */
function go(from, to) {
  noteStep();
  const step = from.pop();
  if (!step) {
    announce(from === done ? "没有可以撤销的了" : "没有可以重做的了");
    return;
  }
  /** @type {Step} */
  const back = {
    lists: step.lists.map(([list, was, is]) => [list, is, was]),
    values: step.values.map(([control, was, is]) => [control, is, was]),
    drafts: step.drafts && [step.drafts[1], step.drafts[0]],
    time: 0,
  };
  to.push(back);
  for (const [list, items] of step.lists) arrange(list, items);
  for (const [control, value] of step.values) put(control, value);
  if (step.drafts) steps.onDraft(step.drafts[0]);
  standing = look();
  fit(areasOf(step));
  form.dispatchEvent(new Event("change"));
  show(step);
  announce(from === done ? "已撤销" : "已重做");
  tell();
}

/**
 * Puts the cursor where something came back or went.
 * @param {Step} step
 */
function show({ lists, values }) {
  const [changed] = values.filter(([control]) => control.isConnected);
  const [list, items] = lists[0] || [];
  const item = items && items.find((one) => one.isConnected);
  const element = changed ? changed[0] : item ? controlsIn(item)[0] : list && first(list, ":scope > button");
  if (!element) return;
  const target = cursorOf(element);
  unfold(target);
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "center" });
  if (target !== element || !changed || !("setSelectionRange" in changed[0]) || changed[0].type === "checkbox") return;
  const end = endOfChange(changed[1], changed[2]);
  changed[0].setSelectionRange(end, end);
}

/**
 * Where in a text that what is other than in another text ends.
 * @param {string} text
 * @param {string} other
 */
function endOfChange(text, other) {
  let same = 0;
  const most = Math.min(text.length, other.length);
  while (same < most && text[text.length - 1 - same] === other[other.length - 1 - same]) same += 1;
  return text.length - same;
}

/** @param {Step} step */
function areasOf({ lists, values }) {
  const controls = [...values.map(([control]) => control), ...lists.flatMap(([list]) => controlsIn(list))];
  /** @type {(one: Control) => one is HTMLTextAreaElement} */
  const isArea = (one) => one instanceof HTMLTextAreaElement && one.isConnected;
  return new Set(controls.filter(isArea));
}

/** @returns {Standing} */
function look() {
  return {
    items: new Map(all(form, ".list").map((list) => [list, Array.from(itemsOf(list).children)])),
    values: new Map(controlsIn(form).map((control) => [control, held(control)])),
  };
}

/**
 * @param {Standing} was
 * @param {Standing} is
 * @returns {Step}
 */
function difference(was, is) {
  /** @type {Step} */
  const step = { lists: [], values: [], time: Date.now() };
  for (const [list, items] of is.items) {
    const old = was.items.get(list);
    if (old && (old.length !== items.length || old.some((item, at) => item !== items[at]))) step.lists.push([list, old, items]);
  }
  for (const [control, value] of is.values) {
    const old = was.values.get(control);
    if (old !== undefined && old !== value) step.values.push([control, old, value]);
  }
  return step;
}

/** @param {Control} control */
function held(control) {
  return control.type === "checkbox" && control instanceof HTMLInputElement ? String(control.checked) : control.value;
}

/**
 * @param {Control} control
 * @param {string} value
 */
function put(control, value) {
  if (control.type === "checkbox" && control instanceof HTMLInputElement) control.checked = value === "true";
  else control.value = value;
}

/**
 * Whether a key is meant for a field that is none of the report's.
 * @param {EventTarget | null} target
 */
function isOfAnother(target) {
  return target instanceof Element && target.matches("input:not(.cell), textarea, select") && !asControl(target);
}

/** Whether there is anything to undo and to do again. */
function tell() {
  undoButton.disabled = !done.length;
  redoButton.disabled = !undone.length;
}

/**
 * @param {string} id
 * @param {string} sign
 * @param {string} label
 * @param {string} key
 * @param {() => void} act
 */
function button(id, sign, label, key, act) {
  const made = makeButton("button button-quiet", sign, act);
  made.id = id;
  made.title = `${label}（${key}）`;
  made.setAttribute("aria-label", label);
  return made;
}
