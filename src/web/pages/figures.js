// @ts-check
// The indicators that the text states: offered below the list of them, and held against those that are listed.

import { fit } from "./areas.js";
import { all, byId, controlsIn, first, keepCursor, make, makeButton, putBeside, stopLike } from "./elements.js";
import { addItems, itemsOf } from "./lists.js";
import { announce } from "./notices.js";
import { findings, form } from "./parts.js";
import { followProofs } from "./proof.js";
import { post } from "./service.js";
import { elementOf, readForm } from "./tree.js";
import { isComposing } from "./typing.js";

/** @import { Report } from "./service.js" */
/** @import { Elements } from "./tree.js" */

/** @typedef {{ key: string, name: string, value: string, unit: string, approximate: boolean, sentence: string, path: string }} Stated */

const list = byId("indicators");
const box = make("section", "stated");
box.id = "stated";
box.setAttribute("aria-label", "正文里写到的指标");

/** Shows them, and goes along with what is written. */
export function offerFigures() {
  list.append(box);
  followProofs(look);
  // The proof of what an input method has put together asks then.
  if (isComposing()) return;
  const { report, elements } = readForm(form);
  look(report, elements);
}

/**
 * @param {Report} report
 * @param {Elements} elements
 */
async function look(report, elements) {
  try {
    /** @type {Stated[]} */
    const stated = await (await post("/api/figures", report)).json();
    show(stated, elements);
  } catch {
    // What is no report yet states nothing; the next proof asks again.
  }
}

/**
 * @param {Stated[]} stated
 * @param {Elements} elements
 */
function show(stated, elements) {
  const listed = stated.map((one) => ({ one, item: itemOf(one) }));
  for (const item of all(itemsOf(list), ":scope > .item")) {
    const like = stopLike(item, ".stated-otherwise button");
    const draw = () => {
      for (const old of all(item, ".stated-otherwise")) old.remove();
      for (const { one, item: of } of listed) if (of === item && part(item, "value").value !== one.value) compare(item, one, elements);
    };
    keepCursor(item, draw, () => like() || part(item, "value"));
  }
  const missing = listed.filter(({ item }) => !item).map(({ one }) => one);
  keepCursor(box, () => box.replaceChildren(...(missing.length ? offered(missing, elements) : [])), stopLike(box, "button"));
}

/**
 * The item that lists it.
 * @param {Stated} one
 */
function itemOf(one) {
  return all(itemsOf(list), ":scope > .item").find((item) => part(item, "key").value === one.key || part(item, "name").value === one.name);
}

/**
 * @param {Stated[]} missing
 * @param {Elements} elements
 */
function offered(missing, elements) {
  const entries = make("ul", "import-list");
  for (const one of missing) {
    const entry = make("li");
    entry.append(
      make("strong", "", `${one.name} ${said(one)}`), " ",
      makeButton("button button-small", "列为指标", () => {
        // Nobody lists it twice before the next answer.
        entry.remove();
        enter([one]);
      }), " ",
      source(one, elements),
    );
    entries.append(entry);
  }
  /** @type {HTMLElement[]} */
  const parts = [make("h3", "", `正文里写到、还没有列出的指标（${missing.length} 项）`), entries];
  if (missing.length > 1) parts.push(makeButton("button button-small", "全部列出", () => enter(missing.filter((one) => !itemOf(one)))));
  return parts;
}

/**
 * The sentence that states it, with the way there.
 * @param {Stated} one
 * @param {Elements} elements
 */
function source(one, elements) {
  const line = make("p", "import-target");
  const element = elementOf(elements, one.path);
  const go = () => element && element.isConnected && findings.onGo(element, one.path, one.sentence);
  line.append(make("q", "import-text", one.sentence), " ", makeButton("jump", "看原文", go));
  return line;
}

/**
 * Tells beside an indicator that the text states another figure, or one where it has none.
 * @param {HTMLElement} item
 * @param {Stated} one
 * @param {Elements} elements
 */
function compare(item, one, elements) {
  const value = part(item, "value");
  const isEmpty = !value.value.trim();
  const isAnother = numberOf(value.value) !== numberOf(one.value) && part(item, "unit").value === one.unit;
  const isApproximate = one.approximate || first(item, '[name$=".approximate"]', HTMLInputElement).checked;
  if (!isEmpty && (!isAnother || isApproximate)) return;
  const line = make("div", `stated-otherwise taken finding finding-${isEmpty ? "note" : "warning"}`);
  line.append(
    isEmpty ? `正文里写的是 ${said(one)}。` : `正文里写的是 ${said(one)}，这里是 ${value.value}${one.unit}，请核对。`,
    makeButton("button button-small", "用正文的数", () => {
      value.value = one.value;
      changed();
      value.focus();
      line.remove();
    }),
    source(one, elements),
  );
  putBeside(value, line);
}

/** @param {Stated[]} stated */
function enter(stated) {
  if (!stated.length) return;
  const items = addItems(list, stated.length);
  stated.forEach((one, index) => {
    for (const field of /** @type {const} */ (["key", "name", "value", "unit"])) part(items[index], field).value = one[field];
    first(items[index], '[name$=".approximate"]', HTMLInputElement).checked = one.approximate;
  });
  for (const item of items) fit(item.querySelectorAll("textarea"));
  changed();
  controlsIn(items[0])[0].focus();
  announce(`已列出 ${stated.length} 项指标，可以撤销`);
}

function changed() {
  form.dispatchEvent(new Event("change"));
}

/**
 * @param {HTMLElement} item
 * @param {"key" | "name" | "value" | "unit"} field
 */
function part(item, field) {
  return first(item, `[name$=".${field}"]`, HTMLInputElement);
}

/** @param {Stated} one */
function said({ value, unit, approximate }) {
  return `${approximate ? "约 " : ""}${value}${unit}`;
}

/** @param {string} text */
function numberOf(text) {
  return Number(text.replace(/[,，\s]/g, ""));
}
