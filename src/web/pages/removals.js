// @ts-check
// What was removed, and the way back: the last first, as long as the notice of it stands.

import { dismiss, notice } from "./notices.js";

/** @typedef {{ title: string, item: HTMLElement, undo: () => void }} Removal */

/** @type {Removal[]} */
let removals = [];

/**
 * Tells of a removal; `changed` says that the form is another.
 * @param {Removal} removal
 * @param {() => void} changed
 */
export function tellRemoval(removal, changed) {
  // Who has put the notice away is done with what it told of.
  if (!document.getElementById("notice-removed")) removals = [];
  removals.push(removal);
  tell(changed);
}

/** @param {() => void} changed */
function tell(changed) {
  // What was undone by key stands in the form again.
  removals = removals.filter((one) => !one.item.isConnected);
  const last = removals[removals.length - 1];
  if (!last) {
    dismiss("removed");
    return;
  }
  const before = removals.length > 1 ? `先前删除的还有 ${removals.length - 1} 项，可以逐项撤销。` : "";
  notice("removed", "note", `已删除“${last.title}”。${before}`, [
    ["撤销删除", () => {
      if (!last.item.isConnected) last.undo();
      tell(changed);
      changed();
    }],
  ]);
}
