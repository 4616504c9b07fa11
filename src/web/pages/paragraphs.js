// @ts-check
// Text that comes from elsewhere: clean paragraphs out of Word, points out of 一是…二是….

import { around, asControl, byId, first } from "./elements.js";
import { addItem, listOf } from "./lists.js";

/** @import { Control } from "./elements.js" */

const POINT = /(?<=^|[。；！？\n])(?=[一二三四五六七八九十]{1,3}是)/;

/** What leaves no trace on paper, as the contract has it, but for what begins or divides a line. */
const INVISIBLE = new RegExp(byId("form").dataset.invisible || "", "gu");

/**
 * Cleans what is pasted; several paragraphs into the text of a paragraph become as many items.
 * @param {ClipboardEvent} event
 */
export function onPaste(event) {
  const control = asControl(event.target);
  const pasted = event.clipboardData && event.clipboardData.getData("text/plain");
  if (!pasted || !control || control.dataset.entry === "table") return;
  event.preventDefault();
  let lines = cleaned(pasted).split("\n");
  if (control.tagName === "INPUT") lines = [lines.join("")];
  const item = paragraphOf(control);
  if (!item || lines.length === 1) {
    insert(control, lines.join("\n"));
    return;
  }
  insert(control, lines[0]);
  let behind = item;
  for (const line of lines.slice(1)) {
    behind = addItem(listOf(item), behind);
    write(textOf(behind), line);
  }
  textOf(behind).focus();
}

/**
 * A text as an office program copies it, without what leaves no trace on paper.
 * @param {string} text
 */
export function cleaned(text) {
  return text
    .replace(/\r\n?|\v|\f/g, "\n")
    .replace(INVISIBLE, "")
    .replace(/\u00A0/g, " ")
    .split("\n")
    .map((line) => line.replace(/^[\s\u3000]+|[\s\u3000]+$/g, "").replace(/\t+/g, " "))
    .filter(Boolean)
    .join("\n");
}

/**
 * The points that a text runs together; none unless there are several.
 * @param {string} text
 */
export function pointsOf(text) {
  const points = text.split(POINT).map((point) => point.trim()).filter(Boolean);
  return points.filter((point) => /^[一二三四五六七八九十]{1,3}是/.test(point)).length > 1 ? points : [];
}

/**
 * Makes each point of a paragraph an item of its own, its first sentence the lead. Tells how many.
 * @param {HTMLElement} item
 */
export function split(item) {
  const points = pointsOf(textOf(item).value);
  /** @type {HTMLElement | null} */
  let behind = null;
  for (const point of points) {
    behind = behind ? addItem(listOf(item), behind) : item;
    const end = point.indexOf("。") + 1;
    const isPoint = /^[一二三四五六七八九十]{1,3}是/.test(point);
    const hasMore = isPoint && end > 0 && end < point.length;
    const lead = first(behind, '[name$=".lead"]', HTMLInputElement);
    if (hasMore && !(behind === item && lead.value)) write(lead, point.slice(0, end));
    write(textOf(behind), hasMore && lead.value === point.slice(0, end) ? point.slice(end) : point);
  }
  return points.length;
}

/**
 * The item of a body whose text this control is.
 * @param {Control} control
 */
export function paragraphOf(control) {
  return /\.body\[\d+\]\.text$/.test(control.name) ? around(control, ".item") : null;
}

/** @param {HTMLElement} item */
function textOf(item) {
  return first(item, '[name$=".text"]', HTMLTextAreaElement);
}

/**
 * The browser's own command keeps what was typed in its list of things to undo.
 * @param {Control} control
 * @param {string} text
 */
function insert(control, text) {
  control.focus();
  if (!document.execCommand("insertText", false, text) && "setRangeText" in control) {
    control.setRangeText(text, control.selectionStart || 0, control.selectionEnd || 0, "end");
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/**
 * @param {HTMLInputElement | HTMLTextAreaElement} control
 * @param {string} text
 */
function write(control, text) {
  control.value = text;
  control.dispatchEvent(new Event("input", { bubbles: true }));
}
