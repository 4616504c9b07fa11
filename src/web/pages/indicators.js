// @ts-check
// What follows from the name of an indicator that is chosen from the list: its key and its unit of measure.

import { all } from "./elements.js";

/** @param {HTMLElement} form */
export function followNames(form) {
  form.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.getAttribute("list") !== "indicator-names") return;
    const chosen = all(document, "#indicator-names option").find((one) => one.getAttribute("value") === target.value);
    for (const part of chosen ? ["key", "unit"] : []) {
      const [beside] = document.getElementsByName(target.name.replace(/name$/, part));
      const follows = chosen && chosen.dataset[part];
      // What somebody has written stays.
      if (!(beside instanceof HTMLInputElement) || beside.value || !follows) continue;
      beside.value = follows;
      beside.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
}
