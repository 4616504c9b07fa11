// Text that comes from elsewhere: clean paragraphs out of Word, points out of 一是…二是….

import { addItem, listOf } from "./lists.js";
import { cleaned } from "./tree.js";

const POINT = /(?<=^|[。；！？\n])(?=[一二三四五六七八九十]{1,3}是)/;

/** Cleans what is pasted; several paragraphs into the text of a paragraph become as many items. */
export function onPaste(event) {
  const control = event.target;
  const pasted = event.clipboardData && event.clipboardData.getData("text/plain");
  if (!pasted || !control.dataset || !control.dataset.entry || control.dataset.entry === "table") return;
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

/** The points that a text runs together; none unless there are several. */
export function pointsOf(text) {
  const points = text.split(POINT).map((point) => point.trim()).filter(Boolean);
  return points.filter((point) => /^[一二三四五六七八九十]{1,3}是/.test(point)).length > 1 ? points : [];
}

/** Makes each point of a paragraph an item of its own, its first sentence the lead. */
export function split(item) {
  const points = pointsOf(textOf(item).value);
  let behind = null;
  for (const point of points) {
    behind = behind ? addItem(listOf(item), behind) : item;
    const end = point.indexOf("。") + 1;
    const isPoint = /^[一二三四五六七八九十]{1,3}是/.test(point);
    const hasMore = isPoint && end > 0 && end < point.length;
    const lead = behind.querySelector('[name$=".lead"]');
    if (hasMore && !(behind === item && lead.value)) write(lead, point.slice(0, end));
    write(textOf(behind), hasMore && lead.value === point.slice(0, end) ? point.slice(end) : point);
  }
  return points.length;
}

/** The item of a body whose text this control is. */
export function paragraphOf(control) {
  return /\.body\[\d+\]\.text$/.test(control.name || "") ? control.closest("[data-item]") : null;
}

function textOf(item) {
  return item.querySelector('[name$=".text"]');
}

// The browser's own command keeps what was typed in its list of things to undo.
function insert(control, text) {
  control.focus();
  if (!document.execCommand("insertText", false, text)) {
    control.setRangeText(text, control.selectionStart, control.selectionEnd, "end");
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function write(control, text) {
  control.value = text;
  control.dispatchEvent(new Event("input", { bubbles: true }));
}
