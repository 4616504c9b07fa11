// @ts-check
// Points that a paragraph runs together: 一是…二是….

import { addItems, listOf, textOf } from "./lists.js";
import { first } from "./elements.js";

const POINT = /(?<=^|[。；！？\n])(?=[一二三四五六七八九十]{1,3}是)/;
const BEGINNING = /^[一二三四五六七八九十]{1,3}是/;

/**
 * The points that a text runs together; none unless there are several.
 * @param {string} text
 */
export function pointsOf(text) {
  const points = text.split(POINT).map((point) => point.trim()).filter(Boolean);
  return points.filter((point) => BEGINNING.test(point)).length > 1 ? points : [];
}

/**
 * Makes each point of a paragraph an item of its own, its first sentence the lead. Tells how many.
 * @param {HTMLElement} item
 */
export function split(item) {
  const points = pointsOf(textOf(item).value);
  const items = [item, ...addItems(listOf(item), points.length - 1, item)];
  points.forEach((point, index) => {
    const end = point.indexOf("。") + 1;
    const hasMore = BEGINNING.test(point) && end > 0 && end < point.length;
    const lead = first(items[index], '[name$=".lead"]', HTMLInputElement);
    if (hasMore && !(items[index] === item && lead.value)) write(lead, point.slice(0, end));
    write(textOf(items[index]), hasMore && lead.value === point.slice(0, end) ? point.slice(end) : point);
  });
  return points.length;
}

/**
 * @param {HTMLInputElement | HTMLTextAreaElement} control
 * @param {string} text
 */
function write(control, text) {
  control.value = text;
  control.dispatchEvent(new Event("input", { bubbles: true }));
}
