// @ts-check
// What follows from the name of an indicator that is chosen from the list: its key and its unit of measure.

import { all } from "./elements.js";

/** What stood in the name that has the cursor, when it came there. */
let before = "";

/** @param {HTMLElement} form */
export function followNames(form) {
  form.addEventListener("focusin", ({ target }) => {
    if (isName(target)) before = target.value;
  });
  form.addEventListener("change", ({ target }) => {
    if (!isName(target) || target.value === before) return;
    const [old, chosen] = [before, target.value].map(listed);
    before = target.value;
    for (const part of ["key", "unit"]) {
      const [beside] = document.getElementsByName(target.name.replace(/name$/, part));
      if (!(beside instanceof HTMLInputElement)) continue;
      // What somebody has written stays, and what followed from the name before goes with it.
      const followed = Boolean(old && beside.value === old[part]);
      if (beside.value && !followed) continue;
      // One's own may be counted in the same.
      const follows = (chosen || { key: "", unit: beside.value })[part] || "";
      if (beside.value === follows) continue;
      beside.value = follows;
      beside.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
}

/**
 * @param {EventTarget | null} target
 * @returns {target is HTMLInputElement}
 */
function isName(target) {
  return target instanceof HTMLInputElement && target.getAttribute("list") === "indicator-names";
}

/**
 * What the list knows of a name.
 * @param {string} name
 */
function listed(name) {
  const option = all(document, "#indicator-names option").find((one) => one.getAttribute("value") === name);
  return option && option.dataset;
}
