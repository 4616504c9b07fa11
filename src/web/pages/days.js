// @ts-check
// A day picked from the browser's calendar, for whoever does not want to type it. The field stays a text: it takes
// any writing of a day.

import { controlsIn, make } from "./elements.js";

/** @param {ParentNode} root */
export function offerDays(root) {
  for (const control of controlsIn(root)) {
    if (control.dataset.entry !== "date" || !(control instanceof HTMLInputElement)) continue;
    const picker = make("input", "day-picker");
    picker.type = "date";
    picker.setAttribute("aria-label", "从日历里选");
    picker.title = "从日历里选";
    picker.addEventListener("change", () => {
      if (!picker.value) return;
      control.value = picker.value;
      control.dispatchEvent(new Event("input", { bubbles: true }));
    });
    picker.addEventListener("focus", () => {
      picker.value = /^\d{4}-\d{2}-\d{2}$/.test(control.value) ? control.value : "";
    });
    const row = make("span", "day-row");
    control.before(row);
    row.append(control, picker);
  }
}
