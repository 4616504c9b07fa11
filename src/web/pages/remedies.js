// @ts-check
// What a finding says would be right, written into the fields; that of one finding, or of all of its kind.

import { fit } from "./areas.js";
import { asControl } from "./elements.js";
import { beginning } from "./jumps.js";
import { announce } from "./notices.js";
import { findings, form } from "./parts.js";

/** @import { Control } from "./elements.js" */
/** @import { Finding } from "./findings.js" */

/** A change of a text, in characters of the whole control. @typedef {{ start: number, end: number, words: string, replacement: string }} Change */

export function handleRemedies() {
  findings.onAdopt = adopt;
}

/** @param {Finding[]} found */
function adopt(found) {
  /** @type {Map<Control, Change[]>} */
  const changes = new Map();
  for (const { element, path, remedy } of found) {
    const control = asControl(element);
    if (!control) continue;
    const base = Array.from(control.value.slice(0, beginning(control, path))).length;
    const own = (remedy || []).map((one) => ({ ...one, start: base + one.start, end: base + one.end }));
    changes.set(control, [...(changes.get(control) || []), ...own]);
  }
  let count = 0;
  for (const [control, all] of changes) count += change(control, all);
  fit(Array.from(changes.keys()).filter((one) => one instanceof HTMLTextAreaElement));
  if (count) form.dispatchEvent(new Event("change"));
  announce(count ? `改了 ${count} 处，可以撤销` : "这里刚刚改过，没有再改");
}

/**
 * Changes the words that still stand where they stood; the last first, for the others to keep their places.
 * @param {Control} control
 * @param {Change[]} changes
 */
function change(control, changes) {
  const characters = Array.from(control.value);
  let count = 0;
  for (const { start, end, words, replacement } of changes.sort((one, other) => other.start - one.start)) {
    if (characters.slice(start, end).join("") !== words) continue;
    characters.splice(start, end - start, replacement);
    count += 1;
  }
  control.value = characters.join("");
  return count;
}
