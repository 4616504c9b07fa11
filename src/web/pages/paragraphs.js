// @ts-check
// Text that comes from elsewhere: clean paragraphs out of Word.

import { fit } from "./areas.js";
import { asControl, byId } from "./elements.js";
import { addItems, listOf, paragraphOf, textOf } from "./lists.js";
import { dismiss, notice } from "./notices.js";
import { openText } from "./opening.js";

/** @import { Control } from "./elements.js" */

/** What leaves no trace on paper, as the contract has it, but for what begins or divides a line. */
const INVISIBLE = new RegExp(byId("form").dataset.invisible || "", "gu");

/** A number that a heading or a paragraph brings along; the program numbers them itself. */
const NUMBER = /^(?:[（(][一二三四五六七八九十\d]{1,3}[）)]|[一二三四五六七八九十]{1,3}、(?![一二三四五六七八九十])|\d{1,2}[.．、）)](?!\d)|[①-⑳])\s*/;

/** A heading of the first level that names one of the parts. */
const SECTION = /^[\s\u3000]*[一二三四五六]、.{0,30}(?:举措|成效|情况|不足|问题|职责|履职|安排|打算|计划)/;

/**
 * Cleans what is pasted; several paragraphs into the text of a paragraph become as many items.
 * @param {ClipboardEvent} event
 */
export function onPaste(event) {
  const control = asControl(event.target);
  const pasted = event.clipboardData && event.clipboardData.getData("text/plain");
  if (!pasted || !control || control.dataset.entry === "table") return;
  event.preventDefault();
  const item = paragraphOf(control);
  const lines = cleaned(pasted).split("\n");
  // A number within a sentence that is gone on with is its own.
  const own = item || control.name.endsWith(".heading") ? lines.map((line, at) => (at || beginsAt(control) ? line.replace(NUMBER, "") : line)) : lines;
  if (item && own.length > 1) insertParagraphs(item, own);
  else insert(control, own.join(control.tagName === "INPUT" ? "" : "\n"));
  if (isWholeReport(pasted)) offerParting(pasted);
}

/**
 * Whether the cursor stands where the text begins.
 * @param {Control} control
 */
function beginsAt(control) {
  return !("selectionStart" in control && control.selectionStart);
}

/**
 * Whether a text has sections of its own, as a whole report has.
 * @param {string} text
 */
function isWholeReport(text) {
  return text.split(/[\r\n]+/).filter((line) => SECTION.test(line)).length > 1;
}

/** @param {string} text */
function offerParting(text) {
  notice("pasted", "note", "粘贴的像是整份报告，可以按它的标题分到各个部分；现在写的会另外留着。", [
    ["分到各个部分", () => {
      dismiss("pasted");
      openText(text);
    }],
  ]);
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
 * Paragraphs at the cursor: the first goes on what stands before it, the last is gone on by what stood behind.
 * @param {HTMLElement} item
 * @param {string[]} lines
 */
function insertParagraphs(item, lines) {
  const text = textOf(item);
  const behind = text.value.slice(text.selectionEnd);
  const items = [item, ...addItems(listOf(item), lines.length - 1, item)];
  const texts = items.map(textOf);
  text.value = text.value.slice(0, text.selectionStart) + lines[0];
  lines.forEach((line, index) => {
    if (index) texts[index].value = line;
  });
  const last = texts[texts.length - 1];
  const end = last.value.length;
  last.value += behind;
  fit(texts);
  last.focus();
  last.setSelectionRange(end, end);
  last.dispatchEvent(new Event("input", { bubbles: true }));
}

/**
 * @param {Control} control
 * @param {string} text
 */
function insert(control, text) {
  if (!("setRangeText" in control)) return;
  control.setRangeText(text, control.selectionStart || 0, control.selectionEnd || 0, "end");
  control.dispatchEvent(new Event("input", { bubbles: true }));
}
